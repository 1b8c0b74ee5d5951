"""A line at the console never pulls a chip off in the midst of a transfer, where the model looks at the clock."""

import subprocess
import sys

from tools import paths

SCRIPT = """
import sys
sys.path[:0] = [{shims!r}, {host!r}, {firmware!r}]
import cpython
import console, machine, models
from machine import Timer
from secnode import pace

machine.I2C
chip = models.find("SHT4x", 0x44)
taken = []

def line(timer):
    if not console.busy:
        taken.append(1)
        chip.break_("absent")

Timer().init(period=1, mode=Timer.PERIODIC, callback=line)
for _ in range(20):
    chip.write(b"\\xfd")
    begun = pace.ticks_ms()
    while chip._answer and pace.ticks_diff(pace.ticks_ms(), begun) < 20:
        pass
    chip.break_("none")
    chip.write(b"\\xfd")
    chip._begun -= 100
    import time
    time.sleep(0.003)  # a line has come, and the next look at the clock brings it
    assert len(chip.read(6)) == 6
assert taken
"""


def test_a_transfer_is_whole():
    script = SCRIPT.format(shims=str(paths.SHIMS), host=str(paths.BOARDS / "HOST"), firmware=str(paths.FIRMWARE))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
