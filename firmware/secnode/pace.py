"""Control time: the milliseconds by which modules poll, ramp and control.

On a board it is the board's own time. The simulated board may put faster ones in place of `ticks_ms` and `sleep_ms`,
so always call them through this module: `pace.ticks_ms()`, `await pace.sleep_ms(1000)`.
"""

from asyncio import sleep_ms
from time import ticks_add, ticks_diff, ticks_ms

from micropython import const

__all__ = ("recent", "sleep_ms", "ticks_add", "ticks_diff", "ticks_ms")

_OLD = const(1 << 28)  # ms, 3.1 days
_SOON = const(-60000)  # ms


def recent(then, now):
    """`then` where it is within the last 3 days or the next minute, else 3 days ago; both of ticks_ms.

    ticks_ms comes round after 12.4 days, and what is older than half of that would seem to lie ahead. So a moment that may
    be long ago is put through this once in a while, within 3 days each time. Allocates nothing.
    """
    return then if _SOON < ticks_diff(now, then) < _OLD else ticks_add(now, -_OLD)
