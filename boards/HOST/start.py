"""Power on: runs boot.py and main.py of an image, a folder with what would be on a board's filesystem.

python3 start.py IMAGE [SHIMS]      with MicroPython's language in the folder SHIMS
micropython start.py IMAGE
"""

import io
import os
import sys

if not hasattr(sys, "implementation") or (sys.implementation.name == "cpython" and sys.version_info < (3, 11)):
    sys.exit("this needs CPython 3.11 or newer, or MicroPython")

image = sys.argv[1]
sys.path.insert(0, __file__.rsplit("/", 1)[0])
if sys.implementation.name == "cpython":
    sys.path.insert(0, sys.argv[2])
    import cpython  # noqa: F401 - it has effects alone

    # a file of the node may have the name of a module that CPython has and MicroPython has not
    for name in os.listdir(image):
        sys.modules.pop(name.partition(".")[0], None)
    # what is read ahead could not be polled for, and what is not written yet has no part in it
    sys.stdin = open(0, "rb", buffering=0, closefd=False)
    sys.stdout = io.TextIOWrapper(open(1, "wb", buffering=0, closefd=False), "utf-8", "replace", write_through=True)
sys.path.insert(0, image)
os.chdir(image)

import board  # noqa: E402
import boot  # noqa: E402, F401 - the order a board has
import console  # noqa: E402
import machine  # noqa: E402
import main  # noqa: E402

if os.getenv("SECNODE_INSTRUMENT"):
    # the instrument that is asked over a connection of the board's own stands on this PC
    from instruments.tcp import Tcp

    Tcp.instead = ("127.0.0.1", int(os.getenv("SECNODE_INSTRUMENT")))

if board.CONSOLE is None:  # else SECoP has it
    console.begin()
try:
    code = main.run()
except SystemExit:
    machine.reset(machine.SOFT_RESET)
sys.exit(code)
