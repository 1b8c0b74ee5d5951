"""Ctrl-C: the first one ends a verb in order, one that comes meanwhile changes nothing, the third one ends it at once."""

import asyncio
import os
import signal
import sys

_FOR_GOOD = 3
_ENDING = {"SIGINT": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGHUP": getattr(signal, "SIGHUP", None)}
_times = 0


def begin(always=False):
    """Count from here on. `always` also where whoever started us in the background has it ignored."""
    global _times
    _times = 0
    if always or signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _interrupt)


def over():
    """The verb has ended: what is left takes no time."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def run(coroutine):
    """asyncio.run(), which is cancelled by Ctrl-C, SIGTERM and SIGHUP: what stands in a `finally` is done before it ends.

    Raises KeyboardInterrupt then.
    """
    return asyncio.run(_whole(coroutine))


async def _whole(coroutine):
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    came = []

    def end(number):
        came.append(number)
        if _first(number):
            task.cancel()

    for number in _ENDING.values():
        if number and signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, end, number)
    try:
        return await coroutine
    except asyncio.CancelledError:
        if came:
            raise KeyboardInterrupt from None
        raise


def _interrupt(number, frame):
    if _first(number):
        raise KeyboardInterrupt


def _first(number):
    global _times
    _times += 1
    if _times >= _FOR_GOOD:
        os._exit(128 + number)
    if _times > 1:
        os.write(sys.stderr.fileno(), b"it is ending in order; once more ends it at once, whatever is left to be done\n")
    return _times == 1
