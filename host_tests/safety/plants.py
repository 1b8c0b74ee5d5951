"""A node's oven on a plant of plain numbers: control and guard as the firmware has them, without asyncio, wire or waiting.

An hour takes a second or two. `Rig` is one oven; who runs it says what happens to it. Under CPython.
"""

import math
import random
import sys
import types
from collections import deque

from tools import paths

for folder in (paths.FIRMWARE, paths.SHIMS):
    sys.path.insert(0, str(folder))
import names  # noqa: E402, F401 - shims/cpython.py would change asyncio for other tests of this process

clock = types.SimpleNamespace(now=0)
machine = sys.modules.setdefault("machine", types.ModuleType("machine"))

from modules import oven as firmware  # noqa: E402
from secnode import log, pace  # noqa: E402
from secnode.datainfo import Double  # noqa: E402
from secnode.module import Parameter  # noqa: E402

log.sinks[:] = []
_CONTROL, _GUARD = 200, 250  # ms
_STEP = 50  # ms


class Sensor:
    """Counts of an RP2040's ADC of a sensor that is linear: 12 bits over -50 to 250 degC; wide codes as by erratum E11."""

    low, high = -40.0, 240.0

    def __init__(self, plant, noise):
        self._plant = plant
        self._noise = noise  # K

    def read_raw(self):
        if self._plant.raw is not None:
            return self._plant.raw
        if self._plant.stuck is not None:
            return self.raw(self._plant.stuck)
        value = self._plant.seen() + random.gauss(0, self._noise)
        x = min(max((value + 50) / 300 * 4096, 0.0), 4095.0)
        beyond = (x + 512 + 4.5) % 1024
        if beyond < 9:
            x += 4.5 - beyond  # within the wide code
        return float(round(x) * 16)

    def fault(self, raw):
        return None if 16 < raw < 65500 else "the sensor or its wire is open"

    def temperature(self, raw):
        return raw / 65536 * 300 - 50

    def raw(self, temperature):
        return (temperature + 50) / 300 * 65536

    def read(self):
        return self.temperature(self.read_raw())


class Output:
    """A heater that does what it is told."""

    max_power = 100.0

    def __init__(self):
        self.power = 0.0

    def set_power(self, power):
        self.power = min(max(power, 0.0), self.max_power)

    def cut(self):
        self.power = 0.0

    off = cut

    def real_power(self):
        return self.power

    def fault(self):
        return None


class DeadMan:
    has_cut = False

    def renew(self):
        pass

    release = fault = renew


class Store:
    """What settings.json would have."""

    def __init__(self):
        self.kept = {}

    def get(self, module, name):
        return self.kept.get((module, name))

    def set(self, module, name, value):
        self.kept[module, name] = value


class Node:
    """Takes what a module says."""

    lost_power = False
    started = ""
    heard = 0

    def __init__(self):
        self.store = Store()

    class clock:
        @staticmethod
        def time_of_day():
            return ""

        @staticmethod
        def stamp(accessible):
            pass

    def remember(self, accessible):
        pass

    announce = remember


class Plant:
    """Heat capacity (J/K), loss (W/K), lag and dead time (s) of the sensor, temperatures in degC; what is wrong with it."""

    def __init__(self, capacity=40.0, loss=0.2, lag=1.5, dead=0.0, surroundings=25.0, start=None):
        self.capacity, self.loss, self.lag, self.surroundings = capacity, loss, lag, surroundings
        self.block = self.sensor = surroundings if start is None else start
        self.late = deque([self.block] * (1 + round(dead * 20)))
        self.short = 0.0  # W, whatever the pin says
        self.gain = 1.0  # of the heater
        self.coupling = 1.0  # of the sensor to the block
        self.stuck = None
        self.raw = None  # what the ADC gives, whatever the sensor says
        self.hottest = self.block

    def seen(self):
        return self.sensor

    def advance(self, power, steps=1):
        """Let so many steps of 50 ms pass."""
        late, surroundings, coupling = self.late, self.surroundings, self.coupling
        power = max(power * self.gain, self.short)
        capacity, loss, dt = self.capacity, self.loss, _STEP / 1000
        follows = 1 - math.exp(-dt / self.lag) if self.lag else 1.0
        block, sensor, hottest = self.block, self.sensor, self.hottest
        for _ in range(steps):
            block += (power - loss * (block - surroundings)) / capacity * dt
            late.append(block)
            sensor += (surroundings + coupling * (late.popleft() - surroundings) - sensor) * follows
            if block > hottest:
                hottest = block
        self.block, self.sensor, self.hottest = block, sensor, hottest


class Rig:
    """An oven on a plant. `warned` are the warnings that the guard gave."""

    def __init__(self, plant=None, noise=0.05, most=50.0, gains=None, arguments=(), **thresholds):
        pace.ticks_ms = lambda: clock.now % (1 << 30)
        self.plant = plant or Plant()
        self.output = Output()
        target = Parameter(Double(-40, 200, unit="C"), readonly=False)
        power = Parameter(Double(0, 100, unit="W"), readonly=False, default=most)
        self.oven = firmware.Oven(
            Sensor(self.plant, noise), self.output, DeadMan(), minimum=-35, maximum=220, name="heater", target=target,
            _maxheaterpower=power, **dict(arguments),
        )  # fmt: skip
        self.oven.node = Node()
        if gains:
            self.oven.write__ctrlpars(gains)
        for name, value in thresholds.items():
            setattr(self.oven.guard, name, value)
        self.warned = []
        self.began = clock.now
        self._look = clock.now

    @property
    def tripped(self):
        """The guard's words, or None."""
        return self.oven.tripped

    @property
    def now(self):
        """Seconds since the beginning."""
        return (clock.now - self.began) / 1000

    def target(self, value):
        self.oven.write_target(value)
        self.oven.target = value

    def run(self, seconds, until=None):
        """Let time pass; ends early where `until()` says so or the guard has tripped."""
        end = clock.now + int(seconds * 1000)
        oven = self.oven
        while clock.now < end and oven.tripped is None:
            # to the next that happens; who wants to look looks at each step
            now = clock.now
            due = min(now + _CONTROL - now % _CONTROL, now + _GUARD - now % _GUARD, end) if until is None else now + _STEP
            steps = -((now - due) // _STEP)
            self.plant.advance(self.output.power, steps)
            clock.now = now = now + steps * _STEP
            if now % _CONTROL == 0:
                oven.looked = now % (1 << 30)
                oven.step(_CONTROL)
                warning = oven.guard.warning
                if warning and (not self.warned or self.warned[-1] != warning):
                    self.warned.append(warning)
            if now % _GUARD == 0:
                text = oven._look(_GUARD / 1000, now % (1 << 30))
                if text:
                    oven.trip(text)
            if until and until():
                break
        return self
