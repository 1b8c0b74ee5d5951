"""Runs first after every reset: every output low; then an update that `secnode flash` left is completed, or discarded.

An update lies in staged/: files, and `manifest`, a step a line: the name of a file and the path where it belongs, or - and a
path that goes. It counts from the moment the manifest has this name, so there is all of it or nothing. Every step can be
taken again: wherever the power goes, the next start goes on. A step that fails for good keeps main.py from running.
"""

import gc
import os
import sys

_STAGED = "staged/"


def _low():
    # nothing that is connected to this board may be on before something decides so
    try:
        import board
    except ImportError:  # nothing is installed yet
        return
    from machine import Pin

    for pin in getattr(board, "OUTPUTS", ()):
        Pin(pin, Pin.OUT, value=0)


def _is_there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def _ways(path):
    # the folders that a path goes through, from the root
    at = path.find("/")
    while at > 0:
        yield path[:at]
        at = path.find("/", at + 1)


def _move(source, path):
    if not _is_there(source):
        return  # done, before the power went
    for folder in _ways(path):
        if not _is_there(folder):
            os.mkdir(folder)
    os.rename(source, path)


def _remove(path):
    if _is_there(path):
        os.remove(path)
    for folder in reversed(list(_ways(path))):
        # an empty folder would hide a module of its name
        if _is_there(folder) and not os.listdir(folder):
            os.rmdir(folder)


def _update():
    """Complete or discard what is staged; gives whether something was completed."""
    complete = _is_there(_STAGED + "manifest")
    if complete:
        with open(_STAGED + "manifest") as f:
            for line in f:
                name, path = line.rstrip("\n").split(" ", 1)
                if name == "-":
                    _remove(path)
                else:
                    _move(_STAGED + name, path)
    # the manifest before the rest: without it the rest is nothing
    for name in ["manifest"] * complete + os.listdir(_STAGED[:-1]):
        if _is_there(_STAGED + name):
            os.remove(_STAGED + name)
    os.rmdir(_STAGED[:-1])
    return complete


_modules = set(sys.modules)
_low()
if _is_there(_STAGED[:-1]) and _update():
    for _name in set(sys.modules) - _modules:
        del sys.modules[_name]  # it was the former one
    _low()
for _name in ("_low", "_is_there", "_ways", "_move", "_remove", "_update", "_modules"):
    del globals()[_name]  # main.py is run in the same namespace
# collected often while main.py loads its modules, what is left of the heap stays in one piece
gc.threshold(16384)
