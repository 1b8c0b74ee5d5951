"""Switches a heater off when nobody says any more that it shall be on."""

from machine import Timer
from micropython import const

_TICK = const(100)  # ms
_MISSED = const(15)  # times that it was renewed without a tick in between


class DeadMan:
    """Calls `cut()` unless `renew()` was called within `timeout` ms, by a hardware timer.

    A timer's callback runs also while the Python code around it is stuck in a loop. It is soft on RP2040 and ESP32: stuck C
    code stops it too, and then only a watchdog helps. `cut` must not allocate. `timer` is what the board has, e.g. -1 or 0: all
    dead men share it, since an ESP32 has few, and a second use of one would take it from the first. The class holds it: from
    MicroPython 1.29 on an ESP32 stops a timer that nobody holds.
    """

    _all = ()
    _timer = None

    def __init__(self, cut, timeout=1500, timer=-1):
        self._cut = cut
        self._ticks = timeout // _TICK
        self._left = self._missed = 0
        self.has_cut = False  # until the next release()
        if not DeadMan._all:
            DeadMan._timer = Timer(timer)
            DeadMan._timer.init(period=_TICK, mode=Timer.PERIODIC, callback=_tick)
        DeadMan._all += (self,)

    def renew(self):
        """The heater may stay as it is for another while."""
        self._missed = self._missed + 1 if self._left == self._ticks else 0
        self._left = self._ticks

    def fault(self):
        """Words where the timer does not tick, so that nothing would cut the heater; else None."""
        if self._missed > _MISSED:
            return "the dead man's timer does not tick"

    def release(self):
        """The heater was switched off on purpose: there is nothing to look after, and what was is forgotten."""
        self._left = self._missed = 0
        self.has_cut = False

    def deinit(self):
        """No more callbacks."""
        DeadMan._all = tuple([man for man in DeadMan._all if man is not self])
        if not DeadMan._all:
            DeadMan._timer.deinit()


def _tick(_):
    for man in DeadMan._all:
        if man._left > 0:
            man._left -= 1
            if man._left == 0:
                man.has_cut = True
                man._cut()


def end():
    """No more callbacks, ever. What is not there any more would be called after a soft reset that leaves timers alone."""
    if DeadMan._timer:
        DeadMan._timer.deinit()
