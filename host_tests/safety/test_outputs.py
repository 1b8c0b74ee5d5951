"""What a node drives is off before it begins and after it has ended: heaters, what is off at 1, what opened its pin itself."""

import ast
import shutil
import subprocess
from pathlib import Path

import pytest

from host_tests import harness
from tools import paths
from tools.image import image

# two ovens are more than a heap of 64 KiB holds
level = harness.level_fixture(*harness.LEVELS, "board-like")
NODE = harness.NODES / "outputs.py"
ENDING = Path(__file__).with_name("ending.py")
OFF = {2: 0, 3: 0, 9: 1, 10: 0}
LEFT = {12: 0}  # not the node's


def ending(level, tmp_path, how, change=lambda folder: None):
    """The pins at boot, when all is on, and at the end; and the exit code, or for "again N" how many lines were run."""
    folder, command = harness.power_on(level, NODE)
    (host,) = [Path(word).parent for word in command if str(word).endswith("start.py")]
    shutil.copytree(folder, tmp_path / "image")
    change(tmp_path / "image")
    words = [command[0], ENDING, tmp_path / "image", host, paths.SHIMS, how]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    found = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    levels = [dict(ast.literal_eval(found[key])) for key in ("boot", "on", "end")]
    code = int(found["lines"]) if how.startswith("again") else found["code"]
    return [{pin: round(level, 2) for pin, level in pins.items()} for pins in levels], code


@pytest.mark.parametrize("how", ["ctrl_c", "error", "off_fails"])
def test_all_is_off_at_the_start_and_whatever_ends_it(level, tmp_path, how):
    """Also where it had been left on before, and where what should end the modules fails."""
    (boot, on, end), _ = ending(level, tmp_path, how)
    assert boot == OFF | LEFT
    assert on == {2: 0.3, 3: 0.4, 9: 0, 10: 1} | LEFT
    assert end == OFF | LEFT


def test_a_second_ctrl_c_at_any_line_leaves_nothing_on(level, tmp_path):
    """At the lines of the firmware that come after the first one: each of the first, some of the rest.

    MicroPython raises it between the same lines, but can't be stopped there.
    """
    if level != "cpython":
        return
    (_, _, end), lines = ending(level, tmp_path / "0", "again 0")
    assert end == OFF | LEFT and lines > 100
    for number in [*range(1, 20), *range(20, lines, 25)]:
        (_, _, end), reached = ending(level, tmp_path / str(number), f"again {number}")
        assert end == OFF | LEFT, f"line {number} of {lines}, {reached} were run"


def test_heater_pins_are_low_where_nobody_knows_what_is_driven(level, tmp_path):
    """The valve stays as it is: that is what the list is for."""

    def damage(folder):
        text = (folder / "outputs.txt").read_bytes()
        (folder / "outputs.txt").write_bytes(text[:5])

    (boot, _, end), _ = ending(level, tmp_path, "off_fails", damage)
    low = dict.fromkeys((2, 3, 4, 5, 6, 7), 0)
    assert boot == low | LEFT | {9: 0, 10: 1}
    assert end == low | LEFT | {9: 0, 10: 1}


def test_the_list_is_frozen_beside_the_node():
    contents = image.files(str(NODE))
    assert contents["outputs.txt"].decode().splitlines()[:-1] == ["2 0", "3 0", "9 1", "10 0"]
    assert image.files("outside")["outputs.txt"] == image.sealed([])
    assert image.files("oven")["outputs.txt"] == image.sealed(["2 0"])


LATE = """from machine import Pin
from secnode.datainfo import Bool
from secnode.module import Parameter, Writable
from secnode.node import Node


class Lamp(Writable):
    value = Parameter(Bool(), description="on")
    target = Parameter(Bool(), readonly=False, description="on")

    def write_target(self, value):
        Pin(8, Pin.OUT, value=value)
        self.value = value


def node(board):
    return Node(equipment_id="late", description="x", modules=(Lamp(name="lamp", description="a lamp"),))
"""


def test_an_output_that_is_opened_later_is_told(start_node, tmp_path):
    """No list can have it: the simulated board says so, once."""
    (tmp_path / "late.py").write_text(LATE)
    node = start_node(tmp_path / "late.py")
    with node.connect() as wire:
        for value in ("true", "false", "true"):
            assert wire.ask(f"change lamp:target {value}").startswith("changed")
    node.stop()
    assert node.log.count("GPIO8 ") == 1 and "board.pin_out(8)" in node.log
