"""Build the structure report of a node, and say what is wrong with its definition."""

import json
from pathlib import Path

from .common import image
from .common.problem import Problem

_FROZEN = ("description.json", "discovery.json", "stamp.py")


def add_arguments(parser):
    parser.add_argument("node", help="a node of the firmware, or the path of a .py or .toml file of your own")
    parser.add_argument("--pretty", action="store_true", help="with line breaks, for a person")
    parser.add_argument(
        "--board", default="HOST", help="a board's name, or the path of a folder with a board.py of your own (%(default)s)"
    )
    text = f"write {', '.join(_FROZEN)} there instead, for firmware of your own (docs/framework.md)"
    parser.add_argument("--write", metavar="FOLDER", help=text)


def main(args):
    if args.write:
        return write(image.files(args.node, args.board), Path(args.write))
    line = image.describe(args.node, args.board)
    print(json.dumps(json.loads(line), indent=2, ensure_ascii=False) if args.pretty else line)
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
