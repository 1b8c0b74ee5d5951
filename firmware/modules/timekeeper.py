"""The board's clock, where no network sets it."""

from secnode.datainfo import Bool, String
from secnode.errors import RangeError
from secnode.module import IDLE, WARN, Command, Parameter, Readable

_FORM = "0000-00-00T00:00:00"
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class TimeKeeper(Readable):
    """Lets clients set the clock, by which all timestamps go; a Readable, since clients do not know less.

    `set_clock(seconds since 1970, ms)` is drivers.rtc.set_clock. A soft reset leaves the clock as it is, a power cut does not.
    """

    pollinterval = 5

    value = Parameter(Bool(), description="whether the board knows the time")
    _set_time = Command(
        String(32),
        checkable=True,
        description="set the clock, UTC as in 2026-11-21T11:15:00Z",
    )

    def __init__(self, set_clock, **kwds):
        super().__init__(**kwds)
        self.set_clock = set_clock

    def read_value(self):
        known = self.node.clock.hi > 0
        self.status = (IDLE, "") if known else (WARN, "nobody has set the clock yet")
        return known

    def check__set_time(self, text):
        _parse(text)

    async def do__set_time(self, text):
        await self.set_clock(*_parse(text))
        self.node.clock.sync()
        self.value = self.read_value()


def _parse(text):
    """(s since 1970, ms) of a time by ISO 8601. Raises RangeError."""
    end = len(_FORM)
    form = "".join(["0" if "0" <= c <= "9" else c for c in text])
    decimals = form[end + 1 : -1]
    if form[:end] != _FORM or form[-1] != "Z" or form[end:] not in ("Z", "." + "0" * len(decimals) + "Z"):
        raise RangeError("the time has to be UTC, in a form like 2026-11-21T11:15:00Z")
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    hour, minute, second = int(text[11:13]), int(text[14:16]), int(text[17:19])
    leap = year % 4 == 0
    if not (2025 <= year < 2100 and 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1] - (month == 2 and not leap)):
        raise RangeError("there is no such day from 2025 to 2099")
    if hour > 23 or minute > 59 or second > 59:
        raise RangeError("there is no such time of day")
    # in years that begin in March, the day of the year has a simple formula
    month = (month + 9) % 12
    year -= month > 9
    days = year * 365 + year // 4 - 15 + (month * 153 + 2) // 5 + day - 719469
    return days * 86400 + hour * 3600 + minute * 60 + second, int((text[end + 1 : -1] + "000")[:3])
