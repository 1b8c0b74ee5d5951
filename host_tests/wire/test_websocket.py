"""SECoP over WebSocket is SECoP over TCP, message for message; and who may not come in by it."""

import json
import re
import socket
import time

import pytest

from host_tests.harness import error_class, split

from . import websocket
from .conftest import BENCH
from .websocket import CLOSE, PING, PONG, Client, answered, frame, request

_TIME = re.compile(r'"t": [0-9.]+')


@pytest.fixture(autouse=True)
def before(bench):
    """Others' tests may have the same node."""
    bench.before = len(bench.log)


@pytest.fixture
def ws(bench):
    """A client over WebSocket, on the page's own origin."""
    with place(bench) as client:
        yield client


def place(node, **headers):
    """A client with a place: one that was just left gets free a moment later."""
    deadline = time.monotonic() + 10
    while True:
        try:
            client = Client(node.port, **headers)
        except (EOFError, ConnectionError):
            pass  # the node says in plain bytes that all places are taken
        else:
            if error_class(client.ask("ping x")) is None:
                return client
            client.close()
        assert time.monotonic() < deadline, "no place gets free"
        time.sleep(0.02)


def closed(client):
    """The code by which the node closes, whatever it says before; None where it just does."""
    try:
        while True:
            first, payload = client.frame()
            if first == 0x80 | CLOSE:
                return int.from_bytes(payload[:2])
    except (EOFError, ConnectionError):
        return None


# ---- the same as over TCP


@pytest.mark.parametrize(
    "line",
    [
        "*IDN?", "describe", "read gate:target", "read no:thing", "change gate:target 7", "check gate:target 3",
        "check gate:target 7", "rubbish", "ping", "ping abc def", "do calc:_nothing", "change gate:target [[",
        'change types:_text "\u00e4"', "read  x", "activate nobody", "ping " + 900 * "x", "ping " + 1019 * "x",
        "ping " + 1020 * "x", "ping " + 5000 * "x", "ping " + 70000 * "x",
        b"ping \xff\xfe", b"ping \x00",
    ],
)  # fmt: skip
def test_answers_are_those_of_tcp(bench, line):
    def told(wire):
        wire.ask("*IDN?")
        wire.ask("change gate:target 0")
        return _TIME.sub("", wire.ask(line))

    with bench.connect() as wire:
        before = told(wire)
    with place(bench) as client:
        assert told(client) == before
        assert client.ask("ping x").startswith("pong x ")


def test_a_message_is_a_frame(ws):
    ws.send("help")
    lines = [ws.line() for _ in range(11)]
    assert [split(line)[:2] for line in lines] == [("helping", str(i + 1)) for i in range(11)]


def test_updates_and_side_effects(bench, ws):
    ws.send("activate")
    line, before = ws.until("active")
    assert line == "active" and all(line.startswith(("update ", "error_update ")) for line in before)
    with bench.connect() as other:
        assert other.ask('change types:_text "heard"').startswith("changed ")
    assert json.loads(ws.until("update types:_text ")[0].split(" ", 2)[2])[0] == "heard"


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r"])
def test_a_line_end_is_valid_and_not_needed(ws, end):
    assert ws.ask("ping a" + end).startswith("pong a ")
    assert ws.lines(0.1) == []


def test_lines_of_all_lengths_come_whole(ws):
    """Around what has another header, and what fills the buffers."""
    for n in [*range(80, 90), *range(115, 135), *range(480, 530), 1000, 1019]:
        word = n * "x"
        line = ws.ask("ping " + word)
        assert line.split(" ")[1] == word


def test_many_at_once(ws):
    ws.socket.sendall(b"".join(frame(b"ping %d" % i) for i in range(300)))
    assert [ws.line().split(" ")[1] for _ in range(300)] == [str(i) for i in range(300)]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 100, 1023, 1024])
def test_cut_into_packets(ws, size):
    data = b"".join(frame(b"ping %s" % word) for word in (b"a", 126 * b"b", 1018 * b"c", b"d"))
    for i in range(0, len(data), size):
        ws.socket.sendall(data[i : i + size])
        if size < 10:
            time.sleep(0.0002)
    assert [len(ws.line().split(" ")[1]) for _ in range(4)] == [1, 126, 1018, 1]


def test_fragments(ws):
    ws.send("pi", last=False)
    ws.socket.sendall(frame(b"between", PING))
    ws.send("", kind=0, last=False)
    ws.send("ng abc", kind=0)
    assert ws.frame() == (0x80 | PONG, b"between")
    assert ws.line().startswith("pong abc ")


@pytest.mark.parametrize("size", [0, 1, 125])
def test_ping_is_answered(ws, size):
    ws.socket.sendall(frame(size * b"p", PING))
    assert ws.frame() == (0x80 | PONG, size * b"p")
    assert ws.ask("ping x").startswith("pong x ")


def test_pong_is_not(ws):
    ws.socket.sendall(frame(b"nobody asked", PONG))
    assert ws.ask("ping x").startswith("pong x ")


def test_close_after_the_last_answers(ws):
    ws.socket.sendall(frame(b"ping last") + frame((1001).to_bytes(2) + b"bye", CLOSE))
    assert ws.line().startswith("pong last ")
    assert closed(ws) == 1001
    with pytest.raises((EOFError, ConnectionError)):
        ws.frame()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(b"ping x", masked=False), 1002), (frame(b"ping x", reserved=4), 1002), (frame(b"ping x", reserved=1), 1002),
        (frame(b"ping x", websocket.BINARY), 1003), (frame(b"ping x", 3), 1002), (frame(b"ping x", 11), 1002),
        (frame(b"x", 0), 1002), (frame(b"a", last=False) + frame(b"b"), 1002), (frame(b"x", PING, last=False), 1002),
        (frame(126 * b"x", PING), 1002), (frame(b"x", size=1 << 40), 1009), (frame(b"x", size=1 << 63), 1009),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1002),
    ],
    # masks are random, and processes that share the tests have to agree on names
    ids=lambda value: str(value) if isinstance(value, int) else "",
)  # fmt: skip
def test_what_is_no_frame_closes(bench, ws, data, code):
    ws.socket.sendall(data)
    assert closed(ws) == code
    assert "Traceback" not in bench.log[bench.before :]


def test_a_request_of_http_as_first_message_is_refused(bench):
    with Client(bench.port) as client:
        client.send("POST / HTTP/1.1")
        assert error_class(client.line()) == "ProtocolError"
        assert closed(client) is None


# ---- who may


OTHERS = (
    "http://127.0.0.1:1",
    "http://evil.example",
    "null",
    "https://127.0.0.1.evil.example:10767",
    "file://",
    "http://localhost",
)


@pytest.mark.parametrize("origin", OTHERS)
def test_no_page_of_another_origin(bench, origin):
    status, _, body = answered(bench.port, request(bench.port, origin=origin))
    assert status == 403 and b"may not use this node" in body


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:10767", "", "127.0.0.2", "10.0.0.1", "[::1]:10767", "127.0.0.1.nip.io"]
)
@pytest.mark.parametrize("origin", [True, False])
def test_no_name_of_somebody_else(bench, host, origin):
    """A name whose owner lets it mean this node: DNS rebinding."""
    asked = request(bench.port, host=host or " ", origin=f"http://{host}" if origin else None)
    status, _, body = answered(bench.port, asked)
    assert status == 403 and b"no such name" in body


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "localhost:{}", "LOCALHOST:{}", "localhost:8080", "localhost"])
def test_its_own_names(bench, host):
    host = host.format(bench.port)
    with Client(bench.port, host=host, origin=f"http://{host}") as client:
        assert client.answer.startswith("HTTP/1.1 101 ")


def test_names_that_settings_give(nodes):
    node = nodes(BENCH, settings={"web": {"names": "node.lab, Grafana.lab:3000"}})
    for host, origin, status in (
        ("node.lab:80", "http://node.lab:80", 101), ("127.0.0.1", "http://grafana.lab:3000", 101), ("NODE.lab", None, 101),
        ("127.0.0.1", "http://grafana.lab", 403), ("grafana.lab", None, 403), ("x.node.lab", None, 403),
    ):  # fmt: skip
        if status == 101:
            Client(node.port, host=host, origin=origin).close()
        else:
            assert answered(node.port, request(node.port, host=host, origin=origin))[0] == status, (host, origin)


@pytest.mark.parametrize(
    ("access", "may"),
    [
        ({}, "write"), ({"web": "write"}, "write"), ({"web": "read"}, "read"), ({"web": "none"}, "none"),
        ({"web": "write", "tcp": "read"}, "read"), ({"web": "read", "tcp": "write"}, "read"),
        ({"tcp": {"127.0.0.1": "read"}}, "read"), ({"web": "wrong"}, "none"), ({"wbe": "read", "tcp": "write"}, "none"),
    ],
)  # fmt: skip
def test_rights(nodes, level, access, may):
    node = nodes(BENCH, settings={"access": access})
    if may == "none":
        status, _, body = answered(node.port, request(node.port))
        assert status == 403 and b"settings.json lets no browser in" in body
        return
    with Client(node.port) as client:
        answer = client.ask("change gate:target 1")
        assert error_class(answer) == (None if may == "write" else "ReadOnly"), answer
        assert error_class(client.ask("do calc:_nothing")) == (None if may == "write" else "Impossible")
        if may == "read":
            assert "settings.json lets " in answer
    with node.connect() as wire:  # who has the place afterwards
        assert error_class(wire.ask("change gate:target 1")) == (
            "ReadOnly" if "tcp" in access and access["tcp"] != "write" else None
        )


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Sec_WebSocket_Version": "12"}, 426), ({"Sec_WebSocket_Version": None}, 426), ({"Sec_WebSocket_Key": None}, 400),
        ({"Sec_WebSocket_Key": "c2hvcnQ="}, 400), ({"Sec_WebSocket_Key": "!"}, 400), ({"Connection": "keep-alive"}, 400),
        ({"Host": None}, 403), ({"more": ["Host: 127.0.0.1"]}, 400), ({"more": ["oRiGiN: a", "Origin: b"]}, 400),
        ({"Origin": "http://" + 300 * "a"}, 400), ({"path": "/" + 600 * "a"}, 400), ({"more": ["X: " + 800 * "y"] * 30}, 400),
    ],
)  # fmt: skip
def test_what_is_no_handshake(bench, changed, status):
    assert answered(bench.port, request(bench.port, **changed))[0] == status
    assert "Traceback" not in bench.log[bench.before :]


@pytest.mark.parametrize("connection", ["upgrade", "keep-alive, Upgrade"])
def test_other_handshakes(bench, connection):
    Client(bench.port, Connection=connection, Upgrade="WebSocket", more=["Cookie: " + 700 * "c"]).close()


def test_what_follows_the_handshake_at_once_is_refused(bench):
    assert answered(bench.port, request(bench.port) + frame(b"change gate:target 3"))[0] == 400


@pytest.mark.parametrize("size", [1, 7, 200])
def test_a_handshake_in_packets(bench, size):
    with socket.create_connection(("127.0.0.1", bench.port), 10) as s:
        data = request(bench.port)
        for i in range(0, len(data), size):
            s.sendall(data[i : i + size])
            time.sleep(0.001)
        assert s.recv(1000).startswith(b"HTTP/1.1 101 ")


def test_half_a_request_holds_nothing(nodes):
    """Neither a place nor the node's patience: after 3 s it is closed."""
    node = nodes(BENCH, clients=1)
    with socket.create_connection(("127.0.0.1", node.port), 10) as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        time.sleep(0.2)
        with node.connect() as wire:
            assert wire.ask("*IDN?").startswith("ISSE")
            assert s.recv(1000) == b""


# ---- places


def test_where_all_places_are_taken_it_says_so(nodes):
    node = nodes(BENCH, clients=1)
    with place(node) as first:
        with Client(node.port) as second:
            line = second.line()
            assert error_class(line) == "Impossible" and "1 clients" in line
            assert closed(second) == 1013
        assert first.ask("ping x").startswith("pong x ")
        status, _, _ = answered(node.port, f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{node.port}\r\n\r\n".encode())
        assert status in (200, 404)
    with place(node) as third:
        assert third.ask("ping x").startswith("pong x ")


def test_a_flood_of_requests_takes_no_place(nodes):
    node = nodes(BENCH, clients=2)
    with node.connect() as wire:
        assert wire.ask("*IDN?").startswith("ISSE")
        for _ in range(30):
            with node.connect() as other:
                other.socket.sendall(b"GET / HTTP/1.1\r\nHost: evil\r\n\r\n")
        assert wire.ask("ping x").startswith("pong x ")
    with place(node) as client:
        assert client.ask("ping x").startswith("pong x ")
    assert "Traceback" not in node.log


def test_one_that_reads_nothing_costs_the_others_nothing(bench, ws):
    """As over TCP: the newest values when it reads again, and in between whole frames alone."""
    ws.ask("change ticker:pollinterval 0.1")
    ws.send("activate")
    ws.socket.sendall(b"".join(frame(b"describe") for _ in range(400)))
    with bench.connect() as other:
        for i in range(20):
            assert other.ask(f"ping {i}").startswith(f"pong {i} ")
    count = 0
    deadline = time.monotonic() + 60
    while count < 400 and time.monotonic() < deadline:
        line = ws.line()
        if line.startswith("describing"):
            json.loads(line.split(" ", 2)[2])
            count += 1
    assert count == 400


def test_nothing_is_left_behind(bench):
    for _ in range(20):
        with place(bench) as client:
            client.send("activate")
            client.until("active")
    assert "Traceback" not in bench.log[bench.before :]


def test_its_names_in_a_network(start_node, level):
    if level == "frozen":
        pytest.skip("the simulated network takes more memory than a board's own")
    wifi = {"ssid": "HOST", "password": "secnode-host", "hostname": "furnace"}
    node = start_node(BENCH, settings={"wifi": wifi}, SECNODE_WIFI="1")
    for host in ("furnace.local:10767", "furnace", "FURNACE.local", "127.0.0.1"):
        Client(node.port, host=host, origin=f"http://{host}").close()
    for host in ("localhost", "other.local", "furnace.local.evil.example", "10.0.0.1", ":10767"):
        assert answered(node.port, request(node.port, host=host))[0] == 403, host
