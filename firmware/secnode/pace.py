"""Control time: the milliseconds by which modules poll, ramp and control.

On a board it is the board's own time. The simulated board may put faster ones in place of `ticks_ms` and `sleep_ms`,
so always call them through this module: `pace.ticks_ms()`, `await pace.sleep_ms(1000)`.
"""

from asyncio import sleep_ms
from time import ticks_add, ticks_diff, ticks_ms

__all__ = ("sleep_ms", "ticks_add", "ticks_diff", "ticks_ms")
