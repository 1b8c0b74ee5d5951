"""A motor's pulses and its ramp, answering questions at a level (see ../properties/driver.py): PIO cycle for cycle."""

import gc
import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")
sys.path.append(__file__.rsplit("/", 1)[0])

import driver  # puts the firmware on the path
from coded import encode
from pio import RP2, StateMachine

sys.modules["rp2"] = RP2

from drivers.pio_stepper import PIOStepper  # noqa: E402
from modules import motor  # noqa: E402
from secnode import pace  # noqa: E402
from secnode.datainfo import Double  # noqa: E402
from secnode.module import Parameter  # noqa: E402

_now = 0
pace.ticks_ms = lambda: _now


class _Pin:
    def value(self, level):
        self.level = level


def runs(put):
    """[cycles at which the pin rose, steps left after each put, those at the end] of runs of (count, hz)."""
    stepper = PIOStepper(7, _Pin(), _Pin())
    machine = StateMachine.last
    left = []
    for count, hz in put:
        while not stepper.room():
            machine.run(machine.cycle + 1000)
        stepper.put(count, hz)
        left.append(stepper.left())
    while stepper.left():
        machine.run(machine.cycle + 1000)
    machine.run(machine.cycle + 1000)
    return [machine.rises, left, stepper.left(), stepper.now(), stepper.position]


def halted(put, at):
    """[pulses that came, where it believes to be] where it is halted at a cycle, and at once begins anew."""
    stepper = PIOStepper(7, _Pin(), _Pin())
    machine = StateMachine.last
    for count, hz in put:
        stepper.put(count, hz)
    machine.run(at)
    stepper.halt()
    came = len(machine.rises)
    found = [came, stepper.position]
    machine.run(machine.cycle + 100000)
    assert len(machine.rises) == came, "it goes on"
    stepper.turn(False)
    stepper.put(7, 1000)
    machine.run(machine.cycle + 20000)
    return found + [len(machine.rises) - came, stepper.now()]


class _Made:
    """A stepper that notes its runs, and makes them in time that passes."""

    highest = 100000
    most = 4096

    def __init__(self):
        self.position = 0
        self.forward = True
        self.noted = []  # (position after it, hz, forward)
        self._runs = []  # [steps left, ms a step]
        self._spent = 0.0

    def pass_ms(self, ms):
        self._spent += ms
        while self._runs and self._spent >= self._runs[0][1]:
            run = self._runs[0]
            some = min(int(self._spent / run[1]), run[0])
            self._spent -= some * run[1]
            run[0] -= some
            if not run[0]:
                self._runs.pop(0)
        if not self._runs:
            self._spent = 0.0

    def room(self):
        return max(5 - len(self._runs), 0)

    def put(self, count, hz):
        assert 0 < count <= self.most and 1 <= hz <= self.highest and count == int(count)
        self._runs.append([count, 1000 / hz])
        self.position += count if self.forward else -count
        self.noted.append((self.position, hz, self.forward))

    def left(self):
        return sum([run[0] for run in self._runs])

    def now(self):
        return self.position - self.left() if self.forward else self.position + self.left()

    def turn(self, forward):
        assert not self._runs, "it turns while it goes"
        self.forward = forward

    def halt(self):
        self.position = self.now()
        self._runs = []


class _Node:
    def __init__(self):
        self.clock = self

    def stamp(self, a):
        pass

    announce = stamp


def ways(steps, speed, acceleration, orders):
    """What a motor puts, and where it ends, for orders of (ms to wait before, target or None to stop)."""
    global _now
    stepper = _Made()
    made = motor.Motor(
        stepper, steps, speed, acceleration, name="m", target=Parameter(Double(-1e6, 1e6), readonly=False, description="x")
    )
    made.node = _Node()
    found = []
    for wait, target in orders:
        for _ in range(int(wait / 10)):
            _pass(made)
        if target is None:
            before = stepper.now()
            made.do_stop()
            found.append(["stop", encode(float(before)), encode(float(stepper.now()))])
        else:
            made.target = target
            made.write_target(target)
    ms = 0
    while made._doing:
        _pass(made)
        ms += 10
        assert ms < 600000, "it never arrives"
    return [
        [list(run) for run in stepper.noted],
        stepper.position,
        stepper.left(),
        made.status[0],
        encode(float(made.value)),
        ms,
    ]


def _pass(made):
    global _now
    _now += 10
    made.stepper.pass_ms(10)
    if made._doing:
        made._look()


def taken():
    """Bytes that two looks at a motor that goes keep."""
    stepper = _Made()
    made = motor.Motor(stepper, 100, 100, 100, name="m", target=Parameter(Double(-1e6, 1e6), readonly=False, description="x"))
    made.node = _Node()
    made.write_target(1000)
    for _ in range(20):
        _pass(made)
    stepper.noted = []
    stepper.room = lambda: 0
    gc.collect()
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(50):
        made._look()
    gc.collect()
    return gc.mem_alloc() - before


if __name__ == "__main__":
    driver.serve({"runs": runs, "halted": halted, "ways": ways, "taken": taken})
