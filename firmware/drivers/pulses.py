"""Pulses at a pin: a flow meter, an anemometer, an energy meter, a detector.

wiring: the pulses, 0 and 3.3 V; an open collector wants a pull-up, a mechanical contact 10 kΩ and 100 nF
"""

from micropython import const
from secnode import pace

_MASK = const(0x3FFFFFFF)
_LONG = const(500000)  # ms after which the counter's us may have come round


class _Reading:
    """One quantity, for modules.quantity.Quantity."""

    def __init__(self, read, what, unit):
        self.read = read
        self.what = what
        self.unit = unit


class Pulses:
    """Pulses(board.counter(14, "up"), per_pulse=1 / 450, unit="l", per="min"): `.rate` in l/min, `.total` in l, with read().

    `per_pulse` is how much a pulse stands for, in `unit`; `per` is "s", "min" or "h". Without these they are Hz and pulses.
    A rate is that of the last `window` s, or of longer where it is read more seldom. By PIO it is measured from pulse to pulse,
    and 0 after `slowest` s without one; by an ESP32's counter it has steps of a pulse a window. Raises ValueError for what
    makes no sense. Keeps no memory.
    """

    def __init__(self, counter, per_pulse=1, unit="", per="s", window=1, slowest=10, what="flow"):
        seconds = {"s": 1, "min": 60, "h": 3600}.get(per)
        if seconds is None or not (per_pulse > 0 and 0.1 <= window <= 100 and 0.1 <= slowest <= 400):
            raise ValueError('per is "s", "min" or "h", per_pulse above 0, window 0.1 to 100 s, slowest 0.1 to 400 s')
        self._counter = counter
        self._window = round(window * 1000)
        self._slowest = round(slowest * 1e6)
        self._scale = per_pulse * seconds
        self._per_pulse = per_pulse
        self._count = counter.count
        self._at = counter.at
        self._begun = pace.ticks_ms()
        self._last = 0.0  # Hz
        self._timed = not counter.exact  # whether _at is a moment to measure from
        self.pulses = 0  # since the start, or since it was set to 0
        self._seen = counter.count
        self.rate = _Reading(self._rate, what, (unit + "/" + per) if unit else "Hz" if per == "s" else "1/" + per)
        self.total = _Reading(self._total, "total of the " + what, unit)

    def count(self):
        """The number of pulses since the start, or since clear()."""
        self._look()
        return self.pulses

    def clear(self):
        """Count from 0 on."""
        self._look()
        self.pulses = 0

    def _look(self):
        counter = self._counter
        counter.look()
        self.pulses += counter.count - self._seen & _MASK
        self._seen = counter.count

    def _total(self):
        return self.count() * self._per_pulse

    def _rate(self):
        self._look()
        counter = self._counter
        pulses = counter.count - self._count & _MASK
        ms = pace.ticks_diff(pace.ticks_ms(), self._begun)
        if not 0 <= ms <= _LONG:
            # the us may have come round, and ms will do
            self._last = pulses * 1000 / ms if ms > 0 else 0.0
            self._timed = not counter.exact or pulses > 0
            self._begin()
        elif pulses and not self._timed:
            self._timed = True  # the first one after a pause: from it on
            self._begin()
        elif pulses and ms >= self._window:
            self._last = pulses * 1e6 / (counter.at - self._at & _MASK)
            self._begin()
        elif not pulses and counter.exact:
            age = counter.now - self._at & _MASK
            if age > self._slowest:
                self._last = 0.0
                self._timed = False
            elif self._last * age > 1e6:
                self._last = 1e6 / age  # else there had been one
        elif not pulses and ms >= self._window:
            self._last = 0.0
            self._begin()
        return self._last * self._scale

    def _begin(self):
        self._count = self._counter.count
        self._at = self._counter.at
        self._begun = pace.ticks_ms()
