"""An ESP32's pulse counter for the simulated board. What a node attaches to a pin says how many pulses a second come there:

attach("pulses", 14, lambda level: 7.5), a function of `level` as wired.py has it. Loaded for a node that counts.
"""

import attached
import wired
from secnode import pace

_RANGE = 32000  # what a unit counts by itself
LATE = 0.1  # s that MicroPython may take to look at a unit: flash is written


class Counter:
    """`machine.Counter`. More pulses than a unit holds before anybody looks are lost."""

    RISING, FALLING, UP, DOWN = 1, 2, 1, -1
    IRQ_INDEX, IRQ_MATCH, IRQ_RESET, IRQ_ROLL_OVER, IRQ_ROLL_UNDER = 1, 2, 4, 8, 16
    UNITS = 8  # an ESP32-S3 has 4

    def __init__(self, id, src=None, edge=RISING, direction=UP, filter_ns=0):
        if not 0 <= id < self.UNITS:
            raise ValueError("there is no unit %d" % id)
        self._pin = getattr(src, "id", src)
        self._edges = (edge & 1) + (edge >> 1)
        self._offset = self._count = 0
        self._part = 0.0
        self._looked = pace.ticks_ms()

    def init(self, src, **options):
        Counter.__init__(self, 0, src, **options)

    def deinit(self):
        self._pin = None

    def irq(self, *args, **options):
        """Nobody is called."""

    def value(self, value=None):
        now = pace.ticks_ms()
        model = attached.find("pulses", self._pin)
        hz = model(wired.level) * self._edges if model else 0
        s = pace.ticks_diff(now, self._looked) / 1000
        self._looked = now
        self._part += hz * s
        whole = int(self._part)
        self._part -= whole
        lost = int(hz * LATE / _RANGE) * _RANGE  # in each LATE: overflows that count as one
        self._count += max(whole - int(lost * s / LATE), 0)
        found = self._count - self._offset
        if value is not None:
            self._offset = self._count - value
        return found
