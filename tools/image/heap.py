"""What a node takes of a board's heap, reckoned before it is there: by figures that were measured.

Measured board-like (docs/performance.md) were seven nodes, from `outside` to one of ten chips and one of two ovens: this is
within 1.1 KiB of each. A real board differs by what its port takes.
"""

import functools

# bytes: of a node with nothing in it, for each parameter or command, for each module with its driver, for each byte of source
# of drivers and modules, without comments; and what requests take for a moment
_FROZEN = 37216, 276, 1201, 0.1416, 5000
_LOADED = 94157, 249, 1746, 0.5006, 10000
_ROOMS = ("drivers/", "control/", "modules/", "instruments/", "nodes/")


def needs(report, code):
    """(KiB with the firmware in flash, KiB loaded): `report` is a structure report, `code` the bytes of bare source."""
    modules = report["modules"].values()
    amounts = 1, sum(len(module["accessibles"]) for module in modules), len(modules), code, 1
    return tuple(sum(a * b for a, b in zip(amounts, of, strict=True)) / 1024 for of in (_FROZEN, _LOADED))


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
        text = f"this takes some {frozen:.0f} KiB of heap, and {board} has {has} at most"
        return True, text + ": leave modules out, or take two boards"
    text = f"some {loaded:.0f} KiB of the {has} that {board} has at most, {frozen:.0f} with the firmware in flash"
    return False, text + ("" if loaded <= has else ": only that fits, by `secnode micropython --frozen`")
