"""Collects garbage while nobody waits for an answer.

MicroPython would collect after so many bytes were given out, though most of them, the frames of calls, were given back at
once: on an RP2040 each 130 ms where it is asked for much, for some 35 ms.
"""

import asyncio
import gc

from micropython import const
from secnode import pace

_LITTLE = const(5)  # of the free memory, as a power of 1/2: that much is used when nobody is kept waiting by a collection,
_EIGHTH = const(3)  # or that much: what stays lies low then, and the rest in one piece
_LOOK = const(500)  # ms between two looks,
_BYTES = const(512)  # or as many as the heap has so many bytes: a look goes through all of it, in 9 ms for 240 KiB on an RP2040
_PLENTY = const(48 * 1024)  # byte
_QUIET = const(50)  # ms since the last request, after which nobody waits

# bytes that were free after the last collection
_room = 0


def look(part):
    """Collect where more than `part` of the free memory, a power of 1/2, was used since the last time. Allocates nothing."""
    global _room
    free = gc.mem_free()
    if free > _room:  # something large was given back
        _room = free
    elif _room - free > _room >> part:
        gc.collect()
        _room = gc.mem_free()


async def run(node):
    """Look after the heap for ever, if there is enough of it."""
    if gc.mem_free() < _PLENTY:
        return  # better short of time than of memory in one piece: collected often, as running.py has it
    gc.threshold(gc.mem_free() >> 1)  # twice as much as before, in case of a flood between two looks
    pause = max((gc.mem_free() + gc.mem_alloc()) // _BYTES, _LOOK)
    while True:
        look(_LITTLE if pace.ticks_diff(pace.ticks_ms(), node.heard) > _QUIET else _EIGHTH)
        await asyncio.sleep_ms(pause)
