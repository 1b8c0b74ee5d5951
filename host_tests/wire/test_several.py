"""A node in several files, with hardware that nothing is wired to: it starts, and answers as empty buses do."""

import errno

import pytest

from host_tests import harness
from host_tests.harness import split

SEVERAL = harness.NODES / "several" / "several.py"


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("value", 68),
        ("_transfer", errno.ENODEV),
        ("_bytes", r"b'\x00\x00' b'\x00\x00' 3 (0, None, None, None)"),
        ("_wire", f"[] {errno.ETIMEDOUT} (1, 2, 3)"),
        ("_late", "late, for 68"),
        ("_pins", "0 1"),
    ],
)
def test_it_answers_as_empty_buses_do(nodes, parameter, value):
    with nodes(SEVERAL).connect() as wire:
        action, _, data = split(wire.ask("read p:" + parameter))
        assert (action, data[0]) == ("reply", value)
