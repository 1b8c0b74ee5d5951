"""Collects garbage while nobody waits for an answer, and has the search for free memory begin where there is some.

MicroPython searches from the lowest free block on, and only an object of a single block moves that mark up (gc_alloc in its
py/gc.c). So what is longer goes through all small holes between loaded code, each time: 0.1 ms on an RP2040. And it collects
after so many bytes were given out, though most of them, calls' frames, were given back at once.
"""

import asyncio
import gc
import sys

from micropython import const
from secnode import pace

_LOOK = const(250)  # ms between two looks at how much was used
_QUIET = const(50)  # ms since the last request, after which nobody waits
_ROW = const(32)  # blocks in a row that count as free memory, no hole
_BLOCK = 32 if sys.maxsize >> 32 else 16  # bytes of the smallest object


def _fill(last):
    # so many objects of a block each, each one held by the next
    for _ in range(_ROW):
        last = (last,)
    return last


def fill_holes(most):
    """Fill the holes below the free memory, of `most` bytes at most, with objects that the next collection takes away.

    Gives the address from which on the memory is free.
    """
    last = (most,)
    while most > 0:
        before = id(last)
        last = _fill(last)
        most -= _ROW * _BLOCK
        if id(last) - before == _ROW * _BLOCK:
            break
    return id(last)


async def run(node):
    """Collect when a quarter of the free memory was used and nobody waits, or half of it whoever does; for ever."""
    gc.threshold(-1)  # by itself MicroPython does it when there is none left
    place = room = 0
    due = True
    while True:
        try:
            if due:
                gc.collect()
                room = gc.mem_free()
                place = 0
            if not place:
                place = fill_holes(room >> 2)
            # where a new object lies tells how much was used
            used = id((place,)) - place
            quiet = pace.ticks_diff(pace.ticks_ms(), node.heard) > _QUIET
            due = used > room >> 1 or quiet and used > room >> 2
            if used < 0:
                place = 0  # MicroPython has collected meanwhile, and the holes are back
        except MemoryError:
            pass  # somebody else has it: later
        await asyncio.sleep_ms(_LOOK)
