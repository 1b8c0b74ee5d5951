"""The boards that there are definitions of: a folder each under boards/, with board.py and board.json.

board.json says what a PC has to know of it: `port` (of MicroPython: rp2, esp32, ...); `machine`, a pattern for the
`sys.implementation._machine` of its MicroPython; and how MicroPython gets onto it, for `secnode micropython`.
"""

import json
import re

from . import paths
from .problem import Problem


def names():
    """All boards, the simulated one left out."""
    return sorted(p.parent.name for p in paths.BOARDS.glob("*/board.py") if p.parent.name != "HOST")


def file(name):
    """The path of a board's definition, board.py. Raises Problem where there is no such board."""
    path = paths.BOARDS / name / "board.py"
    if not re.fullmatch("[A-Za-z0-9_]+", name) or not path.is_file():
        what = f"there is no board {name!r}: take" if name else "say which board it is, by --board (make: BOARD=):"
        raise Problem(f"{what} one of {', '.join(names())}, or give it a folder in {paths.BOARDS}")
    return path


def load(name):
    """The board.json of a board, a dict; with its `name`. Raises Problem where there is no such board."""
    path = file(name).with_name("board.json")
    if not path.is_file():
        raise Problem(f"the board {name} needs a file {path}, as the other boards have one")
    return {"name": name, **json.loads(path.read_text("utf-8"))}


def is_the_same(board, build, machine):
    """Whether a MicroPython that was built for `build` (from 1.25 on, else "") and calls itself `machine` is a board's own.

    Variants (RPI_PICO2_W-RISCV, ESP32_GENERIC-SPIRAM) are.
    """
    if build:
        return build.partition("-")[0] == board.get("build", board["name"])
    return re.match(board["machine"], machine) is not None
