"""How regular something is that should come at a period."""

from time import ticks_diff

from micropython import const

_WINDOW = const(30000)  # ms


class Jitter:
    """The largest deviation from a period, in ms, of the last half to whole minute."""

    def __init__(self):
        self._last = self._begin = 0
        self._started = False
        self._now = self._before = 0

    def step(self, ticks, period):
        """It is done now, at `ticks` (of ticks_ms), and should be every `period` ms."""
        if not self._started:
            self._started = True
            self._begin = ticks
        else:
            self._now = max(self._now, abs(ticks_diff(ticks, self._last) - period))
            if ticks_diff(ticks, self._begin) > _WINDOW:
                self._begin = ticks
                self._before = self._now
                self._now = 0
        self._last = ticks

    def largest(self):
        """In ms."""
        return max(self._now, self._before)
