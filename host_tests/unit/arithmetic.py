"""The clock and the control arithmetic, answering questions at either level (see ../properties/driver.py)."""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import driver  # puts the firmware on the path
from coded import encode

from control.pid import PID
from control.settle import Settle
from secnode import log

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
    encoder.begin(b"update", b"a:b")
    encoder.value(1, hi, lo)
    return str(encoder.line(), "utf-8")


def pid(p, i, d, steps):
    """The power of each step (target, value, limit, dt); "reset" forgets the past."""
    controller = PID(p, i, d)
    powers = []
    for step in steps:
        if step == "reset":
            controller.reset()
        else:
            powers.append(encode(controller.step(*step)))
    return powers


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


def settle(tolerance, time, steps):
    """Whether arrived, after each step (target, value, dt); "reset" begins anew."""
    settled = Settle(tolerance, time)
    answers = []
    for step in steps:
        answers.append(settled.reset() if step == "reset" else settled.step(*step))
    return answers


if __name__ == "__main__":
    driver.serve({"clock": clock, "clock_text": clock_text, "stamp": stamp, "pid": pid, "plant": plant, "settle": settle})
