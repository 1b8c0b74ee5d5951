"""An oven takes any sensor that keeps to drivers/sensor.py: silence for a moment is no fault, for longer it is."""

from host_tests import harness
from host_tests.harness import split

level = harness.level_fixture(*harness.LEVELS, "board-like")
NODE = harness.NODES / "contract.py"
PLACE = "i2c0:0x48"


def begin(wire):
    harness.wait(lambda: wire.ask("change heater:target 40").startswith("changed"))  # as soon as it measures


def until(wire, words):
    harness.wait(lambda: words in harness.value(wire, "heater:status")[1])


def test_a_lost_transfer_is_one_bad_reading(start_node):
    node = start_node(NODE, speed=10, console=True)
    with node.connect() as wire:
        begin(wire)
        node.type(f"fault {PLACE} loses")
        until(wire, "at target")
        assert abs(harness.value(wire, "heater:value") - 40) < 1
        for error in ("CommunicationFailed", None):
            harness.wait(lambda: harness.error_class(wire.ask("read sensor:value")) == error)  # noqa: B023
    assert "Traceback" not in node.log


def test_a_sensor_that_is_gone_switches_off(start_node):
    node = start_node(NODE, speed=10, console=True)
    with node.connect() as wire:
        begin(wire)
        until(wire, "heating")
        node.type(f"fault {PLACE} absent")
        until(wire, "ENODEV")
        assert harness.value(wire, "heater:status")[0] == 400 and harness.value(wire, "heater_power:value") == 0
        assert harness.error_class(wire.ask("do heater:clear_errors")) == "CommunicationFailed"
        assert harness.error_class(wire.ask("change heater:target 50")) == "IsError"
        node.type("fault none")
        harness.wait(lambda: wire.ask("do heater:clear_errors").startswith("done"))
        assert wire.ask("change heater:target 40").startswith("changed")
    assert "Traceback" not in node.log


def test_the_sensor_has_a_module(start_node):
    node = start_node(NODE, console=True)
    with node.connect() as wire:
        harness.wait(lambda: wire.ask("read sensor:value").startswith("reply"))
        raw, value = harness.value(wire, "sensor:_raw"), harness.value(wire, "sensor:value")
        assert abs(raw / 16 - value) < 0.2 and 15 < value < 35
        accessibles = split(wire.ask("describe"))[2]["modules"]["sensor"]["accessibles"]
        assert "_raw" in accessibles and "_resistance" not in accessibles
        node.type(f"fault {PLACE} hot")
        harness.wait(lambda: harness.error_class(wire.ask("read sensor:value")) == "HardwareError")
        assert harness.value(wire, "sensor:_raw") == 0xFFF


def test_a_chip_that_is_late_is_waited_for_before_a_target_is_resumed(start_node):
    """It says nothing in its first 0.4 s."""
    node = start_node(NODE, settings={"heater": {"resume": 60}})
    with node.connect() as wire:
        harness.wait(lambda: harness.value(wire, "heater:target") == 60)
    assert "can't be resumed" not in node.log
