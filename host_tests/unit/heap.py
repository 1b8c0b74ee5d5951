"""A heap, and what garbage.py makes of it, answering at a level of MicroPython (see ../properties/driver.py)."""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import gc

import driver  # puts the firmware on the path

from micropython import heap_lock, heap_unlock
from secnode import garbage


def _begun():
    # as run() begins; the first look sees how much there is
    gc.threshold(-1)
    gc.collect()
    garbage._room = 0
    garbage.look(3)


def _use(share):
    return [bytearray(1000) for _ in range(int(gc.mem_free() * share) // 1024)]


def collected(part, share):
    """Whether look(`part`) collects when this share of the free memory was used."""
    _begun()
    _use(share)
    before = gc.mem_free()
    garbage.look(part)
    return gc.mem_free() > before


def again(part, share):
    """Whether it collects anew where this share is used for good."""
    _begun()
    kept = _use(share)
    garbage.look(part)
    _use(1 / 64)
    before = gc.mem_free()
    garbage.look(part)
    return kept is not None and gc.mem_free() > before


def given_back(part, share):
    """Whether it collects where this share was used once more after as much had been given back."""
    _begun()
    kept = _use(share)
    garbage.look(part)
    kept = kept and None
    gc.collect()
    garbage.look(part)
    _use(share)
    before = gc.mem_free()
    garbage.look(part)
    return kept is None and gc.mem_free() > before


def locked():
    """Looks at the heap a hundred times where nothing may be allocated."""
    _begun()
    heap_lock()
    try:
        for _ in range(100):
            garbage.look(3)
    finally:
        heap_unlock()


if __name__ == "__main__":
    driver.serve({"collected": collected, "again": again, "given_back": given_back, "locked": locked})
