"""The firmware frozen into MicroPython: what `secnode flash` puts beside it, and that it takes half of the heap."""

import shutil

import pytest

from host_tests import harness
from host_tests.rp2040 import flashed
from host_tests.rp2040.test_memory import AT_THE_REPL, result
from host_tests.rp2040.test_safety import BREAKING
from tools.build import frozen
from tools.emulator import emulator


def put(board):
    return flashed.put(board, flashed.contents(BREAKING), beside=flashed.contents(BREAKING, frozen=True))


def switch_on(board):
    """A client at the USB of a board that was just switched on, and how many ms ago that was."""
    board.off()
    begin = board.time
    board.on()
    board.wait_for_usb()
    return flashed.Line(board, "usb"), board.time - begin


def in_use(board):
    """Bytes of the heap that a node takes that has just started, and s from power on to its first answer."""
    wire, started = switch_on(board)
    with wire:
        free = result(wire, "_free")
    return int(flashed.mpremote(board, "exec", AT_THE_REPL).split()[0]) - free, started / 1000


@pytest.fixture(scope="module")
def before(level, tmp_path_factory):
    """The flash of a board with all of it as .mpy files, and in_use() of it."""
    path = tmp_path_factory.mktemp("frozen") / "flash"
    shutil.copy(flashed.flash(BREAKING), path)
    with emulator.Emulator(flashed.board_file(), path, firmware=False, speed=0) as board:
        yield path, in_use(board)


@pytest.fixture(scope="module")
def board(before):
    """This board, when MicroPython was put onto it that has the firmware frozen in, and then the node; `said` of that."""
    path = before[0].with_name("frozen")
    shutil.copy(before[0], path)
    with emulator.Emulator(flashed.board_file(), path, firmware="frozen", speed=0) as board:
        board.wait_for_usb()
        board.said, answer = put(board)
        assert answer.startswith("ISSE,SECoP")
        yield board


def test_the_node_alone_is_copied(board):
    assert "frozen in\n8 files, " in board.said and "committed" in board.said
    said, answer = put(board)
    assert "frozen in\n8 files" in said and "committed" not in said and answer.startswith("ISSE,SECoP")
    there = flashed.mpremote(board, "exec", "import os; print(*sorted(os.listdir()))").split()
    own = "board.mpy boot.py description.json discovery.json installed.txt main.py nodes outputs.txt stamp.mpy"
    assert there == own.split()


def test_it_takes_half_of_the_heap(before, board, found):
    kept, started = in_use(board)
    for name, (bytes, seconds) in {".mpy files": before[1], "frozen": (kept, started)}.items():
        found(f"{name}: in use by the example heater and a module that measures", bytes / 1024, "KiB")
        found(f"{name}: from power on to the first answer", seconds, "s")
    assert kept < before[1][0] * 3 / 5 and started < before[1][1]


def test_it_serves_and_ctrl_c_ends_it(board):
    with switch_on(board)[0] as wire:
        assert wire.ask("*IDN?") == "ISSE,SECoP,V2019-09-16,v1.0"
        assert harness.split(wire.ask("describe"))[2]["modules"].keys() == {"outside", "heater", "breaker"}
        assert 20 < harness.split(wire.ask("read heater:value"))[2][0] < 40
        assert wire.ask("change heater:target 9000").startswith('error_change heater:target ["RangeError", ')
        assert wire.ask("help").startswith('helping 1 "')  # texts of which a board with .mpy files has a file
        wire.begin()
        assert wire.ask("change heater:target 110").startswith("changed heater:target [110")
        board.until(lambda: board.duty(200) > 0.99, 10)
        begin = board.time
        wire.socket.sendall(b"\x03")
        assert board.low_after(begin, 1500) < 500


def test_another_firmware_is_frozen_in(board, monkeypatch):
    """All is copied then, and hides it."""
    other = frozen.of_board("RPI_PICO")
    other.digest = "0123456789abcdef"
    monkeypatch.setattr(frozen, "of_board", lambda name: other)
    said, answer = put(board)
    assert harness.mentions(said, "--frozen`", f"\n{len(flashed.contents(BREAKING))} files")
    assert "committed" in said and answer.startswith("ISSE,SECoP")
    assert "texts" in flashed.mpremote(board, "exec", "import os; print(*os.listdir())").split()
