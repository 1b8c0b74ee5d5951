"""A heater whose sensor is a chip: control and guard take it as they take a divider, and its faults switch the heater off."""

import pytest

from host_tests import harness
from host_tests.harness import mentions, split

level = harness.level_fixture(*harness.LEVELS, "board-like")
NODE = harness.NODES / "platinum_heater.py"


@pytest.mark.parametrize(
    "fault, named",
    [
        ("MAX31865 open", ("sensor", "open")),
        ("MAX31865 short", ("sensor", "shorted")),
        ("MAX31865 voltage", ("voltage", "input")),
        ("spi0:17 absent", ("MAX31865", "spi0", "reset")),
        ("spi0 stuck", ("MAX31865", "spi0", "reset")),
    ],
)
def test_it_heats_and_a_fault_switches_it_off(start_node, fault, named):
    node = start_node(NODE, speed=5, console=True)
    with node.connect() as wire:
        harness.wait(lambda: wire.ask("read heater:value").startswith("reply"))  # its chip's first conversion
        wire.ask("activate")
        assert wire.ask("change heater:target 40").startswith("changed")
        wire.until("update heater:status [[100", 60)
        assert abs(split(wire.ask("read heater:value"))[2][0] - 40) < 1
        node.type("fault " + fault)
        line, _ = wire.until("update heater:status [[400", 60)
        assert mentions(line, *named)
        node.type("fault none")
        for _ in range(3):
            value = wire.until("update heater:value", 60)
        assert value and split(wire.ask("read heater:status"))[2][0][0] == 400  # off stays off
    assert "Traceback" not in node.log
