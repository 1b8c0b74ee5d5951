"""Today's MicroPython, of which Debian has no source yet: as WebAssembly, from npm."""

from pathlib import Path

from . import micropython, npm

PACKAGE = "@micropython/micropython-webassembly-pyscript@1.29.0-6"
VERSION = "1.29.0"


def command(heap):
    """The path of a command like `micropython` with a heap of so many KiB, for a script that needs the language alone.

    It has floats of double precision, neither sockets nor a clock that waits, and of the PC's files those that webassembly.mjs
    names. Raises Problem where node is missing.
    """
    folder = npm.folder(PACKAGE, "MicroPython as WebAssembly")
    package = folder / "node_modules" / PACKAGE.rpartition("@")[0] / "micropython.mjs"
    script = Path(__file__).with_name("webassembly.mjs")
    return micropython.command(folder / f"micropython-{heap}k", f"exec node '{script}' '{package}' {heap}")
