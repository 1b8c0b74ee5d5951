"""Runs boot.py over many flashes: for the tests, at any level.

python3 booting.py BOOT SHIMS       micropython booting.py BOOT SHIMS

Each line on stdin is a case, an object of path -> content as hex. It becomes a folder of its own, boot.py runs in it, and a
line of JSON on stdout tells what is there then, which pins were driven, in order, what was said, and the exception, if any.
"""

import builtins
import gc
import json
import os
import sys

boot, shims = sys.argv[1:]
if sys.implementation.name == "cpython":
    sys.path.insert(0, shims)
    import cpython  # noqa: F401 - it has effects alone

    sys.dont_write_bytecode = True

home = os.getcwd()
pins = []
said = []


class Pin:
    OUT = 1

    def __init__(self, id, mode=-1, value=None):
        if not isinstance(id, int) or not 0 <= id < 30:
            raise ValueError("invalid pin")
        if mode == Pin.OUT:
            pins.append((id, value))


class Machine:
    pass


Machine.Pin = Pin


def write(path, content):
    at = path.find("/")
    while at > 0:
        try:
            os.mkdir(path[:at])
        except OSError:
            pass
        at = path.find("/", at + 1)
    if not path.endswith("/"):
        with open(path, "wb") as f:
            f.write(content)


def listing(folder, found):
    for name in os.listdir(folder or "."):
        path = folder + name
        if os.stat(path)[0] & 0x4000:
            listing(path + "/", found)
        else:
            with open(path, "rb") as f:
                found[path] = f.read().hex()
    return found


with open(boot) as f:
    source = f.read()
for n, line in enumerate(sys.stdin):
    folder = f"{home}/{n}"
    os.mkdir(folder)
    os.chdir(folder)
    for path, content in json.loads(line).items():
        write(path, bytes.fromhex(content))
    pins[:] = []
    said[:] = []
    sys.modules["machine"] = Machine
    sys.modules.pop("board", None)
    sys.path[0] = "."
    if sys.implementation.name == "cpython":
        sys.path_importer_cache.clear()
    error = None
    namespace = {"__name__": "__main__", "print": lambda text: said.append(text)}
    try:
        exec(source, namespace)
    except Exception as e:
        error = repr(e)
    board = sys.modules.get("board")
    gc.collect()
    result = {
        "files": listing("", {}), "pins": pins, "said": said, "error": error, "left": getattr(board, "DISCARDED", None),
        "names": sorted([name for name in namespace if not name.startswith("__")]),
    }  # fmt: skip
    builtins.print(json.dumps(result))
