"""Control time (pace.py) that is faster than the PC's, whose processor is everybody's.

It goes `speed` times as fast, but a pass of asyncio's loop takes as long as it meant to sleep, and _BUSY at most: a PC that
stalls, or can't go so fast, slows the time down, and does not look like a control that hangs. What runs without the loop, as a
self-test does, has what it takes.
"""

import asyncio
import sys

from secnode import pace

_BUSY = 200  # ms of control time, a fraction of the dead man's
_CRAWL = 5  # ms of the same at each look beyond that: a control that does hang ends at the watchdog
_MOST = 500  # ms of the same: what polls sleeps no longer


class Fast:
    """The board's time, `speed` times faster."""

    def __init__(self, speed):
        self._speed = speed
        self._ticks_ms, self._sleep_ms = pace.ticks_ms, pace.sleep_ms
        self._last = self._now = self._ticks_ms()
        self._left = None  # ms of control time, for this pass; None without the loop

    def ticks_ms(self):
        ticks = self._ticks_ms()
        step = pace.ticks_diff(ticks, self._last) * self._speed
        if self._left is None:
            step = min(step, _MOST + _BUSY)
        else:
            step = min(step, max(self._left, _CRAWL))
            self._left -= step
        self._now = pace.ticks_add(self._now, step)
        self._last = ticks
        return self._now

    def sleep_ms(self, ms):
        return self._sleep_ms(-(-ms // self._speed))

    def slept(self, ms):
        """A pass begins, after it was meant to sleep for so many ms, None or -1 for no end."""
        sleep = _MOST if ms is None or ms < 0 else min(round(ms * self._speed), _MOST)
        self._left = sleep + _BUSY


def begin(speed):
    """From now on, in this process."""
    fast = Fast(speed)
    pace.ticks_ms = fast.ticks_ms
    pace.sleep_ms = fast.sleep_ms
    if sys.implementation.name == "cpython":
        _watch_cpython(fast)
    else:
        _watch_micropython(fast)


def _watch_cpython(fast):
    import selectors

    real = selectors.DefaultSelector.select

    def select(selector, timeout=None):
        ready = real(selector, timeout)
        fast.slept(timeout and timeout * 1000)
        return ready

    selectors.DefaultSelector.select = select


def _watch_micropython(fast):
    real = asyncio.core.IOQueue.wait_io_event

    def wait_io_event(queue, ms):
        real(queue, ms)
        fast.slept(ms)

    asyncio.core.IOQueue.wait_io_event = wait_io_event
