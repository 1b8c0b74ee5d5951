"""What is kept in the flash: over resets, and where the power goes in the middle of writing it."""

import itertools
import json

import pytest

from host_tests import harness
from host_tests.rp2040 import flashed

_SPEED = 20


def ramp(wire):
    return harness.split(wire.ask("read heater:ramp"))[2][0]


def again(node):
    """The node, after its board was off."""
    node.board.on()
    node.wait()
    return node.usb()


def test_settings_are_kept_over_a_reset(fresh):
    node = fresh("oven", speed=_SPEED)
    with node.usb() as wire:
        assert wire.ask("change heater:ramp 33").startswith("changed")
        flashed.until(lambda: node.board.status()["flash_operations"] > 0, node.board, 60)
        node.board.sleep(3000)
    node.board.reset()
    node.wait()
    with node.usb() as wire:
        assert ramp(wire) == 33


def test_a_power_cut_while_settings_are_written(fresh):
    """Whichever flash operation it hits, however much of it is done: the board starts, with the old value or the new one."""
    node = fresh("oven", speed=_SPEED)
    known = 10.0
    values = itertools.cycle((20.0, 30.0, 40.0))
    hit = 0
    for operations in range(7):
        for share in (0, 0.5):
            wanted = next(values)
            with node.usb() as wire:
                assert ramp(wire) == known
                node.board.cut(operations, share)
                wire.send(f"change heater:ramp {json.dumps(wanted)}")
                node.board.sleep(6000)
            hit += not node.board.status()["powered"]
            node.board.off()
            with again(node) as wire:
                known = ramp(wire)
                assert known in (wanted, wanted - 10, 40.0, 10.0)
    assert hit >= 6


@pytest.mark.parametrize("moment", [0, 3, 20])
def test_a_pulled_cable_while_files_are_copied(fresh, moment):
    """mpremote is stopped in the middle of a copy: the board still starts, to the REPL at least, and can be copied to again."""
    node = fresh("outside", speed=_SPEED)
    node.board.cut(moment, 0.5)
    with pytest.raises(flashed.Problem):
        flashed.mpremote(node.board, "fs", "cp", __file__, ":rubbish.py")
    node.board.on()
    node.wait()
    assert flashed.mpremote(node.board, "exec", "import os; print('main.py' in os.listdir())").strip() == "True"
