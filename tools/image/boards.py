"""The boards that there are definitions of: a folder each under boards/, with board.py and board.json.

board.json says what a PC has to know of it: `port` (of MicroPython: rp2, esp32, ...); `machine`, a pattern for the
`sys.implementation._machine` of its MicroPython; how MicroPython gets onto it, for `secnode micropython`; what it `lacks`
of what its port has (ports.json); and what its `pins` can do (see pins()). A board of a user's own is such a folder anywhere,
which is given by its path; `build` says which of MicroPython's boards it is.
"""

import ast
import json
import re
from pathlib import Path

from .. import paths
from ..problem import Problem


def names():
    """All boards, the simulated one left out."""
    return sorted(p.parent.name for p in paths.BOARDS.glob("*/board.py") if p.parent.name != "HOST")


def file(name):
    """The path of a board's definition, board.py; `name` is a board's, or the path of a folder. Raises Problem without one."""
    if is_path(name):
        path = Path(name).expanduser().resolve() / "board.py"
        if not path.is_file():
            raise Problem(
                f"there is no file {path}: a board's folder has one, and a board.json (copy the one that comes nearest)"
            )
        return path
    path = paths.BOARDS / name / "board.py"
    if not re.fullmatch("[A-Za-z0-9_]+", name) or not path.is_file():
        what = f"there is no board {name!r}: take" if name else "say which board it is, by --board (make: BOARD=):"
        raise Problem(f"{what} one of {', '.join(names())}, or the path of a folder with a board.py of your own")
    return path


def is_path(name):
    """Whether a board is given by the path of a folder: `./mine`, or `mine` where there is one."""
    return "/" in name or name in (".", "..") or not (paths.BOARDS / name).is_dir() and Path(name, "board.py").is_file()


def label(name):
    """A board's name: its folder's."""
    return file(name).parent.name


def load(name):
    """The board.json of a board, a dict; with its `name`, the path of its `file`, and how it was `given`.

    Raises Problem where there is none.
    """
    definition = file(name)
    path = definition.with_name("board.json")
    if not path.is_file():
        raise Problem(f"the board {name} needs a file {path}, as the other boards have one")
    try:
        found = json.loads(path.read_text("utf-8"))
        if "like" in found:  # another one with its chip, whose it shares
            found = {**json.loads((paths.BOARDS / found.pop("like") / "board.json").read_text("utf-8")), **found}
        found |= {"name": definition.parent.name, "file": definition, "given": name}
    except (ValueError, TypeError) as e:
        raise Problem(f"{path} is no JSON object: {e}") from None
    except OSError as e:
        raise Problem(f"{path} is like a board that there is not: {e}") from None
    if found.get("port") not in ports() and name != "HOST":
        raise Problem(f"{path}: the port has to be one of {', '.join(ports())}")
    if is_path(name) and "build" not in found:
        raise Problem(
            f'{path} does not say which MicroPython the board has: "build": "RPI_PICO_W", or another name of its boards'
        )
    return {"build": found["name"], "machine": "$^", **found}


def ports():
    """What the MicroPython of each port has, by ports.json: {port: {"modules": set, "machine": set}}."""
    found = json.loads((paths.BOARDS / "ports.json").read_text("utf-8"))
    return {port: {kind: set(names.split()) for kind, names in has.items()} for port, has in found.items()}


def modules():
    """All modules that MicroPython has on some board."""
    return set().union(*(has["modules"] for has in ports().values()))


def has(name):
    """What a board's MicroPython has: {"modules": set, "machine": set}. The simulated one has what some port has."""
    known = ports()
    if name == "HOST":
        return {kind: set().union(*(of[kind] for of in known.values())) for kind in ("modules", "machine")}
    board = load(name)
    found = known[board["port"]]
    for lacking in board.get("lacks", "").split():
        kind, _, inner = lacking.partition(".")
        (found[kind] if inner else found["modules"]).discard(inner or kind)
    return found


def pins(board):
    """What the pins of a board can do, by the `pins` of its board.json, lists of numbers: those that are `there`, of them the
    `inputs` that can't be outputs and have no pulls, those that are `high` for a moment while the chip starts; and by what else
    they are: strapping, flash, psram, usb, console, radio, power, led, absent.

    `board` is what load() gave; {} where nobody says it. A board of a user's own has the pins of its `build`.
    """
    found = board.get("pins")
    if found is None and board["build"] in names() and board["build"] != board["name"]:
        found = load(board["build"])["pins"]
    numbers = {}
    for kind, spans in (found or {}).items():
        ends = [[int(end) for end in span.split("-")] for span in spans.split()]
        numbers[kind] = [pin for first, *last in ends for pin in range(first, (last or [first])[0] + 1)]
    return numbers


def heap(board):
    """KiB of heap that MicroPython has on a board at most, by its board.json; a user's own has that of its `build`; or None.

    `board` is what load() gave.
    """
    if "heap" not in board and board["build"] in names() and board["build"] != board["name"]:
        return load(board["build"]).get("heap")
    return board.get("heap")


def is_the_same(board, build, machine):
    """Whether a MicroPython that was built for `build` (from 1.25 on, else "") and calls itself `machine` is a board's own.

    Variants (RPI_PICO2_W-RISCV, ESP32_GENERIC-SPIRAM) are.
    """
    if build:
        return build.partition("-")[0] == board.get("build", board["name"])
    return re.match(board["machine"], machine) is not None


def constants(path, names):
    """The constants of these names that a Python file has, in it or in a class of it: a dict."""
    found = {}
    tree = ast.parse(path.read_text("utf-8"))
    bodies = [tree.body] + [node.body for node in tree.body if isinstance(node, ast.ClassDef)]
    for node in (node for body in bodies for node in body):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in names:
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found
