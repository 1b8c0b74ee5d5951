"""MCP4725: what it gives, read back; its safe level at start and end; and an EEPROM that is not at it."""

import pytest

from host_tests import harness
from host_tests.chips.test_buses import failed, until, well
from host_tests.harness import mentions, split
from host_tests.properties.served import Refused

NODE = harness.NODES / "output.py"


def make(ours, **options):
    ours.ask("make", "MCP4725", "i2c", ["."], [], options)


def test_it_gives_what_the_other_driver_gives(ours, oracle):
    make(ours)
    oracle.ask("make", "MCP4725")
    for i in range(20):
        code = i * 4095 // 19
        given = ours.ask("give", code * 3.3 / 4096)
        assert given == code
        assert abs(oracle.ask("give", code / 4095) - given) <= 1  # that one cuts off
        assert abs(ours.read()[0] - oracle.ask("read")[0]) <= 3.3 / 4096 * 1.001


def test_it_is_off_at_start_and_end(ours):
    make(ours, safe=1.65)  # half: 0 V behind an amplifier that gives -10 to 10 V
    assert ours.ask("end") == 2048
    make(ours)
    assert ours.read() == [0.0]
    assert ours.ask("give", 2) > 2400
    assert ours.ask("end") == 0


@pytest.mark.parametrize("safe", [-0.1, 3.31])
def test_a_safe_level_that_it_can_not_give(ours, safe):
    with pytest.raises(Refused) as refused:
        make(ours, safe=safe)
    assert refused.value.kind == "ValueError" and mentions(str(refused.value), "0 to 3.29919")


def test_it_does_not_drive_with_another_level_in_its_eeprom(ours):
    make(ours)
    ours.ask("fault", "factory")
    assert ours.read() == [0.0]
    trouble = ours.ask("trouble")
    assert mentions(trouble, "EEPROM", "1.65 V", "`secnode selftest --dac i2c0:0x60=0`")
    with pytest.raises(Refused) as refused:
        ours.ask("give", 1)
    assert refused.value.kind == "HardwareError" and trouble in str(refused.value)
    assert ours.ask("end") == 0
    ours.ask("fault", "none")
    assert ours.ask("give", 1) == 1241 and ours.ask("trouble") == ""


def test_one_that_takes_nothing(ours):
    make(ours)
    ours.ask("fault", "deaf")
    with pytest.raises(Refused) as refused:
        ours.ask("give", 1)
    assert refused.value.kind == "CommunicationFailed"
    assert mentions(str(refused.value), "MCP4725", "i2c0", "0x60")


def test_after_a_drop_of_its_supply_it_stays_off_until_it_is_set_anew(ours):
    make(ours)
    ours.ask("give", 2)
    ours.ask("fault", "absent")
    with pytest.raises(Refused):
        ours.read()
    ours.ask("fault", "none")
    for _ in range(2):
        assert ours.read() == [0.0]
        assert mentions(ours.ask("trouble"), "0 V", "supply")
    ours.ask("give", 2)
    assert ours.read() == [pytest.approx(2, abs=0.001)] and ours.ask("trouble") == ""


def test_a_node(start_node):
    node = start_node(NODE, console=True)
    with node.connect() as wire:
        wire.ask("activate")
        assert wire.ask("change supply:target 7.5").startswith("changed")
        assert split(wire.ask("read supply:value"))[2][0] == pytest.approx(7.5, abs=0.0025)
        assert split(wire.ask("change supply:target 10.5"))[2][0] == "RangeError"
        node.type("fault mcp4725 absent")
        assert until(wire, "supply:value", failed)[0] == "CommunicationFailed"
        node.type("fault none")
        assert until(wire, "supply:value", well)[0] == 0.0
        assert mentions(split(wire.ask("read supply:status"))[2][0][1], "0 V", "supply")
        assert wire.ask("change supply:target 1").startswith("changed")
        assert split(wire.ask("read supply:status"))[2][0] == [100, ""]
        node.type("fault mcp4725 factory")
        text = until(wire, "supply:status", lambda action, data: data[0][0] == 400)[0][1]
        assert mentions(text, "EEPROM", "5 V")
        assert split(wire.ask("change supply:target 2"))[2][:2] == ["HardwareError", text]
    assert "Traceback" not in node.log
