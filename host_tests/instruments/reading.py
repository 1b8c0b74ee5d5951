"""What a node says of its instruments."""

import time

from host_tests import harness


def answer(wire, specifier):
    """(action, specifier, data) of a `read`."""
    return harness.split(wire.ask("read " + specifier))


def value(wire, specifier):
    """The value; an error fails the test with what it says. On a busy PC it may take a while until something was read."""
    deadline = time.monotonic() + 5
    while True:
        action, _, data = answer(wire, specifier)
        if action == "reply":
            return data[0]
        assert data[0] == "ReadFailed" and time.monotonic() < deadline, data
        time.sleep(0.05)


def error(wire, specifier):
    """(class, text) of the error; a value fails the test."""
    action, _, data = answer(wire, specifier)
    assert action == "error_read", data
    return data[:2]
