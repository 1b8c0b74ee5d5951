"""Ovens with a chip for a sensor or an output, over the wire: a tube furnace, and one at a power supply that a DAC sets."""

import pytest

from host_tests import harness

level = harness.level_fixture(*harness.LEVELS, "board-like", "frozen")
SUPPLY = harness.NODES / "supply_oven.py"


def status(wire, module):
    return harness.value(wire, module + ":status")


def test_a_furnace_heats_and_a_chip_that_is_gone_switches_it_off(start_node):
    node = start_node("furnace", speed=20, console=True)
    with node.connect() as wire:
        harness.wait(lambda: wire.ask("change furnace:target 1100").startswith("changed"))
        harness.wait(lambda: harness.value(wire, "furnace:value") > 60 or status(wire, "furnace")[0] >= 400)
        assert status(wire, "furnace")[0] < 400, status(wire, "furnace")
        assert harness.value(wire, "heater_power:value") > 1000  # it is a long way
        assert 15 < harness.value(wire, "cold_junction:value") < 35
        raw, value = harness.value(wire, "thermocouple:_raw"), harness.value(wire, "thermocouple:value")
        assert raw / 16 - 2048 == pytest.approx(value, abs=30)  # it heats from one answer to the next
        assert harness.value(wire, "furnace:_ctrlpars")["p"] == 90
        node.type("fault MAX31856 absent")
        harness.wait(lambda: status(wire, "furnace")[0] == 400)
        assert harness.mentions(status(wire, "furnace")[1], "MAX31856") and harness.value(wire, "heater_power:value") == 0
        assert harness.error_class(wire.ask("do furnace:clear_errors")) == "HardwareError"
        node.type("fault none")
        harness.wait(lambda: wire.ask("do furnace:clear_errors").startswith("done"))
        assert status(wire, "furnace") == [100, "off"]
    assert "Traceback" not in node.log


def test_a_power_supply_is_switched_off_by_its_pin_where_the_bus_is_stuck(start_node):
    node = start_node(SUPPLY, speed=10, console=True)
    with node.connect() as wire:
        assert wire.ask("change heater:target 50").startswith("changed")
        harness.wait(lambda: status(wire, "heater")[1] == "at target")
        assert harness.value(wire, "heater:value") == pytest.approx(50, abs=1)
        harness.wait(lambda: 3 < harness.value(wire, "heater_power:value") < 8)  # 0.2 W/K
        node.type("fault i2c0 stuck")
        harness.wait(lambda: status(wire, "heater")[0] == 400)
        assert harness.mentions(status(wire, "heater")[1], "disabled", "MCP4725", "i2c0")
        assert harness.value(wire, "heater_power:value") == 0
        hot = harness.value(wire, "heater:value")
        harness.wait(lambda: harness.value(wire, "heater:value") < hot - 2)
        node.type("fault none")
        harness.wait(lambda: wire.ask("do heater:clear_errors").startswith("done"))
        harness.wait(lambda: wire.ask("change heater:target 50").startswith("changed"))
        harness.wait(lambda: status(wire, "heater")[1] == "at target")
    assert "Traceback" not in node.log
