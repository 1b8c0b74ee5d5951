"""Two heaters with different sensors and outputs on one board: each has its own block, and its own faults."""

import re

import pytest

from host_tests import harness

level = harness.level_fixture(*harness.LEVELS, "board-like")


@pytest.fixture
def node(start_node):
    return start_node(harness.NODES / "two_kinds.py", speed=10, console=True)


def reach(wire, module, target):
    harness.wait(lambda: wire.ask(f"change {module}:target {target}").startswith("changed"))
    harness.wait(lambda: harness.value(wire, module + ":status")[1] == "at target")


def tripped(wire, module):
    return harness.value(wire, module + ":status")[0] == 400


def test_each_heats_its_own_block_whatever_is_wrong_with_the_other(node):
    with node.connect() as wire:
        reach(wire, "tube", 70)
        assert harness.value(wire, "plate:value") < 30
        reach(wire, "plate", 50)
        assert harness.value(wire, "tube:value") == pytest.approx(70, abs=2)
        node.type("fault spi0 stuck")
        harness.wait(lambda: tripped(wire, "tube"))
        assert harness.mentions(harness.value(wire, "tube:status")[1], "MAX31856", "spi0", "pin 17")
        assert harness.value(wire, "plate:status")[1] == "at target"
        node.type("fault none")
        harness.wait(lambda: wire.ask("do tube:clear_errors").startswith("done"))
        reach(wire, "tube", 70)
        node.type("fault i2c0 stuck")
        harness.wait(lambda: tripped(wire, "plate"))
        assert harness.value(wire, "tube:status")[1] == "at target"
    assert "Traceback" not in node.log


def test_a_chip_is_broken_by_the_name_of_a_module_or_of_its_block(node):
    with node.connect() as wire:
        harness.wait(lambda: wire.ask("change tube:target 300").startswith("changed"))
        assert wire.ask("change plate:target 100").startswith("changed")
        node.type("fault tube open")
        harness.wait(lambda: tripped(wire, "tube"))
        assert harness.mentions(harness.value(wire, "tube:status")[1], "thermocouple", "open")
        assert not tripped(wire, "plate")
        node.type("fault none")
        harness.wait(lambda: wire.ask("do tube:clear_errors").startswith("done"))
        node.type("fault sensor_open 3")
        harness.wait(lambda: tripped(wire, "plate"))
        assert harness.value(wire, "tube:status") == [100, "off"]
        assert wire.ask("change tube:target 300").startswith("changed")
        node.type("fault sensor_open 2")
        harness.wait(lambda: tripped(wire, "tube"))
        node.type("fault heater_open 2")  # in its place
        harness.wait(lambda: wire.ask("do tube:clear_errors").startswith("done"))
        node.type("fault none 3")
        harness.wait(lambda: wire.ask("do plate:clear_errors").startswith("done"))
        assert wire.ask("change plate:target 100").startswith("changed")
        node.type("fault plate absent")
        harness.wait(lambda: tripped(wire, "plate"))
        assert harness.mentions(harness.value(wire, "plate:status")[1], "MCP4725", "i2c0", "0x60")
        node.type("fault sensor_short 2")
        harness.wait(lambda: re.search("^MAX31856 .*: absent, frozen", node.log, re.MULTILINE))
        node.type("fault tube blub")
        harness.wait(lambda: "fault BUS NAME" in node.log)
    assert "Traceback" not in node.log
