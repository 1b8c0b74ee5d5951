"""Chips on the chip: the models of boards/HOST/chips at the RP2040's own I2C, SPI and pins, as MicroPython drives these."""

import math

import pytest

from host_tests import harness
from host_tests.bench.chips import longest_ping
from host_tests.harness import mentions, split

TEN = harness.NODES / "ten_chips.py"
WEATHER = 23.2, 0.9  # degC, as the plant has it
VALUES = {
    "room": WEATHER, "humidity": (45, 0.1), "box": WEATHER, "pressure": (1013.25, 0.1), "power": (24, 0.1), "volts": (1, 0.001),
    "level": (2, 0.001), "platinum": (25, 0.1), "couple": (25, 0.1), "straight": (25, 0.3), "pipe": WEATHER,
}  # fmt: skip
ON_I2C = {"room", "humidity", "box", "pressure", "power", "volts", "level"}
STUCK = "ETIMEDOUT"


@pytest.fixture
def ten(nodes):
    node = nodes(TEN)
    with node.usb() as wire:
        yield node, wire
        node.board.fault("none")


def read(wire):
    """All values, or the text of the error in a value's place."""
    found = {}
    for name in VALUES:
        action, _, data = split(wire.ask(f"read {name}:value"))
        found[name] = data[0] if action == "reply" else data[1]
    return found


def wrong(found):
    """Those that are not what the models have."""
    return {
        name: value for name, value in found.items()
        if isinstance(value, str) or not math.isclose(value, VALUES[name][0], abs_tol=VALUES[name][1])
    }  # fmt: skip


def test_ten_chips_are_read_and_driven(ten):
    _, wire = ten
    assert wrong(read(wire)) == {}
    for volts in (0.5, 3.2, 0):
        assert wire.ask(f"change output:target {volts}").startswith("changed")
        assert split(wire.ask("read output:value"))[2][0] == pytest.approx(volts, abs=0.001)


@pytest.mark.parametrize(
    "fault, names, named",
    [
        ("i2c0 stuck", ON_I2C, (STUCK,)),
        ("pin5 low", ON_I2C, (STUCK,)),  # SCL
        ("pin4 low", ON_I2C, (STUCK,)),  # SDA
        ("onewire0 stuck", {"pipe"}, ("onewire0", "low", "pull-up")),
        ("spi0 stuck", {"platinum", "couple", "straight"}, ("spi0",)),
        ("SHT4x absent", {"room", "humidity"}, ("SHT4x", "i2c0", "0x44", "EIO")),
        ("SHT3x absent", {"box"}, ("SHT3x", "i2c0", "0x45", "EIO")),
        ("BME280 absent", {"pressure"}, ("BME280", "i2c0", "0x76", "EIO")),
        ("INA219 absent", {"power"}, ("INA219", "i2c0", "0x40", "EIO")),
        ("ADS1115 absent", {"volts", "level"}, ("ADS1115", "i2c0", "0x48", "EIO")),
        ("MAX31865 absent", {"platinum"}, ("MAX31865", "spi0", "pin 6")),
        ("MAX31856 absent", {"couple"}, ("MAX31856", "spi0", "pin 7")),
        ("MAX31855 absent", {"straight"}, ("MAX31855", "spi0", "pin 8")),
        ("DS18B20 absent", {"pipe"}, ("DS18B20", "onewire0", "answer")),
        ("SHT4x crc", {"room", "humidity"}, ("SHT4x", "CRC")),
        ("DS18B20 crc", {"pipe"}, ("DS18B20", "CRC")),
        ("MAX31865 open", {"platinum"}, ("sensor", "open")),
        ("MAX31856 open", {"couple"}, ("thermocouple", "open")),
    ],
)
def test_what_breaks_is_told_stops_nobody_else_and_comes_back(ten, fault, names, named):
    node, wire = ten
    node.board.fault(fault)
    node.board.sleep(2500)
    found = wrong(read(wire))
    assert set(found) == names
    assert all(mentions(text, *named) for text in found.values()), found
    node.board.fault("none")
    node.board.sleep(5000)
    assert wrong(read(wire)) == {}


def test_a_chip_that_stretches_the_clock_is_read_as_any(ten):
    node, wire = ten
    node.board.fault("i2c0 stretched")
    node.board.sleep(2500)
    assert wrong(read(wire)) == {}


def test_a_chip_that_holds_the_line_is_clocked_free(ten):
    node, wire = ten
    wire.ask("activate")
    node.board.fault("i2c0 held")
    wire.until("error_update", 10)
    wire.ask("deactivate")
    node.board.sleep(2500)
    assert wrong(read(wire)) == {}  # and nobody mended it


def test_an_output_tells_that_its_chip_is_gone_and_drives_again(ten):
    node, wire = ten
    assert wire.ask("change output:target 1").startswith("changed")
    node.board.fault("MCP4725 absent")
    node.board.sleep(2500)
    assert mentions(wire.ask("read output:status"), "MCP4725", "i2c0", "0x60")
    node.board.fault("none")
    node.board.sleep(2500)
    assert wire.ask("change output:target 1").startswith("changed")
    assert split(wire.ask("read output:value"))[2][0] == pytest.approx(1, abs=0.001)


def test_a_stuck_bus_costs_no_more_than_its_time_out(ten, found):
    """Others are answered meanwhile: no wait is longer than what the transfers of one poll take."""
    node, wire = ten
    for fault in ("none", "i2c0 stuck"):
        node.board.fault(fault)
        longest = longest_ping(node.board, wire)
        found(f"ten chips, {fault}: the longest of 200 pings", longest, "ms")
        assert longest < 100


def test_a_power_cut_is_one_for_the_chips_too(fresh):
    """They come up as from the factory, and the node sets them up again; a reset of the board leaves them as they are."""
    node = fresh(TEN)
    for how in (node.board.reset, node.board.off):
        node.restart(how)
        node.board.sleep(5000)
        with node.usb() as wire:
            assert wrong(read(wire)) == {}


@pytest.mark.parametrize(
    "fault, named",
    [
        ("MAX31865 open", ("sensor", "open")),
        ("MAX31865 short", ("sensor", "shorted")),
        ("spi0:17 absent", ("MAX31865", "spi0", "reset")),
        ("pin16 low", ("MAX31865", "spi0", "reset")),  # MISO
    ],
)
def test_a_heater_that_sees_by_a_chip(fresh, found, fault, named):
    """Its guard cuts it, and it stays off."""
    node = fresh(harness.NODES / "platinum_heater.py")
    with node.usb() as wire:
        assert wire.ask("change heater:target 110").startswith("changed")
        node.board.until(lambda: node.board.duty(200) > 0.4, 10)
        block = node.board.status()["block"]
        assert split(wire.ask("read heater:value"))[2][0] == pytest.approx(block, abs=1)
        begin = node.board.time
        node.board.fault(fault)
        low = node.board.low_after(begin, 3000)
        found(f"a heater with a MAX31865: {fault}", low)
        assert low < 2000
        assert mentions(wire.ask("read heater:status"), *named)
        node.board.fault("none")
        assert node.board.duty(3000) == 0
        assert split(wire.ask("read heater:status"))[2][0][0] == 400


def test_what_hangs_at_pins(fresh):
    """A contact that follows an output, signals at the ADC that do, and pins that are shorted."""
    node = fresh("gas_line")
    with node.usb() as wire:

        def value(of):
            return split(wire.ask(f"read {of}:value"))[2][0]

        def open_valve(target):
            assert wire.ask(f"change valve:target {target}").startswith("changed")
            node.board.sleep(2500)

        node.board.sleep(2500)
        assert (value("valve"), value("door")) == (0, 1)
        assert value("pressure") == pytest.approx(0, abs=0.1)  # 4 mA
        assert value("level") == pytest.approx(65, abs=1)  # 6.5 V
        open_valve(1)
        assert wire.ask("change flow:target 5").startswith("changed")
        node.board.sleep(1500)
        assert value("valve") == 1
        assert value("pressure") == pytest.approx(5, abs=0.1)  # by what is on the PWM's pin
        node.board.fault("pin7 low")  # the contact
        open_valve(0)
        node.board.sleep(5000)
        assert split(wire.ask("read valve:status"))[2][0][0] == 400
        node.board.fault("pin8 high")  # the door's, which is closed at ground
        node.board.sleep(1500)
        assert value("door") == 0
