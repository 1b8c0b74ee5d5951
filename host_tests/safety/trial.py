"""One trial of the heater with a fault of its plant, for test_faults.py: prints what happened as one line of JSON.

    python3 trial.py IMAGE HOST SHIMS TARGET FAULT AFTER SECONDS        micropython the same

The heater is sent to TARGET; AFTER seconds later FAULT happens. FAULT is one of plant.FAULTS, or what goes wrong in software:
control_dies, control_hangs, loop_hangs, guard_dies. The trial ends at the trip, or SECONDS after the fault.
"""

import sys

image, host, shims, target, fault, after, seconds = sys.argv[1:]
sys.path[:0] = [image, host]
if sys.implementation.name == "cpython":
    sys.path.insert(0, shims)
    import cpython  # noqa: F401
import os  # noqa: E402

os.chdir(image)
import asyncio  # noqa: E402
import json  # noqa: E402

import stamp  # noqa: E402

import board  # noqa: E402
import boot  # noqa: E402, F401
import machine  # noqa: E402
from secnode import pace  # noqa: E402

node = __import__("nodes." + stamp.NODE, None, None, ("node",)).node(board)
node.open(stamp.FINGERPRINT)
heater = node.modules[1]
plant = machine.plant
target, after, seconds = float(target), float(after), float(seconds)


class Broken(Exception):
    pass


def break_software():
    def die(*_):
        raise Broken

    async def hang():
        await asyncio.Event().wait()

    if fault == "control_dies":
        heater.pid.step = die
    elif fault == "guard_dies":
        heater.guard.step = die
    elif fault == "control_hangs":
        heater._decide = lambda *_: None
    elif fault == "loop_hangs":
        # nothing else runs any more; as on a board, a timer's callback does
        begin = pace.ticks_ms()
        while pace.ticks_diff(pace.ticks_ms(), begin) < 5000:
            pass
    else:
        plant.fault(fault)


async def main():
    await node.start()
    heater.write_target(target)
    heater.target = target
    begin = pace.ticks_ms()
    broken = off = None
    peak = 0.0
    while True:
        age = pace.ticks_diff(pace.ticks_ms(), begin) / 1000
        plant.advance()
        peak = max(peak, plant.block)
        if broken is None and age >= after:
            broken = age
            heated = plant.duty
            break_software()
            if plant.duty == 0:
                off = pace.ticks_diff(pace.ticks_ms(), begin) / 1000 - broken
        if broken is not None and off is None and heater.tripped:
            off = age - broken
        if broken is not None and (heater.tripped or age > broken + seconds):
            break
        await pace.sleep_ms(100)
    print(
        json.dumps(
            {
                "off": off,
                "status": heater.status,
                "peak": peak,
                "block": plant.block,
                "level": machine.levels[2],
                "heated": heated,
            }  # fmt: skip
        )
    )


asyncio.run(main())
