"""Gives CPython's `time`, `gc`, `sys` and `asyncio` names that MicroPython's have. It changes none of theirs."""

import asyncio
import gc
import sys
import time
import traceback

_PERIOD = 1 << 30


def _ticks_diff(a, b):
    return ((a - b + _PERIOD // 2) % _PERIOD) - _PERIOD // 2


time.ticks_ms = lambda: time.monotonic_ns() // 1000000 % _PERIOD
time.ticks_us = lambda: time.monotonic_ns() // 1000 % _PERIOD
time.ticks_add = lambda ticks, delta: (ticks + delta) % _PERIOD
time.ticks_diff = _ticks_diff
time.ticks_cpu = time.ticks_us
time.sleep_ms = lambda ms: time.sleep(ms / 1000)
time.sleep_us = lambda us: time.sleep(us / 1000000)

gc.mem_free = lambda: 1 << 20
gc.mem_alloc = lambda: 1 << 20

sys.print_exception = lambda e, file=sys.stderr: traceback.print_exception(e, file=file)

asyncio.sleep_ms = lambda ms: asyncio.sleep(ms / 1000)
asyncio.wait_for_ms = lambda aw, timeout: asyncio.wait_for(aw, timeout / 1000)


class _ThreadSafeFlag(asyncio.Event):
    async def wait(self):
        await super().wait()
        self.clear()


asyncio.ThreadSafeFlag = _ThreadSafeFlag
