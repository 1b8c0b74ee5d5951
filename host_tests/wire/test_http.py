"""A web page can have a browser send what it likes to a node, behind a request line of HTTP: nothing of it is carried out."""

import socket
import time

import pytest

from host_tests.harness import error_class, split

REQUEST = b"POST / HTTP/1.1"
HEADERS = b"Host: 127.0.0.1:10767\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: 60\r\n\r\n"
BODY = b'change gate:target 3\ndo motor:stop\nchange types:_text "a page was here"\n'
TAKEN = b"change gate:target 3\n"  # what follows in the same packet, and looks most like a request
# what a browser sends first over TLS: a ticket that a server gave it earlier stands in it as it is
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + 32 * b"\x8a" + b"\x00\x23\x00\x60\n" + BODY


@pytest.fixture
def room(level):
    """How many places there are: see conftest.py."""
    return 3 if level == "frozen" else 8


@pytest.fixture
def untouched(bench):
    """bench, whose values have to be afterwards what they are now."""

    def look():
        with place(bench) as wire:
            return [split(wire.ask("read " + name))[2][0] for name in ("gate:target", "types:_text", "motor:target")]

    with place(bench) as wire:
        wire.ask("change gate:target 0")
        wire.ask('change types:_text "mine"')
    before = look()
    logged = len(bench.log)  # one of its modules is there to fail
    yield bench
    assert look() == before == [0, "mine", before[2]]
    assert "Traceback" not in bench.log[logged:]


def place(node):
    """A client that has a place: those of the clients before get free a moment after they left."""
    deadline = time.monotonic() + 10
    while True:
        wire = node.connect()
        try:
            if wire.ask("*IDN?").startswith("ISSE"):
                return wire
        except (EOFError, ConnectionError):
            pass
        wire.close()
        assert time.monotonic() < deadline, "no place gets free"
        time.sleep(0.02)


def said(wire, seconds=10):
    """All lines until the connection is closed; TimeoutError where it is not."""
    found = []
    deadline = time.monotonic() + seconds
    try:
        while True:
            found.append(wire.line(deadline - time.monotonic()))
    except (EOFError, ConnectionError) as e:
        assert not e.args or not isinstance(e.args[0], bytes) or e.args[0] == b"", "a line without end"
    return found


def turned_away(wire, words="HTTP"):
    """That it is told once, in words, and closed."""
    lines = said(wire)
    assert len(lines) == 1, lines
    assert error_class(lines[0]) == "ProtocolError" and words in split(lines[0])[2][1], lines


@pytest.mark.parametrize(
    "line",
    [
        b"POST / HTTP/1.1", b"GET * HTTP/1.1", b"GET http://127.0.0.1/ HTTP/1.0", b"OPTIONS * HTTP/1.1", b"PUT /a?b=c HTTP/1.1",
        b"PATCH http://127.0.0.1:10767/ HTTP/1.1", b"CONNECT 127.0.0.1:10767 HTTP/1.1", b"PRI * HTTP/2.0", b"HEAD / HTTP/9.9",
        b"change gate:target HTTP/1.1", b"*IDN? / HTTP/1.1", b"read / HTTP/1.1", b"x-Y!#$%&'*+.^_`|~09 / HTTP/1.1",
        b"post / http/1.1", b"Post / Http/1.1", b"POST\t/\tHTTP/1.1", b"POST  /  HTTP/1.1 ", b"POST / HTTP/1.1\t",
        b"POST / HTTP/1.",
        b"POST /" + 900 * b"a" + b" HTTP/1.1", b"POST /change%20gate:target%203 HTTP/1.1", b"\x00\xff / HTTP/1.1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_a_request_line_ends_the_connection(untouched, line, end):
    with untouched.connect() as wire:
        wire.socket.sendall(line + end + HEADERS + BODY)
        turned_away(wire)


def test_what_follows_in_the_same_packet_is_not_carried_out(untouched):
    for _ in range(5):
        with untouched.connect() as wire:
            wire.socket.sendall(REQUEST + b"\n" + 20 * TAKEN)
            turned_away(wire)


@pytest.mark.parametrize("begin", [b"\r\n", b"\n", 5 * b"\r\n"])
def test_empty_lines_before_it_do_not_help(untouched, begin):
    with untouched.connect() as wire:
        wire.socket.sendall(begin + REQUEST + b"\r\n" + HEADERS + BODY)
        lines = [line for line in said(wire) if not line.startswith("helping ")]
        assert len(lines) == 1 and error_class(lines[0]) == "ProtocolError" and "HTTP" in lines[0]


@pytest.mark.parametrize("pieces", [[1] * 200, [3, 1, 8, 2], [5], [15], [16], [17], [18, 100]])
def test_cut_into_packets(untouched, pieces):
    data = REQUEST + b"\r\n" + HEADERS + BODY
    with untouched.connect() as wire:
        try:
            for n in pieces:
                wire.socket.sendall(data[:n])
                data = data[n:]
                time.sleep(0.002)
            wire.socket.sendall(data)
        except ConnectionError:
            pass  # it has seen enough
        turned_away(wire)


def test_a_body_that_comes_late(untouched):
    """As a browser does it: header and body are two packets."""
    with untouched.connect() as wire:
        wire.socket.sendall(REQUEST + b"\r\n" + HEADERS)
        time.sleep(0.03)
        wire.socket.sendall(BODY)
        turned_away(wire)


@pytest.mark.parametrize("length", [1025, 1026, 1027, 2048, 5000, 100000])
@pytest.mark.parametrize("begin", [b"POST /", b"change gate:target ", b"\xc3\xa4", b"\x00"])
def test_an_over_long_first_line_ends_the_connection(untouched, begin, length):
    """Whatever it is: its end, where the version stands, is not waited for."""
    line = begin + (length - len(begin) - 9) * b"a" + b" HTTP/1.1"
    with untouched.connect() as wire:
        try:
            wire.socket.sendall(line + b"\r\n" + HEADERS + BODY)
        except ConnectionError:
            pass  # the rest of it
        turned_away(wire, "1024")


def test_an_over_long_first_line_that_does_not_end(untouched):
    with untouched.connect() as wire:
        wire.socket.sendall(2000 * b"a")
        turned_away(wire, "1024")


def test_the_words_arrive_however_much_follows(untouched):
    """A large body is on its way when the connection is closed."""
    with untouched.connect() as wire:
        try:
            wire.socket.sendall(REQUEST + b"\r\n" + HEADERS + 3000 * TAKEN)
        except ConnectionError:
            pass  # it did not take all of that
        turned_away(wire)


@pytest.mark.parametrize("size", [len(HELLO), 5, 1])
def test_tls(untouched, size):
    with untouched.connect() as wire:
        for i in range(0, len(HELLO), size):
            try:
                wire.socket.sendall(HELLO[i : i + size])
            except ConnectionError:
                break
        turned_away(wire, "TLS")


def test_once_it_has_spoken_secop_it_is_an_error_like_any_other(untouched):
    with place(untouched) as wire:
        for line in (b"GET / HTTP/1.1", REQUEST, b"\x16\x03\x01"):
            wire.send(line)
            assert error_class(wire.line()) == "ProtocolError"
        assert wire.ask("ping x").startswith("pong x ")
        wire.send(2000 * b"a")
        assert error_class(wire.line()) == "ProtocolError"
        assert wire.ask("ping x").startswith("pong x ")


@pytest.mark.parametrize(
    "line", ["describe", "ping http://x/1.1", 'change types:_text "GET / HTTP/1.1"', "what HTTP/1.1 is", "HTTP/1.1", "rubbish"]
)
def test_other_first_lines_end_nothing(bench, line):
    with bench.connect() as wire:
        wire.ask(line)
        assert wire.ask("ping x").startswith("pong x ")


def test_where_all_places_are_taken(untouched, room):
    """Refused for another reason, and in the end the same: words, closed, and nothing done."""
    wires = [place(untouched) for _ in range(room)]
    try:
        for _ in range(3):
            with untouched.connect() as wire:
                wire.socket.sendall(REQUEST + b"\r\n" + HEADERS + BODY)
                lines = said(wire)
                assert len(lines) == 1 and error_class(lines[0]) == "Impossible", lines
        assert wires[0].ask("ping x").startswith("pong x ")
    finally:
        for wire in wires:
            wire.close()


def test_a_place_that_gets_free_meanwhile(untouched, room):
    """Who waits for a place is looked at as closely as who gets one at once."""
    wires = [place(untouched) for _ in range(room)]
    try:
        with untouched.connect() as wire:
            wire.socket.sendall(REQUEST + b"\r\n" + HEADERS + BODY)
            wires.pop().close()
            lines = said(wire)
            assert len(lines) == 1 and error_class(lines[0]) in ("ProtocolError", "Impossible"), lines
    finally:
        for wire in wires:
            wire.close()


def test_the_place_is_free_again(untouched):
    for _ in range(30):
        with untouched.connect() as wire:
            wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire.socket.sendall(REQUEST + b"\r\n" + HEADERS + BODY)
    with place(untouched) as wire:
        assert wire.ask("ping x").startswith("pong x ")
