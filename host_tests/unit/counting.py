"""Pulse counters, answering questions at a level (see ../properties/driver.py): PIO by its instructions, cycle for cycle."""

import gc
import sys
import time

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")
sys.path.append(__file__.rsplit("/", 1)[0])

import driver  # puts the firmware on the path
from coded import encode
from pio import RP2, StateMachine

from secnode import pace

sys.modules["rp2"] = RP2

from drivers.pio_counter import PIOCounter  # noqa: E402
from drivers.pulses import Pulses  # noqa: E402
from drivers.unit_counter import UnitCounter  # noqa: E402

_now = 0
_MOST = time.ticks_add(0, -1)  # the ticks come round after it
pace.ticks_ms = lambda: _now & _MOST


def pio(hz, duty, ms, looks, high_at_start=0):
    """[pulses that came, pulses counted, us from start to the last look by the counter, us from the last pulse to it]."""
    counter = PIOCounter(0, None)
    sm = StateMachine.last
    period = 3000000 / hz
    pulses = int(ms * hz / 1000)
    begin = 300
    sm.level = high_at_start
    sm.edges = [begin] if high_at_start else []
    for i in range(pulses):
        sm.edges.append(int(begin + 600 + i * period))
        sm.edges.append(int(begin + 600 + i * period + period * duty))
    counter.look()
    first, start = counter.count, counter.now
    end = ms * 3000 + 3000
    for i in range(looks):
        sm.run(end * (i + 1) // (looks + 1))
        counter.look()
    sm.run(end)
    counter.look()
    return [pulses, counter.count - first & 0x3FFFFFFF, counter.now - start & 0x3FFFFFFF, counter.now - counter.at & 0x3FFFFFFF]


class _Counter:
    """What a counter of hardware has, by a list of pulses: moments in ms from the start."""

    def __init__(self, exact, pulses, before):
        self.exact = exact
        self._pulses = pulses
        self._before = before  # pulses before the start, which come round with the counter
        self.look()

    def look(self):
        came = [t for t in self._pulses if t <= _now]
        self.count = self._before + len(came) & 0x3FFFFFFF
        self.now = int(_now * 1000) & 0x3FFFFFFF
        self.at = int(came[-1] * 1000) & 0x3FFFFFFF if self.exact and came else self.now if not self.exact else 0


def rates(exact, pulses, reads, begin=0, before=0, keywords=None):
    """What rate, total and count are at each moment of `reads`, in ms from the start."""
    global _now
    _now = begin
    made = Pulses(_Counter(exact, [begin + t for t in pulses], before), **(keywords or {}))
    found = []
    for t in reads:
        _now = begin + t
        found.append([encode(float(made.rate.read())), encode(float(made.total.read())), made.count()])
    made.clear()
    return found + [[made.count(), made.rate.unit, made.total.unit]]


class _Unit:
    RISING = 1

    def __init__(self, unit, pin, edge):
        self.arguments = unit, pin, edge

    def value(self):
        return 1234


def unit():
    made = UnitCounter(_Unit, 2, "pin")
    return [list(made._counter.arguments), made.count, made.at == made.now]


def taken(kind):
    """Bytes that a reading keeps, and takes in between."""
    global _now
    _now = 0
    made = Pulses(_Counter(False, [], 0) if kind == "unit" else PIOCounter(0, None))
    for _ in range(3):
        _now += 1000
        made.rate.read()
    gc.collect()
    before = gc.mem_alloc()
    _now += 1000
    made.rate.read()
    between = gc.mem_alloc() - before
    gc.collect()
    return [gc.mem_alloc() - before, between]


if __name__ == "__main__":
    driver.serve({"pio": pio, "rates": rates, "unit": unit, "taken": taken})
