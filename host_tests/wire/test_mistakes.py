"""What a driver does wrong is said in words, and costs nobody else anything: host_tests/nodes/mistakes.py."""

import socket
import struct
import time

import pytest

from host_tests import harness
from host_tests.harness import error_class, mentions, split

NODE = harness.NODES / "mistakes.py"


def reset(wire):
    """End a connection by RST, as the kernel of a program does that was killed with something unread."""
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()


def test_who_resets_takes_nothing_from_the_others(start_node):
    """While an update goes round one client is gone, which the log tells another one: the third gets it all the same."""
    node = start_node(NODE)
    with node.connect() as told:
        assert told.ask('logging  "debug"').startswith("logging")
        for _ in range(8):
            gone = node.connect()  # it has its place before the other one
            gone.ask("activate blocking")
            with node.connect() as other:
                other.ask("activate blocking")
                line, _ = other.until("update blocking:value")
                gone.until("update blocking:value")
                seen = split(line)[2][0]
                time.sleep(0.15)  # the board stands still by now, or will soon
                reset(gone)
                lines = []  # what comes next: two readings, the one of this moment and one after it
                for _ in range(2):
                    line, before = other.until("update blocking:value")
                    lines += [*before, line]
            assert all(line.startswith(("update blocking:value ", "update blocking:status ")) for line in lines), lines
            counts = [split(line)[2][0] for line in lines if line.startswith("update blocking:value")]
            assert counts == [seen + 1, seen + 2], lines
        assert any(mentions(line, "client", "away") for line in told.lines(1))


def test_a_line_that_is_begun_too_early_is_found(start_node):
    """The rule itself, which every other test holds: whoever has a line in the encoder is alone with it."""
    node = start_node(NODE)
    with node.connect() as wire:
        assert error_class(wire.ask("do constants:_slip")) == "InternalError"
        assert wire.ask("ping x").startswith("pong x")
    with pytest.raises(AssertionError, match="was copied"):
        node.stop()


CONSTANTS = ("_double", "_bool", "_enum", "_text", "_tuple", "_go")


@pytest.mark.parametrize("which", range(len(CONSTANTS)))
@pytest.mark.parametrize("request_", ["change constants:_which", "do constants:_set"])
def test_a_driver_that_sets_a_constant(nodes, which, request_):
    with nodes(NODE).connect() as wire:
        wire.ask("activate")
        wire.send(f"{request_} {which}")
        line = wire.line(5)
        while line.startswith(("update", "error_update")):
            line = wire.line(5)
        name, text, _ = split(line)[2]
        assert line.startswith("error_") and name == "InternalError" and CONSTANTS[which] in text, line
        assert ("a command" if which == 5 else "a constant") in text
        # nothing waits for ever, and the place is left
        assert wire.ask("ping x").startswith("pong x")


def test_it_is_told_where_it_happens(start_node):
    node = start_node(NODE)
    with node.connect() as wire:
        line = wire.ask("read setting:value")
        assert error_class(line) == "InternalError" and "_limit" in line and "a constant" in line
        time.sleep(1.5)
        assert "read_value" in node.log
        assert node.log.count("Traceback") == 1  # once, not at each poll
        wire.ask("activate")
        lines = wire.lines(2.5)
        assert lines and not any("_limit" in line.split(" ")[1] for line in lines), lines
