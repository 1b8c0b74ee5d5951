"""`secnode image`: one file, dropped onto a chip whose flash is blank, and the node answers."""

import argparse
import json

import pytest

from host_tests import harness
from host_tests.rp2040 import flashed
from host_tests.rp2040.test_flash import moments, ramp, starts_from
from tools.build import pico
from tools.emulator import emulator
from tools.verbs import image

SETTINGS = {"heater": {"ramp": 25.0}, "node": {"clients": 2}}
_IDN = "ISSE,SECoP,V2019-09-16,v1.0"


def made(folder, node, **options):
    """The path of a file that `secnode image` made."""
    words = {"board": pico.BOARD, "node": node, "output": str(folder / "node.uf2"), "firmware": "", "settings": "", "set": []}
    assert image.main(argparse.Namespace(**{**words, **options})) == 0
    return folder / "node.uf2"


@pytest.fixture(scope="module")
def oven(level, tmp_path_factory):
    """A file with an oven and settings of its own."""
    folder = tmp_path_factory.mktemp("image")
    (folder / "settings.json").write_text(json.dumps(SETTINGS))
    return made(folder, "oven", settings=str(folder / "settings.json"), set=["access.console=write"])


def equipment(wire):
    return harness.split(wire.ask("describe"))[2]["equipment_id"]


def test_it_answers_from_a_blank_flash(oven, tmp_path, found):
    """The firmware is frozen in; the node, and the settings that were given; after a second start those that it saved."""
    with emulator.Emulator(flashed.board_file(), tmp_path / "flash", firmware=oven, speed=0) as board:
        board.wait_for_usb()
        with flashed.Line(board, "usb") as wire:
            found("a dropped file: from power on to the first answer", board.time / 1000, "s")
            assert wire.ask("*IDN?") == _IDN
            assert (equipment(wire), ramp(wire)) == ("example_org.oven", 25)
            assert wire.ask("change heater:ramp 33").startswith("changed")
            before = board.status()["flash_operations"]
            board.until(lambda: board.status()["flash_operations"] > before, 60)
            board.sleep(3000)
        board.off()
        board.on()
        board.wait_for_usb()
        with flashed.Line(board, "usb") as wire:
            assert ramp(wire) == 33
        there = flashed.mpremote(board, "exec", "import os; print(*sorted(os.listdir())); print(os.statvfs('/')[2])").split()
        own = (
            "board.mpy boot.py description.json discovery.json installed.txt main.py nodes outputs.txt settings.json stamp.mpy"
        )
        assert there == [*own.split(), "352"]
        kept = json.loads(flashed.mpremote(board, "fs", "cat", "settings.json"))
        assert kept["access"] == {"console": "write"} and kept["node"]["clients"] == 2


def test_power_that_goes_at_any_moment_of_the_first_minute(oven, tmp_path):
    """The flash as it was in the middle of what is written first: it starts, with the given value or the later one.

    First MicroPython writes the version of its littlefs, then the node saves.
    """
    with emulator.Emulator(flashed.board_file(), tmp_path / "flash", firmware=oven, speed=0) as board:
        board.record()
        board.wait_for_usb()
        with flashed.Line(board, "usb") as wire:
            assert wire.ask("change heater:ramp 33").startswith("changed")
            before = board.recorded()
            board.until(lambda: board.recorded() > before, 60)
            board.sleep(3000)
        n = board.recorded()
        seen = []
        board.keep(tmp_path / "whole")
        for operation, share in moments(n, 4):
            board.moment(operation, share, tmp_path / "moment")
            seen.append(starts_from(tmp_path / "moment", ramp))
    assert seen == sorted(seen) and set(seen) <= {25, 33} and seen[0] == 25, seen
    assert starts_from(tmp_path / "whole", ramp) == 33


def test_what_was_in_flash_before_does_not_count(level, oven, tmp_path):
    """Onto a board that has had another node, its files and its settings for long; `secnode flash` finds all there then."""
    node = flashed.Node("vector_magnet")
    try:
        path = node.flash
        node.board.off()
        with emulator.Emulator(flashed.board_file(), path, firmware=oven, speed=0) as board:
            board.wait_for_usb()
            with flashed.Line(board, "usb") as wire:
                assert (equipment(wire), ramp(wire)) == ("example_org.oven", 25)
            said, answer = flashed.put(board, flashed.contents("oven"), beside=flashed.contents("oven", frozen=True))
            assert "frozen in\n8 files" in said and "all there already" in said and answer == _IDN
    finally:
        node.stop()


def test_with_a_release_of_micropython_the_firmware_is_a_file(level, tmp_path):
    """--firmware, as for boards whose MicroPython is not built here; and the password is asked for."""
    path = made(tmp_path, "outside", firmware=str(pico.firmware()))
    with emulator.Emulator(flashed.board_file(), tmp_path / "flash", firmware=path, speed=0) as board:
        board.wait_for_usb()
        with flashed.Line(board, "usb") as wire:
            assert wire.ask("*IDN?") == _IDN
            assert harness.split(wire.ask("describe"))[2]["modules"].keys() == {"outside"}
        said, answer = flashed.put(board, flashed.contents("outside"))
        assert "all there already" in said and answer == _IDN
