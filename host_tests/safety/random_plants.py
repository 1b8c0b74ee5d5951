"""Random plants, noises and lags: life without a fault trips nobody, and one fault each trips within a stated time.

    .venv/bin/python -m host_tests.safety.random_plants --plants 10000 --seed 1

Each plant is a seed of its own, printed where it deviates; `--only SEED` runs that one. Control and guard are the firmware's,
see plants.py. What software can't see (docs/safety.md) is not drawn.
"""

import argparse
import os
import random
import sys
from concurrent.futures import ProcessPoolExecutor

from host_tests.safety.plants import Plant, Rig, clock

MINUTES = 20  # of condensed orders
# after which s it has to trip, and what it is called
FAULTS = {"heater open": 600, "sensor stuck": 300, "sensor off": 600, "transistor shorted": 300}


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


def reach(rig, rng):
    """A target that 50 W can hold, with room."""
    plant = rig.plant
    return rng.uniform(plant.surroundings + 5, min(plant.surroundings + 30 / plant.loss, 110))


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


def faulty(seed):
    """Words for a fault that is not told in time, or None."""
    rng, rig = draw(seed)
    plant = rig.plant
    rig.target(reach(rig, rng))
    far = rig.oven.target - plant.surroundings
    rig.run(rng.choice((rng.uniform(3, 20), 600)))
    if rig.tripped:
        return f"seed {seed}: before any fault: {rig.tripped}"
    fault = rng.choice(list(FAULTS))
    if fault == "sensor off" and (rig.now < 100 or far < 15):
        # docs/safety.md: of a plant that is not known yet, who sees a tenth sees a slow one; near the room little falls
        fault = "heater open"
    if fault == "heater open" and far < rig.oven.guard.hysteresis + 3:
        fault = "transistor shorted"  # it does not get as cold as that; nor hot
    if fault == "heater open":
        plant.gain = 0.0
    elif fault == "sensor stuck":
        # below the target, as it hardly is when it holds; above, the heater goes off, which is as well
        plant.stuck = min(plant.sensor, rig.oven.target - 0.1)
    elif fault == "sensor off":
        plant.coupling = 0.1
    else:
        plant.short = 100.0
    # a slow plant takes its time to be 5 K below, which is where the guard looks
    limit = FAULTS[fault] + (4 * plant.capacity / plant.loss / max(far / 10, 1) if fault == "heater open" else 0)
    rig.run(limit)
    if not rig.tripped and rig.oven.active and rig.output.power > 10:
        return f"seed {seed}: {fault} is not told within {limit:.0f} s; the block is at {plant.block:.0f}"
    if fault == "transistor shorted" and not rig.tripped:
        return f"seed {seed}: {fault} is not told within {limit:.0f} s; the block is at {plant.block:.0f}"
    return None


def both(seed):
    return [words for words in (faultless(seed), faulty(seed)) if words]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plants", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1, help="of the first plant")
    parser.add_argument("--only", type=int, help="this one alone")
    args = parser.parse_args()
    seeds = [args.only] if args.only is not None else range(args.seed, args.seed + args.plants)
    bad = 0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for words in pool.map(both, seeds, chunksize=4):
            for line in words:
                bad += 1
                print(line, flush=True)
    print(f"{len(seeds)} plants from seed {seeds[0]}: {bad} deviate")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
