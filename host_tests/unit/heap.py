"""A heap with holes, and what garbage.py makes of it, answering at a level of MicroPython (see ../properties/driver.py)."""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import gc

import driver  # puts the firmware on the path

from micropython import heap_lock, heap_unlock
from secnode import garbage

_HOLES = 500
_SOME = 40
_LOADED = 20000  # objects of a block


def _end(held):
    last = 0
    for thing in held:
        if thing:
            last = max(last, id(thing))
    return last


def _begun():
    # as run() begins
    gc.threshold(-1)
    garbage._begin = 1
    garbage.tidy(garbage.LITTLE)


def _with_holes():
    # every other one of many objects stays, and so does what holds them, and what fills the large holes of loading all this
    gc.collect()
    held = [None] * (2 * _HOLES + 1)
    for _ in range(_LOADED):
        held[-1] = (held[-1],)
    for i in range(2 * _HOLES):
        held[i] = (i,)
    for i in range(_HOLES):
        held[2 * i] = None
    gc.collect()
    return held


def _soon():
    # the last of some small objects: the frames of calls have left holes, too
    some = None
    for _ in range(_SOME):
        some = (some,)
    return some


def above():
    """Whether a small object lies above all holes: [before the holes were filled, afterwards]."""
    held = _with_holes()
    before = _soon()
    garbage._loaded = 0
    _begun()
    afterwards = _soon()
    last = _end(held)  # at last, since addresses may take memory
    return [id(before) > last, id(afterwards) > last]


def collected(part, share):
    """Whether tidy(`part`) collects when this share of the free memory was used."""
    _begun()
    end = gc.mem_free() * (1 - share)
    while gc.mem_free() > end:
        garbage._row(end)
    before = gc.mem_free()
    garbage.tidy(part)
    return gc.mem_free() > before


def taken():
    """Bytes that filling took once they were collected."""
    kept = _with_holes()
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(3):
        _begun()
    gc.collect()
    return gc.mem_alloc() - before if kept else 0


def locked():
    """What tidy() gives where there is no memory at all."""
    _begun()
    heap_lock()
    try:
        return garbage.tidy(garbage.LITTLE)
    finally:
        heap_unlock()


if __name__ == "__main__":
    driver.serve({"above": above, "collected": collected, "taken": taken, "locked": locked})
