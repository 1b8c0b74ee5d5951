"""Two ovens on one board: each has its own block, limits, guard and faults."""

import re

import pytest

from host_tests import harness

# two ovens are more than a heap of 64 KiB holds
level = harness.level_fixture(*harness.LEVELS, "board-like")
NODE = harness.NODES / "outputs.py"
SPEED = 20


@pytest.fixture
def node(start_node):
    return start_node(NODE, speed=SPEED, console=True)


def test_each_heats_its_own_block(node):
    with node.connect() as wire:
        assert wire.ask("change upper:target 110").startswith("changed")
        harness.wait(lambda: harness.value(wire, "upper:value") > 60)
        assert harness.value(wire, "lower:value") < 30
        assert wire.ask("do upper:control_off").startswith("done")
        assert wire.ask("change lower:target 50").startswith("changed")
        harness.wait(lambda: harness.value(wire, "lower:value") > 45)
        hot = harness.value(wire, "upper:value")
        assert hot < 110
        harness.wait(lambda: harness.value(wire, "upper:value") < hot - 3)  # it cools meanwhile
        harness.wait(lambda: harness.value(wire, "lower:status")[0] == 100)
        assert harness.value(wire, "upper:status")[1] == "off"


def test_each_has_its_own_limits(node):
    with node.connect() as wire:
        assert harness.value(wire, "upper:target_limits") == [0, 120] and harness.value(wire, "lower:target_limits") == [0, 60]
        assert wire.ask("change upper:target_limits [0, 100]").startswith("changed")
        assert harness.error_class(wire.ask("change lower:target_limits [0, 100]")) == "RangeError"
        assert wire.ask("change lower:target_limits [10, 50]").startswith("changed")
        assert wire.ask("check upper:target 90").startswith("checked")
        assert harness.error_class(wire.ask("check lower:target 55")) == "Impossible"
        assert harness.value(wire, "upper:target_limits") == [0, 100]


def test_a_fault_is_of_one_of_them(node):
    """The first by default; by the number of its pin any; `none` mends them all."""
    with node.connect() as wire:
        for module in ("upper", "lower"):
            assert wire.ask(f"change {module}:target 40").startswith("changed")
        node.type("fault sensor_open 3")
        harness.wait(lambda: harness.value(wire, "lower:status")[0] == 400)
        status = harness.value(wire, "upper:status")
        assert status[0] < 400, status
        node.type("fault sensor_short")
        harness.wait(lambda: harness.value(wire, "upper:status")[0] == 400)
        node.type("fault none")
        for module in ("upper", "lower"):
            harness.wait(lambda: wire.ask(f"do {module}:clear_errors").startswith("done"))  # noqa: B023
        node.type("fault sensor_open 4")
        harness.wait(lambda: harness.mentions(node.log, "fault NAME PIN", "pin 2 or 3"))
    for line in ("sensor_open: .* pin 3", "sensor_short: .* pin 2", "none: .*"):
        assert re.search(f"^{line}$", node.log, re.MULTILINE), node.log
