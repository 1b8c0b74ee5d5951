"""Timestamps as text: SECoP's `t`, decimal seconds since 1970 with milliseconds (reports.rst, "Qualifiers").

A board's floats are single precision, and its small integers have 31 bits: a timestamp is two of them, `hi` the
seconds // 100000 and `lo` the milliseconds since then, and becomes text without passing through a float.
`hi` is 0 as long as the board's clock was never set: then no `t` is sent.
"""

import time

from micropython import const
from secnode import log

_LO_RANGE = const(100000000)  # ms in one step of hi
_HI_NS = const(100000000000000)  # ns in one step of hi
_SET_SINCE = const(17357)  # hi; a clock before 2025 was never set
EPOCH = 946684800 if time.gmtime(0)[0] == 2000 else 0
_STEP = const(2000)  # ms; a smaller correction never takes time back


class Clock:
    """Wall time, carried on by the tick counter between looks at the board's clock."""

    def __init__(self):
        self.hi = 0
        self.lo = 0
        self._ticks = time.ticks_ms()
        self._base_hi = 0
        self._base_lo = 0

    def read(self):
        """Bring `hi` and `lo` up to now. Allocates nothing."""
        if not self._base_hi:
            return
        ticks = time.ticks_ms()
        self._base_lo += time.ticks_diff(ticks, self._ticks)
        self._ticks = ticks
        if self._base_lo >= _LO_RANGE:
            self._base_lo -= _LO_RANGE
            self._base_hi += 1
        # after a small step back: stand until time has caught up
        if self._base_hi > self.hi or (self._base_hi == self.hi and self._base_lo > self.lo):
            self.hi = self._base_hi
            self.lo = self._base_lo

    def stamp(self, a):
        """Note in an Accessible that its value was obtained now."""
        self.read()
        a.t_hi = self.hi
        a.t_lo = self.lo

    def time_of_day(self):
        """Now, for a person: "12:35:02 UTC"; "" as long as the clock was never set."""
        self.read()
        if not self.hi:
            return ""
        seconds = self.hi * 100000 + self.lo // 1000
        return "%02d:%02d:%02d UTC" % (seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)

    def sync(self):
        """Look at the board's clock, and follow it; call this every few seconds.

        A correction backwards of less than 2 s makes time stand until it is made up, so that no parameter's timestamp
        goes back; a larger one, either way, is taken over and logged.
        """
        # each result beyond 31 bits takes 32 B of memory, until it is used: these four of them
        ns = time.time_ns()
        if EPOCH:
            ns += EPOCH * 1000000000
        hi = ns // _HI_NS
        lo = ns % _HI_NS // 1000000
        if hi < _SET_SINCE:
            return
        self.read()
        step = (hi - self._base_hi) * _LO_RANGE + lo - self._base_lo
        first = not self._base_hi
        self._ticks = time.ticks_ms()
        self._base_hi = hi
        self._base_lo = lo
        if first or not -_STEP < step < _STEP:
            self.hi = hi
            self.lo = lo
            if not first:
                log.info("", "the clock was set by %d s", step // 1000)


def _write_digits(pos, number):
    # 5 of them
    for i in range(pos + 4, pos - 1, -1):
        _text[i] = 0x30 + number % 10
        number //= 10


_text = bytearray(b"0000000000.000")
_shown = [0, 0]  # the hi and the seconds that are in it


def text(hi, lo):
    """The timestamp as decimal digits, in a buffer that the next call overwrites: b"1505396348.188". Allocates nothing."""
    seconds = lo // 1000
    # ten of its digits change once a second: that made 13 turns of a loop 3
    if seconds != _shown[1] or hi != _shown[0]:
        _write_digits(0, hi)
        _write_digits(5, seconds)
        _shown[0] = hi
        _shown[1] = seconds
    lo -= seconds * 1000
    _text[11] = 0x30 + lo // 100
    _text[12] = 0x30 + lo // 10 % 10
    _text[13] = 0x30 + lo % 10
    return _text
