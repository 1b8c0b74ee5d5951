"""Collects garbage while nobody waits for an answer.

MicroPython would collect after so many bytes were given out, though most of them, the frames of calls, were given back at
once: on an RP2040 each 130 ms where it is asked for much, for some 35 ms.
"""

import gc
import sys

from micropython import const

_LITTLE = const(5)  # of the free memory, as a power of 1/2: that much is used when nobody is kept waiting by a collection,
_EIGHTH = const(3)  # or that much
_LOOK = const(500)  # ms between two looks
_PLENTY = const(48 * 1024)  # byte
_QUIET = const(50)  # ms since the last request, after which nobody waits
_BLOCK = 5 if sys.maxsize >> 32 else 4  # the smallest object's bytes, as a power of 2
_PROBE = const(127)  # items of a tuple that finds no room in the holes between loaded code

# blocks: where there was room after the last collection, and how much was free
_begin = _room = 0


def _where(thing):
    # in blocks: the address itself, in a large integer's bytes, would keep what lies there from being collected
    return id(thing) >> _BLOCK


def tidy(part=_LITTLE):
    """Collect where more than `part` of the free memory, a 32nd or an eighth of it, was used since the last time.

    To be called before something is made that stays, too: it lies low then, and the rest in one piece.
    """
    global _begin, _room
    if not _begin:
        return  # nothing runs yet
    try:
        used = _where((part,) * _PROBE) - _begin  # where a long object lies tells
        if used > _room >> part:
            gc.collect()
            _room = gc.mem_free() >> _BLOCK
            used = -1
        if used < 0:  # or MicroPython has collected, since there was none left
            _begin = _where((part,) * _PROBE)
    except MemoryError:
        pass  # others have it: later


async def run(node):
    """Look after the heap for ever, if there is enough of it. For MicroPython alone."""
    global _begin
    # not above: errors.py, which needs the rest, is of use on a PC, too, and what is imported first must not go deep
    from asyncio import sleep_ms

    from secnode import pace

    if gc.mem_free() < _PLENTY:
        return  # better short of time than of memory in one piece: collected often, as running.py has it
    gc.threshold(gc.mem_free() >> 1)  # twice as much as before, in case of a flood between two looks
    _begin = 1
    while True:
        tidy(_LITTLE if pace.ticks_diff(pace.ticks_ms(), node.heard) > _QUIET else _EIGHTH)
        await sleep_ms(_LOOK)
