"""What a node takes of a board's heap, reckoned before it is there: by figures that were measured.

Measured board-like (docs/performance.md) were eleven nodes, from `outside` to one of ten chips and one of two ovens: this is within
2 KiB of each with the firmware in flash, within 4 KiB loaded from .mpy files. A real board differs by what its port takes.
"""

import functools

_BARE = 36.9  # KiB of a node with nothing in it, three clients' places included
_ACCESSIBLE = 0.263  # KiB of a parameter or command
_MODULE = 1.05  # KiB of a module beside these, and of its driver
_CODE = 0.144  # B for each of the source of drivers and modules, without comments: what is not in flash of it
_LOADED = 57.6  # KiB of the framework, where it is loaded from .mpy files
_LOADED_CODE = 0.344  # B for each of that source then
_WORK = 5, 10  # KiB that requests take for a moment, in flash and loaded
_ROOMS = ("drivers/", "control/", "modules/", "instruments/", "nodes/")


def needs(report, code):
    """(KiB with the firmware in flash, KiB loaded): `report` is a structure report, `code` the bytes of bare source."""
    modules = report["modules"].values()
    count = sum(len(module["accessibles"]) for module in modules)
    frozen = _BARE + _ACCESSIBLE * count + _MODULE * len(modules) + _CODE * code / 1024
    return frozen + _WORK[0], frozen + _LOADED + _LOADED_CODE * code / 1024 + _WORK[1]


def counts(name):
    """Whether a file of the firmware, by its path on the board, is of a node and not of the framework."""
    return name.startswith(_ROOMS)


@functools.lru_cache(512)
def bare(content, function):
    """The length of source without what only a reader needs, by image's function for that."""
    return len(function(content))


def said(needed, has, board):
    """(whether that is a mistake, what is said) of the KiB of needs(), on a board with so many KiB."""
    frozen, loaded = needed
    if frozen > has:
        text = f"this takes some {frozen:.0f} KiB of heap, and {board} has {has} at most: leave modules out, or share them out to two boards"
        return True, text
    text = f"some {loaded:.0f} KiB of the {has} that {board} has at most, {frozen:.0f} with the firmware in flash"
    return False, text + ("" if loaded <= has else ": only that fits, by `secnode micropython --frozen`")
