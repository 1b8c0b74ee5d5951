"""Build the structure report of a node, and say what is wrong with its definition."""

import json
import sys
from pathlib import Path

from .. import secop
from ..client import description
from ..image import compose, image
from ..problem import Problem
from ..proof import wired

_FROZEN = ("description.json", "discovery.json", "outputs.txt", "stamp.py")


def add_arguments(parser):
    parser.add_argument("node", help="a node of the firmware, or the path of a .py or .toml file of your own")
    parser.add_argument("--pretty", action="store_true", help="with line breaks, for a person")
    parser.add_argument(
        "--board", default="HOST", help="a board's name, or the path of a folder with a board.py of your own (%(default)s)"
    )
    parser.add_argument(
        "--secop", choices=secop.OURS, metavar="VERSION",
        help="as a node of that version of SECoP; what is different then is told line by line (what the node says)",
    )  # fmt: skip
    parser.add_argument("--python", action="store_true", help="print the definition in Python that a composed file stands for")
    parser.add_argument("--parts", action="store_true", help="print what a composed file needs, and at which pins it goes")
    text = f"write {', '.join(_FROZEN)} there instead, for firmware of your own (docs/framework.md)"
    parser.add_argument("--write", metavar="FOLDER", help=text)
    parser.add_argument(
        "--wiring",
        metavar="FILE.svg",
        help="draw what is wired to the board there instead: each chip and pin that the node has",
    )


def main(args):
    if args.wiring and (args.write or args.secop):
        raise Problem("--wiring makes a picture, and goes with neither --write nor --secop")
    if args.wiring:
        return draw(args.node, args.board, Path(args.wiring))
    if args.write and args.secop:
        raise Problem("a node says its version of SECoP itself, by secop= of Node(...): --secop only shows another one")
    if args.write:
        contents = image.files(args.node, args.board)
        remark(args.node, contents["description.json"].splitlines()[0])
        return write(contents, Path(args.write))
    if args.python:
        image.describe(args.node, args.board)
        sys.stdout.write(image.node_file(args.node).read_text("utf-8"))
        return 0
    if args.parts:
        return parts(args.node)
    line = image.describe(args.node, args.board, args.secop, remarks=("note: ", "polling: ", "heap: "))
    remark(args.node, line)
    if _composed(args.node):
        found = compose.load(args.node)
        if asking().needs_pull_ups(found.content):
            text = "SCL and SDA of an I2C bus need a resistor of 4.7 kΩ to 3V3 each, where no board on the bus has them"
            print(f"note: {args.node}: {text}", file=sys.stderr)
        print(f"\n{asking().shopping(found)}\n\n--wiring FILE.svg draws it.", file=sys.stderr)
    if args.secop:
        compare(args, json.loads(line))
    print(json.dumps(json.loads(line), indent=2, ensure_ascii=False) if args.pretty else line)
    return 0


def _composed(node):
    return Path(node).suffix == ".toml" and compose.is_composed(node)


def asking():
    """The module that knows what a composed node is made of; it needs packages of PyPI."""
    compose.need()
    from ..image.compose import asking

    return asking


def parts(node):
    """What a composed node is made of, a line each."""
    if not _composed(node):
        raise Problem(f"--parts is for composed files, and {node} is none; --wiring draws what any node has")
    print(asking().shopping(compose.load(node)))
    return 0


def remark(node, line):
    """Tell what is allowed and will cost somebody something."""
    for name, module in json.loads(line)["modules"].items():
        for key, accessible in module["accessibles"].items():
            if description.is_constant(accessible):
                print(
                    f"note: {node}: module {name}, parameter {key}: a constant, and SECoP forbids to read those. The clients "
                    "secop-ophyd (Bluesky) and fastcs-secop (EPICS) read every parameter, and fail there. With "
                    f"read_{key} in place of constant= all clients have it",
                    file=sys.stderr,
                )


def compare(args, report):
    """Tell what another version of SECoP changes for a node."""
    said = image.version_of(args.node, args.board)
    if said == args.secop:
        print(f"{args.node} is a node of SECoP {said} already", file=sys.stderr)
        return
    print(f"SECoP {said} -> {args.secop}", file=sys.stderr)
    names = [secop.IDENTIFICATIONS[version] for version in (said, args.secop)]
    print(f"  *IDN?: {names[0]} -> {names[1]}  ({secop.IDENTIFICATION})", file=sys.stderr)
    for where, before, after in secop.differences(json.loads(image.describe(args.node, args.board)), report):
        section = secop.MODULE[where[-1].removeprefix("_")].section
        texts = [json.dumps(value, ensure_ascii=False) for value in (before, after)]
        place = ":".join(part for part in where[:-1] if part not in ("modules", "accessibles"))
        print(f"  {place}: {where[-1]} {texts[0]} -> {texts[1]}  ({section})", file=sys.stderr)


def draw(node, board, path):
    """The picture of what is wired to the board."""
    text = wired.picture(node, board)
    try:
        path.write_text(text, "utf-8")
    except OSError as e:
        raise Problem(f"can't write {path}: {e.strerror}") from None
    print(path)
    return 0


def write(contents, folder):
    """What a board needs beside a node's code."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in _FROZEN:
            (folder / name).write_bytes(contents[name])
            print(folder / name)
    except OSError as e:
        raise Problem(f"can't write into {folder}: {e.strerror}") from None
    return 0
