"""Starts a node as start.py does, switches everything on and ends it: how the pins are then, for test_outputs.py.

python3 ending.py IMAGE HOST SHIMS HOW      micropython ending.py IMAGE HOST SHIMS HOW

HOW: "ctrl_c"; "error", an exception in asyncio itself; "off_fails", Ctrl-C, and what ends the modules fails as well;
"again N", a second Ctrl-C at the N-th line of the firmware that is run after the first (CPython alone; 0 for none).
"""

import os
import sys
import time

image, host, shims, how = sys.argv[1:]
sys.path[:0] = [image, host]
if sys.implementation.name == "cpython":
    sys.path.insert(0, shims)
    import cpython  # noqa: F401 - it has effects alone
os.chdir(image)
import asyncio  # noqa: E402

import stamp  # noqa: E402

import machine  # noqa: E402
from secnode import pace  # noqa: E402

for pin in (2, 3, 9, 10, 12):
    machine.Pin(pin, machine.Pin.OUT, value=1 if pin not in (9, 12) else 0)  # as something before left them
import boot  # noqa: E402, F401

print("boot", sorted(machine.levels.items()))
module = __import__("nodes." + stamp.NODE, None, None, ("node",))
make = module.node
made = []


def node(board):
    made.append(make(board))
    return made[0]


def run(coroutine):
    coroutine.close()
    upper, lower, relay, valve = made[0].modules
    upper.heater.set_power(30.0)
    lower.heater.set_power(40.0)
    relay.write_target(True)
    valve.write_target(True)
    time.sleep(0.05)  # a pin takes up a new duty two periods later at most
    pace.ticks_ms()  # when somebody looks
    print("on", sorted(machine.levels.items()))
    if how.startswith("again"):
        again(int(how.split()[1]))
    if how == "off_fails":

        def fail():
            raise MemoryError

        made[0].off = fail
    raise OSError(5) if how == "error" else KeyboardInterrupt


lines = 0


def again(number):
    """Raise a KeyboardInterrupt at the line of that number from now on."""

    def trace(frame, event, arg):
        global lines
        if event == "line" and frame.f_code.co_filename.startswith(image):
            lines += 1
            if lines == number:
                raise KeyboardInterrupt
        return trace

    frame = sys._getframe(1)
    while frame:
        frame.f_trace = trace
        frame = frame.f_back
    sys.settrace(trace)


module.node = node
asyncio.run = run
import main  # noqa: E402

try:
    print("code", main.run())
except (MemoryError, KeyboardInterrupt):
    print("code", None)
print("lines", lines)
print("end", sorted(machine.levels.items()))
