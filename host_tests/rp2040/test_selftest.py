"""`secnode selftest` of a whole emulated board, and of one with something broken."""

import argparse

import pytest

from tools.board import device
from tools.build import pico
from tools.emulator import steps
from tools.image import boards
from tools.verbs import selftest

ARGS = argparse.Namespace(power=20.0, seconds=5.0, limit=60.0, r25=10000.0, beta=3950.0, cs=[], dac=[])


def tried(board):
    """(state, found, what to check) by what was tried."""
    with steps.in_steps(board, device), device.Device("/dev/emulated") as there:
        there.take()
        rows = selftest.Selftest(there, ARGS, boards.load(pico.BOARD), heat=True).run()
        there.reset()
    return {what: rest for what, *rest in rows}


def test_a_whole_board(fresh):
    """Its node runs again afterwards."""
    node = fresh("outside")
    rows = tried(node.board)
    assert list(rows) == ["output 2", "i2c0", "onewire0", "sensor 26", "outside 27", "heater 2", "flash", "heap", "clock"]
    assert {state for state, _, _ in rows.values()} == {"pass"}, rows
    assert rows["output 2"][1] == "low, and pulled down"
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
