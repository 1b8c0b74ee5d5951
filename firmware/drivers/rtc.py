"""Sets the board's clock, which goes on over a soft reset."""

import asyncio
import time

from machine import RTC
from secnode import clock


async def set_clock(seconds, ms):
    """Set the board's clock to a time now, in seconds since 1970 and milliseconds, UTC.

    Waits for the next full second: an RP2040's clock knows nothing finer. It is right to a few ms then.
    """
    begin = time.ticks_ms()
    await asyncio.sleep_ms(1000 - ms)
    ms += time.ticks_diff(time.ticks_ms(), begin)
    t = time.gmtime(seconds + ms // 1000 - clock.EPOCH)
    RTC().datetime((t[0], t[1], t[2], t[6], t[3], t[4], t[5], ms % 1000 * 1000))
