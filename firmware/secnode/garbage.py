"""Collects garbage while nobody waits for an answer, and has the search for free memory begin where there is some.

MicroPython searches from the lowest free block on, and only an object of a single block moves that mark up (gc_alloc in its
py/gc.c). So what is longer goes through all small holes between loaded code, each time: 0.1 ms on an RP2040. It would collect
after so many bytes were given out, though most of them, the frames of calls, were given back at once.
"""

import gc
import sys

from micropython import const

LITTLE = const(5)  # of the free memory, as a power of 1/2: that much is used when nobody is kept waiting by a collection,
_HALF = const(1)  # or that much
_LOOK = const(500)  # ms between two looks
_EARLY = const(8)  # looks, while what stays is still being loaded
_PLENTY = const(48 * 1024)  # bytes free
_QUIET = const(50)  # ms since the last request, after which nobody waits
_ROW = const(32)  # blocks in a row that count as free memory, no hole
_MOST = const(640)  # blocks to fill: of an RP2040 with all firmware in its heap it was 320
_SLACK = const(8)  # blocks between them: on some boards an address is a large integer, which takes memory itself
_BLOCK = 5 if sys.maxsize >> 32 else 4  # the smallest object's bytes, as a power of 2
_PROBE = const(15)  # items of a tuple of 5 blocks, as long as most of what is made

# blocks: where there was room after the last collection, how much was free, and where it began when all was loaded
_begin = _room = _loaded = 0


def _where(thing):
    # in blocks: the address itself, in a large integer's bytes, would keep what lies there from being collected
    return id(thing) >> _BLOCK


def _row(last):
    # so many objects of a block each, each one held by the next
    for _ in range(_ROW):
        last = (last,)
    return last


def _fill(most):
    """Fill the holes below the free memory, of `most` blocks at most, with objects that the next collection takes away.

    Those above what was loaded are left: what comes later and stays is to lie close together.
    """
    last = (most,)
    while most > 0:
        before = _where(last)
        last = _row(last)
        most -= _ROW
        if _where(last) > _loaded if _loaded else 0 < _where(last) - before <= _ROW + _SLACK:
            break


def tidy(part):
    """Collect where more than `part` of the free memory, LITTLE or half of it, was used since the last time.

    To be called before something is made that stays, too: it lies low then, and the rest in one piece.
    """
    global _begin, _room
    if not _begin:
        return  # nothing runs yet
    try:
        used = _where((part,) * _PROBE) - _begin  # where a new object lies tells
        if used > _room >> part:
            gc.collect()
            _room = gc.mem_free() >> _BLOCK
            used = -1
        if used < 0:  # or MicroPython has collected, since there was none left: either way the holes are back
            _fill(min(_room >> 2, _MOST))
            _begin = _where((part,) * _PROBE)
    except MemoryError:
        pass  # others have it: later


async def run(node):
    """Look after the heap for ever, if there is enough of it. For MicroPython alone."""
    global _begin, _loaded
    import asyncio

    from secnode import pace  # not above: errors.py, which needs the rest, is of use on a PC, too

    if gc.mem_free() < _PLENTY:
        return  # better short of time than of memory in one piece: collected often, as running.py has it
    gc.threshold(-1)
    _begin = 1
    looks = 0
    while True:
        tidy(LITTLE if pace.ticks_diff(pace.ticks_ms(), node.heard) > _QUIET else _HALF)
        await asyncio.sleep_ms(_LOOK)
        looks += 1
        if looks == _EARLY:
            _loaded = _begin
