"""What is kept in the flash: `secnode flash` onto it, settings over resets, and power that goes in the middle of writing it."""

import json
import math

import pytest

from host_tests import harness
from host_tests.rp2040 import flashed
from tools.emulator import emulator


def ramp(wire):
    return harness.split(wire.ask("read heater:ramp"))[2][0]


def equipment(wire):
    return harness.split(wire.ask("describe"))[2]["equipment_id"]


def starts_from(path, look):
    """What look(wire) gives of a board with this in its flash, which has to start by itself."""
    with emulator.Emulator(flashed.board_file(), path, firmware=False, speed=0) as board:
        board.wait_for_usb()
        with flashed.Line(board, "usb") as wire:
            return look(wire)


def moments(n, count):
    """`count` (operation, share) of n operations, from the first to the last."""
    return [(i * (n - 1) // (count - 1), (0, 0.5)[i % 2]) for i in range(count)]


def test_onto_a_board_with_nothing_but_micropython(level, tmp_path, found):
    with emulator.Emulator(flashed.board_file(), tmp_path / "flash", speed=0) as board:
        board.wait_for_usb()
        begin = board.time
        said, answer = flashed.put(board, flashed.contents("outside"))
        found("flashing a node", (board.time - begin) / 1000, "s")
        assert answer.startswith("ISSE,SECoP") and "verified and committed" in said
        said, answer = flashed.put(board, flashed.contents("outside"))
        assert answer.startswith("ISSE,SECoP") and "all there already" in said


@pytest.fixture(scope="module")
def other(level):
    """What belongs on the board with another node than the one that is there."""
    return flashed.contents("vector_magnet")


@pytest.mark.parametrize("sent", [40, 3000, 15000, 40000])
def test_a_cable_pulled_while_flashing(fresh, other, sent):
    """After so many bytes: the node that was there starts, and flashing again puts the other there."""
    node = fresh("outside")
    with pytest.raises(flashed.Problem):
        flashed.put(node.board, other, cut=sent)
    node.restart(node.board.off)
    with node.usb() as wire:
        assert equipment(wire) == "introduction_node"
    if sent == 15000:
        flashed.put(node.board, other)
        with node.usb() as wire:
            assert equipment(wire) != "introduction_node"


def test_power_that_goes_at_any_moment_of_flashing(fresh, other, tmp_path):
    """The flash as it was in the middle of this or that operation: the board starts the one node or the other."""
    node = fresh("outside")
    node.board.record()
    flashed.put(node.board, other)
    seen = []
    for operation, share in moments(node.board.recorded(), 8):
        path = tmp_path / "moment"
        node.board.moment(operation, share, path)
        seen.append(starts_from(path, equipment))
    before = seen.count("introduction_node")
    assert 0 < before < len(seen) and len(set(seen)) == 2 and seen[:before] == ["introduction_node"] * before, seen


def test_a_cable_pulled_while_mpremote_copies(fresh, tmp_path):
    """The file is there or not, or a part of it; the node starts, and the board can be copied to."""
    big = tmp_path / "big.bin"
    big.write_bytes(bytes(range(256)) * 60)
    node = fresh("outside")
    for sent in (300, 4000, 20000):
        with pytest.raises(flashed.Problem):
            flashed.mpremote(node.board, "fs", "cp", big, ":big.bin", cut=sent)
        node.restart(node.board.off)
        with node.usb() as wire:
            assert equipment(wire) == "introduction_node"
    flashed.mpremote(node.board, "fs", "cp", big, ":big.bin", cut=math.inf)
    assert flashed.mpremote(node.board, "exec", "import os; print(os.stat('big.bin')[6])").split() == [str(256 * 60)]


def test_settings_are_kept_over_resets_and_power_cuts(fresh):
    node = fresh("oven")
    with node.usb() as wire:
        assert wire.ask("change heater:ramp 33").startswith("changed")
        node.board.until(lambda: node.board.status()["flash_operations"] > 0, 60)
        node.board.sleep(3000)
    for how in (node.board.reset, node.board.off):
        node.restart(how)
        with node.usb() as wire:
            assert ramp(wire) == 33


def test_power_that_goes_at_any_moment_of_saving(fresh, tmp_path):
    """The flash as it was in the middle of every operation: the board starts, with the old value or with the new one."""
    node = fresh("oven")
    with node.usb() as wire:
        node.board.record()
        for value in (20, 30):
            assert wire.ask(f"change heater:ramp {json.dumps(value)}").startswith("changed")
            operations = node.board.recorded()
            node.board.until(lambda: node.board.recorded() > operations, 60)  # noqa: B023
            node.board.sleep(3000)
    n = node.board.recorded()
    assert n >= 4
    seen = []
    for operation, share in moments(n, 6):
        path = tmp_path / "moment"
        node.board.moment(operation, share, path)
        seen.append(starts_from(path, ramp))
    assert seen == sorted(seen) and set(seen) <= {10, 20, 30} and seen[0] == 10 and seen[-1] in (20, 30), seen
