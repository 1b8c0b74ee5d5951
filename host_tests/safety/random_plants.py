"""Random plants, noises and lags: life without a fault trips nobody, and one fault each trips within a stated time.

    .venv/bin/python -m host_tests.safety.random_plants --plants 10000 --seed 1

Each plant is a seed of its own, printed where it deviates; `--only SEED` runs that one. A fault strikes at a random moment of
the hour. Control and guard are the firmware's, see plants.py. What software can't see (docs/safety.md) is not drawn.
"""

import argparse
import math
import os
import random
import sys
from concurrent.futures import ProcessPoolExecutor

from host_tests.safety.plants import Plant, Rig, clock

MINUTES = 60  # of condensed orders
# (fault, phase): after which s it has to trip. Of the thresholds: four bad readings are 1 s; an equal value is asked about
# after stuck_time and has three times gain_time to answer, once it is heated at all; 3 K in 20 s add up to 120 K s; a fall
# has 230 s to be followed
TIMES = {
    "sensor open": {"heating": 2, "holding": 2, "ramping": 2, "cooling": 2, "off": 2},
    "sensor shorted": {"heating": 2, "holding": 2, "ramping": 2, "cooling": 2, "off": 2},
    "sensor stuck": {"heating": 40, "holding": 40, "ramping": 40},  # and what the thresholds say
    "sensor off": {"holding": 300, "ramping": 300},
    "heater open": {"heating": 600, "holding": 600, "ramping": 600},
    "transistor shorted": {"heating": 300, "holding": 300, "ramping": 300, "cooling": 300, "off": 300},
    "transistor leaks": {"off": 300},
}
_HOTTER = 60  # K above its target: no hotter a block gets whose sensor is off
_DRAWN = [(fault, phase) for fault, times in TIMES.items() for phase in times]


def draw(seed):
    """A plant that the default thresholds are for, and a control that suits it."""
    rng = random.Random(seed)
    capacity = rng.uniform(15, 200)  # J/K, at 50 W
    loss = capacity / rng.uniform(150, 2000)  # W/K
    loss = min(loss, 0.45)
    lag, dead = rng.uniform(0.2, 10), rng.choice((0.0, 0.0, rng.uniform(0, 4)))
    surroundings = rng.uniform(12, 31)
    start = surroundings - rng.choice((0.0, rng.uniform(0, 25)))
    plant = Plant(capacity, loss, lag, dead, surroundings, start)
    late = max(lag + dead, 1.0)
    p = 0.7 * capacity / (late + dead)
    gains = {"p": p, "i": p * p / 4 / capacity, "d": p * lag, "filter": late / 4}
    noise = rng.choice((0.0, 0.02, 0.05, 0.1))
    # noise may move the power by a tenth, as autotune has it
    swing = p * (1 + lag / (late / 4 + 0.2)) * noise
    if swing > 5:
        gains = {name: value * 5 / swing if name != "filter" else value for name, value in gains.items()}
        gains["i"] *= 5 / swing
    random.seed(seed)
    clock.now = 0  # whatever ran before, a seed is the same
    return rng, Rig(plant, noise, gains=gains)


def _highest(rig):
    # degC that 50 W can hold, with room
    plant = rig.plant
    return min(plant.surroundings + 30 / plant.loss, 110)


def reach(rig, rng):
    """A target that 50 W can hold, with room."""
    return rng.uniform(rig.plant.surroundings + 5, _highest(rig))


def life(rig, rng):
    """One order of a laboratory's day, and the time until the next."""
    oven, plant = rig.oven, rig.plant
    what = rng.choice(("target", "target", "target", "ramp", "off", "tune", "door", "sample", "stay"))
    if what == "target":
        oven.write_ramp_enable(0)
        rig.target(reach(rig, rng))
    elif what == "ramp":
        oven.write_ramp(rng.uniform(2, 60))
        oven.write_ramp_enable(1)
        rig.target(reach(rig, rng))
    elif what == "off":
        oven.do_control_off()
    elif what == "tune":
        oven.do__autotune(reach(rig, rng))
    elif what == "sample":
        plant.block = max(plant.block - rng.uniform(5, 35), -30)  # not below what the node allows
    elif what == "door":
        before, plant.loss = plant.loss, min(plant.loss * rng.uniform(1.5, 4), 25 / max(plant.block - plant.surroundings, 1))
        plant.loss = max(plant.loss, before)
        rig.run(60)
        plant.loss = before
    rig.run(rng.uniform(20, 300))
    return what


def faultless(seed):
    """Words for a trip that should not be, or None."""
    rng, rig = draw(seed)
    orders = []
    while rig.now < MINUTES * 60 and not rig.tripped:
        orders.append(life(rig, rng))
    if rig.tripped:
        return f"seed {seed}: after {rig.now:.0f} s of {', '.join(orders)}: {rig.tripped}"
    return None


def begin(rig, rng, phase):
    """To where the fault strikes, after some part of an hour; whether it got there."""
    oven, plant = rig.oven, rig.plant
    moment = rng.uniform(0, MINUTES * 60)
    while rig.now < moment and not rig.tripped:
        life(rig, rng)
    if rig.tripped:
        return False
    oven.write_ramp_enable(0)
    if phase in ("heating", "ramping"):
        target = max(reach(rig, rng), plant.surroundings + 15)
        oven.do_control_off()
        rig.run(7200, until=lambda: plant.block < target - 10)
        if rig.tripped or plant.block >= target - 10:
            return False
        if phase == "ramping":
            oven.write_ramp(rng.uniform(5, 60))
            oven.write_ramp_enable(1)
        rig.target(target)
        began = rig.now
        if phase == "heating":
            rig.run(rng.uniform(3, 20))
        else:
            rig.run(rng.uniform(60, 300), until=lambda: rig.now > began + 30 and oven.status[0] != 370)
        return not rig.tripped
    rig.target(reach(rig, rng))
    rig.run(7200, until=lambda: oven.status[0] == 100)
    rig.run(rng.uniform(60, 300))
    if rig.tripped or oven.status[0] != 100:
        return False
    if phase == "cooling":
        rig.target(rng.uniform(plant.surroundings, oven.target - 5))
        rig.run(rng.uniform(1, 60))
    elif phase == "off":
        oven.do_control_off()
        rig.run(rng.uniform(5, 120))
    return not rig.tripped


def strike(rig, fault, phase):
    """Break it, but for what software can't see there (docs/safety.md); how much longer it takes, in s, or None."""
    plant, oven = rig.plant, rig.oven
    far = oven.target - plant.surroundings
    if fault == "sensor open":
        plant.raw = 0.0
    elif fault == "sensor shorted":
        plant.raw = 65535.0
    elif fault == "sensor stuck":
        # below the target, as it hardly is when it holds; above, the heater goes off, which is as well
        plant.stuck = min(plant.sensor, oven.target - 0.1)
        return oven.guard.stuck_time + 3 * oven.guard.gain_time  # which an autotune sets
    elif fault == "sensor off":
        above = plant.block - plant.surroundings
        if above < 20 or (plant.capacity < 30 and (phase == "ramping" or above < 30)):
            return None  # little falls, or what a fast one sees of itself is a slow one's warming
        plant.coupling = 0.1
        return 3 * plant.lag  # as long it falls
    elif fault == "heater open":
        if far < oven.guard.hysteresis + 3:
            return None  # it does not get so cold
        plant.gain = 0.0
        # a slow plant takes its time to be 5 K below, which is where the guard looks
        return 4 * plant.capacity / plant.loss / max(far / 10, 1)
    elif fault == "transistor shorted":
        plant.short = 100.0
    else:
        plant.short = 10.0
        end = plant.surroundings + plant.short / plant.loss
        end = plant.block + (end - plant.block) * (1 - math.exp(-200 * plant.loss / plant.capacity))
        if end < max(plant.block + 15, oven.guard.surroundings + 5):
            return None  # too hot for so little power to warm it, or too large a loss
    return 0


def faulty(seed):
    """Words for a fault that is not told in time, or None; and (fault, phase, after which s, within which s, hottest block)."""
    rng, rig = draw(seed)
    fault, phase = rng.choice(_DRAWN)
    there = begin(rig, rng, phase)
    if rig.tripped:
        return f"seed {seed}: before any fault, {phase}: {rig.tripped}", None
    more = strike(rig, fault, phase) if there else None
    if more is None:
        return None, None
    began, limit = rig.now, TIMES[fault][phase] + more
    rig.plant.hottest = rig.plant.block
    rig.run(limit)
    told = fault, phase, round(rig.now - began, 1), round(limit), round(rig.plant.hottest)
    slow = rig.oven.status[1].startswith("it warms slowly")
    if slow and phase != "holding" and fault in ("heater open", "sensor off") and rig.plant.hottest < rig.oven.target + 50:
        return None, None  # what warmed a little before is a slow plant: a warning, and a tenth of the power (docs/safety.md)
    if not rig.tripped:
        now = f"the block is at {rig.plant.block:.0f}, {rig.output.power:.1f} W, {rig.oven.status[1]!r}"
        return f"seed {seed}: {fault}, {phase}: not told within {limit:.0f} s; {now}", None
    over = rig.plant.hottest - rig.oven.target
    if fault == "sensor off" and over > _HOTTER:
        return f"seed {seed}: {fault}, {phase}: the block was {over:.0f} K above the target", told
    return None, told


def both(seed):
    words, told = faulty(seed)
    return seed, [words for words in (faultless(seed), words) if words], told


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plants", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1, help="of the first plant")
    parser.add_argument("--only", type=int, help="this one alone")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    args = parser.parse_args()
    seeds = [args.only] if args.only is not None else range(args.seed, args.seed + args.plants)
    bad, slowest = 0, {}
    with ProcessPoolExecutor(args.processes) as pool:
        for seed, words, told in pool.map(both, seeds, chunksize=4):
            for line in words:
                bad += 1
                print(line, flush=True)
            if told:
                fault, phase, *rest = told
                count, *slow = slowest.get((fault, phase), (0, 0, 0, 0))
                slowest[fault, phase] = (count + 1, *max(rest, slow, key=lambda found: found[0]))
            if (seed - seeds[0] + 1) % 500 == 0:
                print(f"up to seed {seed}: {bad} deviate", flush=True)
    for (fault, phase), (count, after, limit, hottest) in sorted(slowest.items()):
        print(f"{fault}, {phase}: {count} told, the last after {after} s of {limit} s, its block at {hottest} degC")
    print(f"{len(seeds)} plants from seed {seeds[0]}: {bad} deviate")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
