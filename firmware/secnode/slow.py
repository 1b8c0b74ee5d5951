"""What a driver's method held up the board for; loaded where one awaits something, or has taken long."""

from time import ticks_diff, ticks_ms

from micropython import const
from secnode import log

_LONG = const(50)  # ms


def took(a, since):
    """Note that the method of an Accessible has held up the board since a moment of ticks_ms: the second time is logged.

    The first may have been a collection, or the flash.
    """
    ms = ticks_diff(ticks_ms(), since)
    if ms > _LONG:
        a.slow += 1
        if a.slow == 2:
            log.info(a.module.name, "%s held up the board for %d ms", a.name, ms)


class Steps:
    """Awaits a driver's coroutine, and looks how long each step of it takes."""

    def __init__(self, a, method):
        self._a = a
        self._method = method

    def __iter__(self):
        return self

    __await__ = __iter__

    def __next__(self):
        begun = ticks_ms()
        try:
            return self._method.send(None)
        finally:
            took(self._a, begun)

    def throw(self, *error):
        return self._method.throw(*error)
