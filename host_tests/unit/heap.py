"""A heap, and what garbage.py makes of it, answering at a level of MicroPython (see ../properties/driver.py)."""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import gc

import driver  # puts the firmware on the path

from micropython import heap_lock, heap_unlock
from secnode import garbage


def _begun():
    # as run() begins
    gc.threshold(-1)
    garbage._begin = 1
    garbage.tidy()


def collected(part, share):
    """Whether tidy(`part`) collects when this share of the free memory was used."""
    _begun()
    end = gc.mem_free() * (1 - share)
    last = None
    while gc.mem_free() > end:
        last = [last, 0, 0, 0, 0, 0, 0, 0]
    last = None
    before = gc.mem_free()
    garbage.tidy(part)
    return gc.mem_free() > before


def taken():
    """Bytes that stay of a hundred looks at the heap."""
    _begun()
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(100):
        garbage.tidy()
    gc.collect()
    return gc.mem_alloc() - before


def locked():
    """What tidy() gives where there is no memory at all."""
    _begun()
    heap_lock()
    try:
        return garbage.tidy()
    finally:
        heap_unlock()


if __name__ == "__main__":
    driver.serve({"collected": collected, "taken": taken, "locked": locked})
