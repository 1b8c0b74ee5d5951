"""The clock and the control arithmetic, answering questions at either level (see ../properties/driver.py)."""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import driver  # puts the firmware on the path
from bench import Bench
from coded import encode

from control.autotune import Autotune
from control.guard import Guard
from control.pid import PID
from control.ramp import Ramp
from control.settle import Settle
from control.total import Total
from secnode import log
from transport.stream import Stream

PERIOD = 1 << 30  # of the ticks


class Time:
    """Stands in for the board's `time`: it stands still unless it is told otherwise."""

    def __init__(self, epoch, ticks):
        self.epoch = epoch
        self.ticks = ticks
        self.ns = 0

    def gmtime(self, seconds):
        return (self.epoch, 1, 1, 0, 0, 0, 0, 1)

    def ticks_ms(self):
        return self.ticks

    def ticks_diff(self, a, b):
        return ((a - b + PERIOD // 2) % PERIOD) - PERIOD // 2

    def time_ns(self):
        return self.ns


class Watch:
    """A Clock, the board's time below it, and what is logged."""

    def __init__(self, epoch, ticks):
        real = sys.modules.get("time")
        self.time = sys.modules["time"] = Time(epoch, ticks)
        sys.modules.pop("secnode.clock", None)
        # a fresh one, since it looks for the epoch when it is imported
        self.module = __import__("secnode.clock", None, None, ("Clock",))
        if real:
            sys.modules["time"] = real
        else:
            del sys.modules["time"]
        self.clock = self.module.Clock()
        self.logged = []
        log.sinks[:] = [lambda level, module, text: self.logged.append(text)]


def clock(epoch, ticks, steps):
    """What a clock says while time passes: [[hi, lo, text], ...], [what was logged].

    The board's clock counts from `epoch` (2000 or 1970). Steps: ["pass", ms] without a look at the board's clock,
    ["sync", Unix time in ms] with one.
    """
    watch = Watch(epoch, ticks)
    said = []
    for what, ms in steps:
        if what == "pass":
            watch.time.ticks = (watch.time.ticks + ms) % PERIOD
            watch.clock.read()
        else:
            watch.time.ns = (ms - (946684800000 if epoch == 2000 else 0)) * 1000000
            watch.clock.sync()
        hi, lo = watch.clock.hi, watch.clock.lo
        said.append([hi, lo, str(watch.module.text(hi, lo), "utf-8")])
    return said, watch.logged


def clock_text(pairs):
    """The text of each (hi, lo)."""
    module = Watch(1970, 0).module
    return [str(module.text(hi, lo), "utf-8") for hi, lo in pairs]


def stamp(hi, lo):
    """An update's line with a timestamp."""
    from secnode import message

    encoder = message.Encoder()
    encoder.begin(b"update ", b"a:b")
    encoder.value(1, hi, lo)
    return str(encoder.line(Stream), "utf-8")


def pid(p, i, d, steps, filter=0.0):
    """The power of each step (target, value, limit, dt), numbers or "nan", "inf".

    "reset" forgets the past, ["reset", power] begins at a power, ["tune", p, i, d] changes the parameters,
    ["shift", step] counts temperatures from elsewhere.
    """
    controller = PID(p, i, d, filter)
    powers = []
    for step in steps:
        if step == "reset":
            controller.reset()
        elif step[0] in ("reset", "tune", "shift"):
            getattr(controller, step[0])(*step[1:])
        else:
            powers.append(encode(controller.step(*[float(x) for x in step])))
    return powers


def total(start, summand, times):
    """A sum after so many summands."""
    found = Total(start)
    for _ in range(times):
        found.add(summand)
    return encode(found.value)


def plant(p, i, d, limit, seconds, targets):
    """[temperature, power] at the end of each target's `seconds`: a first-order plant of 20 J/K and 0.5 W/K at 20 degC."""
    controller = PID(p, i, d)
    temperature = 20.0
    found = []
    for target in targets:
        highest = temperature
        for _ in range(seconds * 5):
            power = controller.step(target, temperature, limit, 0.2)
            temperature += (power - 0.5 * (temperature - 20)) / 20 * 0.2
            highest = max(highest, temperature)
        found.append([round(temperature, 3), round(power, 3), round(highest, 3)])
    return found


def settle(tolerance, time, timeout, rate, steps):
    """[arrived, state] after each step (target, value, dt), numbers or "nan"; "reset" begins anew."""
    settled = Settle(tolerance, time, timeout, rate)
    answers = []
    for step in steps:
        arrived = settled.reset() if step == "reset" else settled.step(*[float(x) for x in step])
        answers.append([arrived, settled.state])
    return answers


def ramp(rate, steps):
    """The setpoint after each step [target, dt] or ["start", value]; ["rate" or "hold" or "enabled", value] sets that."""
    moving = Ramp(rate)
    answers = []
    for what, value in steps:
        if what == "start":
            moving.start(value)
            answers.append(encode(moving.setpoint))
        elif what == "time":
            answers.append(encode(moving.time_to_target(value)))
        elif what in ("rate", "hold", "enabled"):
            setattr(moving, what, float(value) if what == "rate" else value)
        else:
            answers.append(encode(moving.step(float(what), float(value))))
    return answers


def creep(rate, start, target, dt, times):
    """The setpoint after so many steps."""
    moving = Ramp(rate)
    moving.start(start)
    for _ in range(times):
        moving.step(target, dt)
    return encode(moving.setpoint)


def heat(parameters, plant, target=60.0, limit=50.0, seconds=300):
    """[overshoot of the block, of the sensor, time at full power, time until it stays within 0.1 K], in K and s.

    `parameters` are PID's, `plant` Bench's, each a dict; the last time is for the sensor, noise apart.
    """
    fastest = Bench(**plant)
    full = 0.0
    while fastest.sensor < target:
        fastest.heat(limit)
        full += 0.2
    controller = PID(**parameters)
    bench = Bench(**plant)
    block = sensor = -1000.0
    arrived = 0.0
    for step in range(int((seconds + 3 * full) * 5)):
        bench.heat(controller.step(target, bench.read(), limit, 0.2))
        block = max(block, bench.block - target)
        sensor = max(sensor, bench.sensor - target)
        if abs(bench.sensor - target) > 0.1:
            arrived = step / 5
    return [encode(x) for x in (block, sensor, full, arrived)]


def tune(plant, options, target=60.0, power=50.0):
    """[error or text, peaks, s, what PID gets, holding] of an autotune of a plant."""
    test = Autotune(target, power, **options)
    bench = Bench(**plant)
    steps = 0
    while not test.done:
        bench.heat(test.step(bench.read(), 0.2))
        steps += 1
    found = {"p": test.p, "i": test.i, "d": test.d, "filter": test.filter}
    return [test.error or test.text, test.peaks, steps / 5, found, test.holding]


def relay(target, power, options, values, dt):
    """[power, text] for each value, number or "nan"; and then [error, p, i, d, filter, done]."""
    test = Autotune(target, power, **options)
    answers = [[encode(test.step(float(value), dt)), test.text] for value in values]
    return answers, [encode(x) for x in (test.error, test.p, test.i, test.d, test.filter, test.done)]


def guard(thresholds, steps):
    """[step it ended at, words] of a guard: the first words it gives, or [None, None].

    Steps are [count, dt, raw, fault, temperature, setpoint, power], each done so often, with raw and temperature numbers or
    "nan"; or "reset"; or ["full", W]. An odd step in a row has raw + 1, so that the sensor is not stuck,
    unless count is negative.
    """
    return _guarded(_guard(thresholds), steps)


def warned(thresholds, steps):
    """[the warning, the most power] of a guard after those steps."""
    watching = _guard(thresholds)
    found = _guarded(watching, steps)
    if found[1]:
        raise ValueError(found[1])
    watching.allow()
    return [watching.warning, float(watching.most)]


def _guard(thresholds):
    watching = Guard()
    watching.full = 50.0
    for name, value in thresholds.items():
        setattr(watching, name, value)
    return watching


def _guarded(watching, steps):
    number = 0
    for step in steps:
        if step == "reset":
            watching.reset()
            continue
        if step[0] == "full":
            watching.full = step[1]
            continue
        count, dt, raw, fault, temperature, setpoint, power = step
        for i in range(abs(count)):
            number += 1
            alive = i % 2 if count > 0 else 0
            text = watching.step(dt, float(raw) + alive, fault, float(temperature), setpoint, power)
            if text:
                return [number, text]
    return [None, None]


OPERATIONS = (clock, clock_text, stamp, pid, total, plant, settle, ramp, creep, heat, tune, relay, guard, warned)

if __name__ == "__main__":
    driver.serve({operation.__name__: operation for operation in OPERATIONS})
