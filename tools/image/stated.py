"""What a driver declares of itself, in the docstring of its file: a line for each of KEYS, after one that says what it is.

`reading: 9 ms, of which 1.2 ms block` is how long one takes, and for what of that everybody waits; or `all of which blocks`.
"""

import re
import sys

KEYS = ("bus", "wiring", "range", "reading", "memory", "faults")
_DEEP = 4  # objects within objects
_UNITS = {"ms": 1, "s": 1000}
_NAME = r"[A-Za-z0-9+\-]+"
_WIRE = re.compile(rf"({_NAME}) to ({_NAME}(?: or {_NAME})*)")
_TAKES = re.compile(r"([\d.]+) (ms|s)\b(?:, of which ([\d.]+) (ms|s) block|, (all) of which blocks)")


def of_docstring(doc):
    """{"title": ..., "bus": ..., ...} of a file's docstring, on a line each; without the keys that are not there."""
    doc = doc or ""
    found = {"title": doc.partition("\n")[0].rstrip(".")}
    for key in KEYS:
        entry = re.search(rf"^(    )?{key}: (.*(?:\n(?(1)    )    .*)*)", doc, re.M)  # alone it is not indented
        if entry:
            found[key] = re.sub(r"\s+", " ", entry[2])
    return found


def wires(declared, address=None, base=None):
    """The wires that a driver declares: ([(pin of the chip, line), ...], what else there is to know).

    `address` and `base`, the lowest one that the chip can have, decide where the pins of the address go. Raises ValueError.
    """
    pairs, _, note = declared.partition(";")
    found = []
    step = (address or 0) - (base or 0)
    for pair in pairs.split(","):
        match = _WIRE.fullmatch(pair.strip())
        if not match:
            raise ValueError(f"{pair.strip()!r} is not as `SCL to SCL`")
        choice = match[2].split(" or ")
        found.append((match[1], choice[step % len(choice)]))
        if len(choice) > 1:
            step //= len(choice)
    return found, note.strip()


def takes(doc):
    """(ms, ms that block the board) of one reading by a file's docstring; None where it says nothing of that."""
    found = _TAKES.match(of_docstring(doc).get("reading", ""))
    if not found:
        return None
    ms = float(found[1]) * _UNITS[found[2]]
    return ms, ms if found[5] else float(found[3]) * _UNITS[found[4]]


def readings(module):
    """What a module reads by drivers that declare how long that takes: {id of the object: (ms, ms that block)}."""
    found = {}
    todo = [(thing, 0) for thing in vars(module).values()]
    while todo:
        thing, deep = todo.pop()
        if isinstance(thing, (list, tuple)):
            todo += [(part, deep + 1) for part in thing if deep < _DEEP]
            continue
        of = type(thing).__module__ or ""
        if deep > _DEEP or not hasattr(thing, "__dict__") or of.startswith(("secnode.", "machine", "modules.")):
            continue
        inner = vars(thing)
        if hasattr(thing, "read") and id(thing) not in found:
            # an input of a converter is as quick as that one
            time = takes(_doc(inner.get("_adc", thing))) or takes(_doc(thing))
            if time:
                found[id(thing)] = time
                continue
        todo += [(part, deep + 1) for part in inner.values()]
    return found


def _doc(thing):
    return getattr(sys.modules.get(type(thing).__module__), "__doc__", None)


def load(node):
    """What share of the time polling a node holds up the board, in %, by what its drivers declare."""
    return sum(time[1] / every / 10 for time, every in _polled(node) if every)


def _polled(node):
    """((ms, ms that block), s from one to the next or None) of each thing that is read."""
    by_thing = {}
    for module in node.modules:
        every = getattr(module, "pollinterval", None)
        for key, time in readings(module).items():
            by_thing.setdefault(key, (time, every if isinstance(every, (int, float)) and every > 0 else None))
    return list(by_thing.values())


def poll_time(node):
    """What polling a node takes, as words for a person; None where no driver in it says how long it takes."""
    times = [time for time, _ in _polled(node)]
    if not times:
        return None
    total, blocking = map(sum, zip(*times, strict=True))
    what = "1 reading" if len(times) == 1 else f"{len(times)} readings"
    text = f"{what}, {total:.4g} ms one after the other; {blocking:.3g} ms of these hold up the board, "
    return text + f"{load(node):.2g} % of the time"
