"""Runs first after every reset: every output off; then an update that `secnode flash` left is completed, or discarded.

An update lies in staged/: files, and `manifest`, a step a line: the name of a file and the path where it belongs, or - and a
path that goes; the last line is = and the SHA-256 of all before it. It counts from the moment the manifest has this name, so
there is all of it or nothing; one that is damaged counts for nothing. Every step can be taken again: wherever the power goes,
the next start goes on. A step that fails for good keeps main.py from running.
"""

import gc
import os
import sys

_STAGED = "staged/"
_OUTPUTS = "outputs.txt"  # what the node drives, a pin and the level at which it is off; with an end as the manifest's


def _lines(path):
    """The two words of each line of a file; None where it is missing or damaged: it ends with = and the SHA-256 of the rest."""
    import hashlib
    from binascii import hexlify

    try:
        with open(path, "rb") as f:
            text = f.read()
        end = text.rfind(b"= ")
        if end >= 0 and text[end:] == b"= " + hexlify(hashlib.sha256(text[:end]).digest()) + b"\n":
            lines = [line.split(" ", 1) for line in str(text[:end], "utf-8").split("\n") if line]
            if min([len(line) for line in lines] or [2]) == 2:
                return lines
    except (OSError, ValueError):
        pass  # it can't be read: no better than damaged
    return None


def _off(path):
    # nothing that is connected to this board may be on before something decides so
    from machine import Pin

    lines = _lines(path)
    try:
        for pin, safe in lines or ():
            Pin(int(pin), Pin.OUT, value=int(safe))
    except ValueError:
        lines = None  # of another board
    try:
        import board
    except ImportError:  # nothing is installed yet
        return
    for pin in getattr(board, "OUTPUTS", ()):
        Pin(pin, Pin.OUT, value=0)
    if lines is None:
        for pin in getattr(board, "HEATER_PINS", ()):
            Pin(pin, Pin.OUT, value=0)


def _is_there(path):
    # 0x4000 for a folder, 0x8000 for a file
    try:
        return os.stat(path)[0] & 0xC000
    except OSError:
        return 0


def _ways(path):
    # the folders that a path goes through, from the root
    at = path.find("/")
    while at > 0:
        yield path[:at]
        at = path.find("/", at + 1)


def _move(source, path):
    if not _is_there(source):
        if not _is_there(path):  # littlefs of MicroPython 1.26 on may lose a file when the power goes twice
            raise OSError("an update lost %s: flash it anew" % path)
        return  # done, before the power went
    for folder in _ways(path):
        if not _is_there(folder):
            os.mkdir(folder)
    os.rename(source, path)


def _remove(path):
    if _is_there(path) == 0x8000:
        os.remove(path)
    for folder in reversed(list(_ways(path))):
        # an empty folder would hide a module of its name
        if _is_there(folder) and not os.listdir(folder):
            os.rmdir(folder)


def _clear(folder):
    for name in os.listdir(folder):
        path = folder + "/" + name
        if _is_there(path) == 0x4000:
            _clear(path)
        else:
            os.remove(path)
    os.rmdir(folder)


def _update():
    """Complete or discard what is staged; gives whether something was completed."""
    lines = _lines(_STAGED + "manifest") if _is_there(_STAGED + "manifest") else ()
    for name, path in lines or ():
        if path == _OUTPUTS and _is_there(_STAGED + name):
            _off(_STAGED + name)  # what the new node drives
    for name, path in lines or ():
        if name == "-":
            _remove(path)
        else:
            _move(_STAGED + name, path)
    # the manifest before the rest: without it the rest is nothing
    if _is_there(_STAGED + "manifest") == 0x8000:
        os.remove(_STAGED + "manifest")
    _clear(_STAGED[:-1])
    if lines is None:
        text = "an update was damaged and is discarded: the node is the one that was there before"
        print(text)
        try:
            import board

            board.DISCARDED = text  # type: ignore - for the log, as soon as there is one
        except ImportError:
            pass  # there is no node
    return bool(lines)


_modules = set(sys.modules)
_off(_OUTPUTS)
if _is_there(_STAGED[:-1]) == 0x4000 and _update():
    for _name in set(sys.modules) - _modules:
        del sys.modules[_name]  # it was the former one
    _off(_OUTPUTS)
for _name in ("_off", "_is_there", "_ways", "_move", "_remove", "_lines", "_clear", "_update", "_modules"):
    del globals()[_name]  # main.py is run in the same namespace
# collected often while main.py loads its modules, what is left of the heap stays in one piece
gc.threshold(16384)
