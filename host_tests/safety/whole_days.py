"""Whole nodes through days of condensed orders, in virtual time: nothing trips, and one fault is told within a stated time.

    .venv/bin/python -m host_tests.safety.whole_days --nodes 200 --seed 1 [--hours 24] [--fault]

The firmware runs from power-on as on the board HOST (boards/HOST/trial), asyncio, wire, files and all; `random_plants` has more
plants, as plain arithmetic. A node is a seed, which draws its orders, and its plant's noise. What deviates is printed with its
seed; `--only SEED` runs that one. Faults that software can't see (docs/safety.md) are not drawn.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from tools.image import image
from tools.proof import faults

NODE = faults.NODE
# (fault, after which s it has to be told), in phases from the table of faults
_DRAWN = ("sensor_open", "sensor_short", "sensor_stuck", "heater_open", "sensor_off", "transistor_short", "duty_wrong")
FAULTS = [
    (cell.fault, cell.phase, cell.told)
    for cell in faults.cells()
    if cell.what in ("off", "told") and cell.phase in ("heating", "holding", "ramping") and cell.fault in _DRAWN
]
_GAP = (60, 1800)  # s from one order to the next


def orders(seed, seconds):
    """Pairs of s and line: what a day of a laboratory asks of the oven, condensed."""
    rng = random.Random(seed)
    at, found = 5, []
    while at < seconds:
        target = round(rng.uniform(30, 110), 1)
        go = f"change heater:target {target}"
        found += [
            (at, line)
            for line in rng.choice((
                [go],
                ["change heater:ramp_enable false", go],
                [f"change heater:ramp {rng.uniform(2, 60):.1f}", "change heater:ramp_enable true", go],
                ["do heater:control_off"],
                [f"do heater:_autotune {min(target, 90)}"],
                [f"change heater_power:target {rng.uniform(0, 15):.1f}"],
                ["read sensor:value", "describe"],
            ))
        ]  # fmt: skip
        at += round(rng.uniform(*_GAP))
    return found


class Days:
    def __init__(self, python=sys.executable):
        self._trials = faults.Trials(python, image.build(NODE))

    def faultless(self, seed, hours):
        """Words for a trip, or None."""
        seconds = round(hours * 3600)
        plan = {"phase": "day", "seconds": seconds, "orders": orders(seed, seconds), "seed": seed}
        with tempfile.TemporaryDirectory(prefix="secnode-") as kept:
            found = self._trials.once(plan, kept, 300 + seconds)
        if found.get("told") is not None or found["code"]:
            return f"seed {seed}: after {found.get('told')} s: {found.get('text')}; the program ended with {found['code']}"
        return None

    def faulty(self, seed):
        """Words for a fault that is not told in time, or None."""
        fault, phase, limit = random.Random(seed).choice(FAULTS)
        plan = {"phase": phase, "fault": fault, "seconds": limit + 20, "seed": seed}
        with tempfile.TemporaryDirectory(prefix="secnode-") as kept:
            found = self._trials.once(plan, kept)
        if not (found.get("told") is not None and found["told"] <= limit):
            return f"seed {seed}: {fault} while {phase} is told after {found.get('told')} s, {limit:g} are allowed"
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1, help="of the first node")
    parser.add_argument("--only", type=int, help="this one alone")
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--fault", action="store_true", help="one fault each, instead of a day without")
    args = parser.parse_args()
    seeds = [args.only] if args.only is not None else range(args.seed, args.seed + args.nodes)
    days = Days()
    began = time.time()
    bad = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for words in pool.map(lambda seed: days.faulty(seed) if args.fault else days.faultless(seed, args.hours), seeds):
            if words:
                bad += 1
                print(words, flush=True)
    what = "with a fault" if args.fault else f"of {args.hours:g} h"
    print(f"{len(seeds)} nodes {what} from seed {seeds[0]}: {bad} deviate; {time.time() - began:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
