"""What a node says of its instruments."""

from host_tests import harness


def answer(wire, specifier):
    """(action, specifier, data) of a `read`."""
    return harness.split(wire.ask("read " + specifier))


def value(wire, specifier):
    """The value; an error fails the test with what it says."""
    action, _, data = answer(wire, specifier)
    assert action == "reply", data
    return data[0]


def error(wire, specifier):
    """(class, text) of the error; a value fails the test."""
    action, _, data = answer(wire, specifier)
    assert action == "error_read", data
    return data[:2]
