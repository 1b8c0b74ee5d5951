"""Ask what is on a board, write the file of a node that has it, and try that on the simulated board."""

import json
import sys
from pathlib import Path

from ..image import compose, image
from ..problem import Problem


def add_arguments(parser):
    parser.add_argument("--schema", action="store_true", help="print the JSON schema of such files, for an editor")
    parser.add_argument("file", nargs="?", default="node.toml", help="the file to be written (%(default)s)")


def main(args):
    if args.schema:
        compose.need()
        from ..image.compose import catalogue, model

        print(json.dumps(model.Models(catalogue.things()).schema(), ensure_ascii=False, indent=1))
        return 0
    path = Path(args.file)
    if path.suffix != ".toml":
        raise Problem(f"the file of your node has to end in .toml: {args.file}.toml")
    if path.exists():
        raise Problem(f"there is {path} already: take another name, or edit it")
    compose.need()
    from ..image.compose import asking

    print("Enter takes what stands in [brackets], ? lists what there is. Ctrl-C ends it, and nothing is written.\n")
    text = asking.Interview(ask).hold()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    print(f"\n{path}:\n")
    print("  " + text.replace("\n", "\n  ").rstrip())
    try:
        image.describe(str(path))
    except Problem as e:
        print(f"\n{e}")
        print(f"\n{path} is written: put that right there, then `secnode run {path}` tries it")
        return 1
    print()
    print(asking.shopping(compose.load(str(path))))
    print(
        f"\n{path} is written, and describes a node. What comes next:\n"
        f"  secnode run {path}                         on the simulated board, at once\n"
        f"  secnode describe {path} --python           the definition that it stands for\n"
        f"  secnode flash --node {path}   onto the board"
    )
    return 0


def ask(question, default=""):
    """One answer of a person. Raises Problem where nobody is there."""
    sys.stdout.write(f"{question}{f' [{default}]' if default != '' else ''}: ")
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        raise Problem("there is nobody to ask")
    return line.strip() or str(default)
