"""The board's real-time clock: the PC's; or with SECNODE_RTC=<file> one that was never set until something sets it.

The file is what goes on over a soft reset: how far the clock is from the PC's. Without it the board was just powered on.
"""

import os
import time

from secnode import clock

_file = os.getenv("SECNODE_RTC")
_POWER_ON = 1609459200  # s since 1970: where an RP2040's clock begins, in 2021


class _Time:
    """What secnode.clock needs of `time`, by this clock."""

    def __init__(self):
        self.ticks_ms, self.ticks_diff = time.ticks_ms, time.ticks_diff
        self.ahead = 0  # ms of the PC's clock
        if _file:
            self.ahead = _POWER_ON * 1000 - time.time_ns() // 1000000
            try:
                with open(_file) as f:
                    self.ahead = int(f.read())
            except OSError:
                self.save()

    def time_ns(self):
        return time.time_ns() + self.ahead * 1000000

    def save(self):
        if _file:
            with open(_file, "w") as f:
                f.write(str(self.ahead))


_time = clock.time = _Time()


def _seconds(year, month, day, hour, minute, second):
    # since 1970; the months of a year that begins in March
    year -= month < 3
    days = year * 365 + year // 4 - year // 100 + year // 400 + ((month + 9) % 12 * 153 + 2) // 5 + day - 719469
    return ((days * 24 + hour) * 60 + minute) * 60 + second


class RTC:
    """machine.RTC; UTC, as on a board."""

    ALARM0 = 0
    _memory = b""

    def __init__(self, id=0):
        pass

    def init(self, value=None):
        if value is not None:
            self.datetime(value)

    def memory(self, data=None):
        """What stays over a soft reset on a board, and until the end here."""
        if data is None:
            return RTC._memory
        RTC._memory = bytes(data)

    def alarm(self, *args, **options):
        """It never comes."""

    alarm_left = alarm_cancel = cancel = irq = alarm

    def datetime(self, value=None):
        """(year, month, day, weekday, hour, minute, second, microsecond): set, or without it read."""
        if value is None:
            t = time.gmtime(_time.time_ns() // 1000000000)
            return t[0], t[1], t[2], t[6], t[3], t[4], t[5], 0
        seconds = _seconds(*value[:3], *value[4:7])
        # an RP2040's loses what is below a second
        _time.ahead = seconds * 1000 - time.time_ns() // 1000000
        _time.save()
