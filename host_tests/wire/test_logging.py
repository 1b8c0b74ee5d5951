"""`logging`: by connection and module, off at first and at *IDN?, and never in anybody's way."""

import time

import pytest

from host_tests import harness

NODE = harness.NODES / "bench.py"


@pytest.fixture
def wire(nodes):
    with nodes(NODE).connect() as wire:
        yield wire
        wire.ask("change faulty:_fault 0")


def lossy(wire):
    """Whether a reply may come before the message, and a message find no room: over a bridge, which marks its clients."""
    return getattr(wire, "lossy", False)


def log_lines(lines):
    return [line for line in lines if line.startswith("log ")]


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ('logging types "debug"', 'logging types "debug"'),
        ('logging types "info"', 'logging types "info"'),
        ('logging types "error"', 'logging types "error"'),
        ('logging types "off"', 'logging types "off"'),
        ("logging types false", "logging types false"),
        ('logging  "error"', 'logging  "error"'),
        ('logging types:_int "debug"', 'logging types "debug"'),  # by module is as fine as it gets
        ('logging types "loud"', "RangeError"),
        ("logging types true", "WrongType"),
        ("logging types 3", "WrongType"),
        ("logging types", "WrongType"),
        ("logging", "WrongType"),
        ("logging types {", "BadJSON"),
        ('logging nothing "debug"', "NoSuchModule"),
    ],
)
def test_forms(wire, request_, answer):
    line = wire.ask(request_)
    assert line == answer if answer.startswith("logging") else harness.error_class(line) == answer


def test_messages_of_a_module(wire):
    wire.ask('logging types "debug"')
    log = []
    for _ in range(20 if lossy(wire) else 1):
        wire.send("change types:_int 3")
        _, log = wire.until("changed types:_int")
        if lossy(wire):
            log = log_lines(log) or log_lines(wire.lines(0.4))
            if log:
                break
    assert len(log) == 1 and log[0].startswith('log types:debug "') and "_int" in log[0]
    wire.send("change gate:target 3")
    assert wire.line().startswith("changed gate:target")


def test_levels(wire):
    wire.ask('logging faulty "info"')
    wire.ask("change faulty:_fault 1")
    assert log_lines(wire.lines(0.4)) == []  # that the hardware fails is news for debug alone
    wire.ask('logging faulty "debug"')
    assert "log faulty:debug" in wire.until("log ")[0]
    wire.ask('logging faulty "error"')
    lines = []
    for _ in range(20 if lossy(wire) else 1):
        wire.ask("change faulty:_fault 3")  # a mistake in the driver is an error
        if not lossy(wire):
            lines = [wire.until("log ")[0]]  # at its next poll, however busy the machine is
        lines += log_lines(wire.lines(0.4))
        if lines:
            break
        wire.ask("change faulty:_fault 0")
    assert lines and all(line.startswith("log faulty:error") and "ZeroDivisionError" in line for line in lines)
    wire.ask("logging faulty false")
    wire.ask("change faulty:_fault 0")
    wire.ask("change faulty:_fault 3")
    assert log_lines(wire.lines(0.3)) == []


def test_by_connection_and_off_at_identification(nodes):
    with nodes(NODE).connect() as one, nodes(NODE).connect() as other:
        one.ask('logging  "debug"')
        other.ask("change types:_int 4")
        assert log_lines(one.lines(0.3)) and not log_lines(other.lines(0.1))
        one.ask("*IDN?")
        other.ask("change types:_int 5")
        assert not log_lines(one.lines(0.3))


def test_dropped_messages_are_counted(start_node):
    node = start_node(NODE)
    with node.connect() as deaf, node.connect() as busy:
        deaf.ask('logging  "debug"')
        deaf.ask("activate")
        # fill what lies between: the node goes on, and forgets what it can't send
        deadline = time.monotonic() + 80
        before, unread = -1, 0
        while unread > before:
            for _ in range(5):  # at once the answers would not go between, either
                for _ in range(200):
                    busy.send("change types:_text " + '"' + "x" * 300 + '"')
                for _ in range(200):
                    assert busy.line().startswith("changed")
            time.sleep(0.2)
            assert time.monotonic() < deadline
            before, unread = unread, deaf.unread()
        for _ in range(500):
            assert busy.ask("change types:_int 1").startswith("changed")
        deadline = time.monotonic() + 30
        lines = []
        while not any("were dropped" in line for line in lines):
            assert time.monotonic() < deadline
            lines = deaf.lines(0.3)
            busy.ask("change types:_int 2")
