"""Pulses counted by a unit of an ESP32's pulse counter."""

from micropython import const
from secnode import pace

_MASK = const(0x3FFFFFFF)


class UnitCounter:
    """What drivers.pulses.Pulses reads: look() sets `count`, and `at` and `now` in us, which come round after 2**30.

    The time is good to 1 ms. The unit counts to 32000 by itself, and MicroPython adds these up when it comes to it: up to
    200 kHz nothing is lost by a collection of 20 ms, or while flash is written for 100 ms. A pulse is at least 12.5 ns long.
    """

    highest = 200000  # Hz
    exact = False  # whether `at` is the moment of the last pulse; else it is now

    def __init__(self, counter, unit, pin):
        self._counter = counter(unit, pin, edge=counter.RISING)
        self.look()

    def look(self):
        self.count = self._counter.value()
        self.at = self.now = pace.ticks_diff(pace.ticks_ms(), 0) * 1000 & _MASK
