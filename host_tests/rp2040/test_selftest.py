"""`secnode selftest` of a whole emulated board, and of one with something broken."""

import argparse

import pytest

from host_tests import harness
from tools.board import device
from tools.build import pico
from tools.emulator import steps
from tools.image import boards
from tools.verbs import selftest

ARGS = argparse.Namespace(power=20.0, seconds=5.0, limit=60.0, r25=10000.0, beta=3950.0, cs=[], dac=[])


def tried(board, **more):
    """(state, found, what to check) by what was tried."""
    args = argparse.Namespace(**{**vars(ARGS), **more})
    with steps.in_steps(board, device), device.Device("/dev/emulated") as there:
        there.take()
        rows = selftest.Selftest(there, args, boards.load(pico.BOARD), heat=True).run()
        there.reset()
    return {what: rest for what, *rest in rows}


def test_a_whole_board(fresh):
    """Its node runs again afterwards."""
    node = fresh("outside")
    rows = tried(node.board)
    assert list(rows) == ["output 2", "i2c0", "onewire0", "sensor 26", "outside 27", "heater 2", "flash", "heap", "clock"]
    assert {state for state, _, _ in rows.values()} == {"pass"}, rows
    assert harness.mentions(rows["output 2"][1], "low", "pulled down")
    assert node.board.duty() == 0
    node.board.wait_for_usb()
    with node.usb() as wire:
        assert wire.ask("read outside:value").startswith("reply")


@pytest.mark.parametrize(
    ("fault", "row", "words"),
    [
        ("sensor_open", "sensor 26", "plug, wire and thermistor"),
        ("heater_open", "heater 2", "fuse and cut-out"),
        ("transistor_short", "heater 2", "SWITCH THE HEATER'S SUPPLY OFF"),
    ],
)
def test_what_is_broken_is_found(fresh, fault, row, words):
    node = fresh("outside")
    node.board.fault(fault)
    rows = tried(node.board)
    assert [what for what, (state, _, _) in rows.items() if state == "fail"] == [row]
    assert words in rows[row][2]
    assert node.board.duty() == 0


def test_chips_are_named_and_a_dac_keeps_what_it_is_told(fresh):
    node = fresh(harness.NODES / "ten_chips.py")
    told = set()
    for _ in range(2):
        rows = tried(node.board, cs=[6, 7, 8, 9], dac=[("i2c0", 0x60, 64)])
        names = {what: words.split(", ")[0] for what, (state, words, _) in rows.items() if what[:3] in ("i2c", "spi", "one")}
        # the last row of the DAC is what its EEPROM says
        assert names.pop("onewire0:" + _rom(names)) == "DS18B20"
        told.add(rows["i2c0:0x60"][1])
        assert harness.mentions(rows["i2c0:0x60"][1], "EEPROM", "64 of 4096")
        del names["i2c0:0x60"]
        assert names == {
            "i2c0:0x40": "INA219", "i2c0:0x44": "SHT4x", "i2c0:0x45": "SHT3x", "i2c0:0x48": "ADS1115 or ADS1015",
            "i2c0:0x76": "BME280", "spi0:6": "MAX31865", "spi0:7": "MAX31856",
            "spi0:8": "MAX31855", "spi0:9": "nobody answers",
        }  # fmt: skip
        assert "25.0 °C" in rows["spi0:8"][1]
    assert len(told) == 2, "the second time it was there already"


def _rom(names):
    return next(what.partition(":")[2] for what in names if what.startswith("onewire0:"))


@pytest.mark.parametrize("pin, row", [(4, "i2c0"), (5, "i2c0"), (22, "onewire0")])
def test_a_line_that_stays_low_is_told(fresh, pin, row):
    node = fresh("outside")
    node.board.fault(f"pin{pin} low")
    rows = tried(node.board)
    assert [what for what, (state, _, _) in rows.items() if state == "fail"] == [row]
    assert "stays low" in rows[row][1]
