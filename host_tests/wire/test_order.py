"""Requests of one connection are answered in order, each exactly once, however they arrive."""

import random
import socket
import time

import pytest

_REQUESTS = (
    ("ping {}", "pong {} ["),
    ("read gate:value:{}", "reply gate:value:{} ["),
    ("change types:_int:{} 3", "changed types:_int:{} [3, "),
    ("change types:_int:{} 99", 'error_change types:_int:{} ["RangeError", '),
    ("do calc:_double:{} 4", "done calc:_double:{} [8"),
    ("read slow:value:{}", "reply slow:value:{} ["),
    ("nonsense {}", 'error_nonsense {} ["ProtocolError", '),
    ("activate gate:{}", "active gate:{}"),
    ("describe {}", "describing . "),
    ("change nomodule:x{} {{", 'error_change nomodule:x{} ["NoSuchModule", '),
)


def requests(n):
    """n requests of all kinds as bytes, and the begins of their answers."""
    chosen = [(*_REQUESTS[i % len(_REQUESTS)], i) for i in range(n)]
    chosen = [c for c in chosen if "slow" not in c[0] or c[2] < len(_REQUESTS)]  # one of them costs 0.3 s
    sent = "".join(request.format(i) + ("\r\n" if i % 3 else "\n") for request, _, i in chosen)
    return sent.encode(), [answer.format(i) for _, answer, i in chosen]


def assert_answers(wire, begins):
    for begin in begins:
        line = wire.line()
        while line.startswith(("update ", "error_update ")):
            line = wire.line()
        assert line.startswith(begin)
    # and nothing else
    assert wire.ask("ping end").startswith("pong end ")


def test_many_in_one_packet(wire):
    sent, begins = requests(40)
    wire.socket.sendall(sent)
    assert_answers(wire, begins)


def test_one_byte_a_packet(wire):
    sent, begins = requests(20)
    for i in range(len(sent)):
        wire.socket.sendall(sent[i : i + 1])
        time.sleep(0.0005)  # lets the node take them one by one
    assert_answers(wire, begins)


@pytest.mark.parametrize("seed", range(3))
def test_cut_anywhere(wire, seed):
    dice = random.Random(seed)
    sent, begins = requests(40)
    while sent:
        n = dice.choice((1, 2, 5, 30, 200, 1025, 1026, 1027))
        wire.socket.sendall(sent[:n])
        sent = sent[n:]
        time.sleep(dice.random() * 0.004)
    assert_answers(wire, begins)


def test_without_reading_for_a_while(wire):
    wire.socket.sendall(b"".join(b"ping %d\n" % i for i in range(2000)))
    time.sleep(0.4)
    assert_answers(wire, [f"pong {i} [" for i in range(2000)])


@pytest.mark.parametrize("active", [False, True])
def test_half_close(bench, active):
    """`printf ... | nc` closes its half at once, and wants all the answers and then the end."""
    with bench.connect() as wire:
        if active:
            wire.send("activate")
        sent, begins = requests(40)
        wire.socket.sendall(sent)
        wire.socket.shutdown(socket.SHUT_WR)
        for begin in (["active"] if active else []) + begins:
            line = wire.line()
            while line.startswith(("update ", "error_update ")):
                line = wire.line()
            assert line.startswith(begin)
        with pytest.raises(EOFError) as end:
            while wire.line().startswith(("update ", "error_update ")):
                pass
        if not active:
            assert end.value.args == (b"",)


def test_a_line_that_was_not_ended_is_no_request(bench):
    with bench.connect() as wire:
        wire.socket.sendall(b"ping 1\nping 2")
        wire.socket.shutdown(socket.SHUT_WR)
        assert wire.line().startswith("pong 1 ")
        with pytest.raises(EOFError):
            wire.line()


def test_two_clients_at_once(bench):
    """Replies of two clients do not get mixed up, though they are built in one buffer."""
    sent, begins = requests(40)
    with bench.connect() as one, bench.connect() as two:
        for _ in range(3):
            one.socket.sendall(sent)
            two.socket.sendall(sent)
            assert_answers(one, begins)
            assert_answers(two, begins)
