"""Clients come and go: one too many is told so, and a place that was left is free again."""

import socket
import struct
import time

import pytest

from host_tests.harness import error_class

from .conftest import BENCH


@pytest.fixture
def small(nodes):
    """A node with two places, both free."""
    process = nodes(BENCH, clients=2)
    clients = [connect_when_free(process) for _ in range(2)]
    for client in clients:
        client.close()
    return process


def connect_when_free(process):
    """A place gets free a moment after its client left."""
    deadline = time.monotonic() + 10
    while True:
        wire = process.connect()
        wire.send("*IDN?")
        try:
            if wire.line().startswith("ISSE"):
                return wire
        except (EOFError, ConnectionError):
            pass
        wire.close()
        assert time.monotonic() < deadline, "no place got free"
        time.sleep(0.02)


def test_one_too_many(small):
    with connect_when_free(small) as one, connect_when_free(small) as two:
        one.send("activate ticker")
        one.until("active ticker")
        for _ in range(3):
            with small.connect() as refused:
                line = refused.line()
                assert line.startswith("error_")
                assert error_class(line)
                assert "2" in line
                with pytest.raises((EOFError, ConnectionError)):
                    refused.line()
        # the others did not notice
        one.until("update ticker:value ", timeout=5)
        assert one.ask("ping a").startswith("pong a ")
        assert two.ask("ping b").startswith("pong b ")
    with connect_when_free(small) as again:
        assert again.ask("ping c").startswith("pong c ")


def test_each_one_of_several_too_many_is_told_why(small):
    with connect_when_free(small), connect_when_free(small):
        refused = [small.connect() for _ in range(4)]
        try:
            for wire in refused:
                assert error_class(wire.line())
                with pytest.raises((EOFError, ConnectionError)):
                    wire.line()
        finally:
            for wire in refused:
                wire.close()


def test_a_new_client_finds_nothing_of_the_one_before(small):
    with connect_when_free(small) as wire:
        wire.send("activate")
        wire.until("active")
        wire.socket.sendall(b"ping half a li")
    with connect_when_free(small) as one, connect_when_free(small) as two:
        for wire in (one, two):
            assert wire.ask("ping x").startswith("pong x ")
            assert wire.lines(0.3) == []


def reset(wire):
    """Leave without the usual good-bye: the node gets an error instead of an end."""
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()


_LEAVE = (
    lambda wire: wire.close(),
    lambda wire: (wire.send("ping x"), wire.close()),
    lambda wire: (wire.socket.sendall(b"*IDN?\ndescr"), wire.close()),
    lambda wire: (wire.socket.sendall(b"describe\n" * 50), wire.close()),
    lambda wire: (wire.send("activate"), wire.until("active"), wire.close()),
    lambda wire: (wire.socket.sendall(b"activate\nread slow:value\ndescribe\n"), reset(wire)),
    lambda wire: (wire.socket.sendall(b"x" * 3000), reset(wire)),
    reset,
)


def test_200_come_and_leave(small):
    """In every way there is to leave; the one who stays is served all the time."""
    with connect_when_free(small) as staying:
        staying.send("activate ticker")
        staying.until("active ticker")
        for i in range(200):
            leaving = connect_when_free(small)
            _LEAVE[i % len(_LEAVE)](leaving)
            assert staying.ask(f"ping {i}").startswith(f"pong {i} ")
        staying.until("update ticker:value ", timeout=5)
        with connect_when_free(small) as last:
            assert last.ask("ping x").startswith("pong x ")
    assert "Traceback" not in small.log
