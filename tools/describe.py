"""Build the structure report of a node, and say what is wrong with its definition."""

import json

from .common import image


def add_arguments(parser):
    parser.add_argument("node", help="a node of the firmware, or the path of a .py file of your own")
    parser.add_argument("--pretty", action="store_true", help="with line breaks, for a person")


def main(args):
    line = image.describe(args.node)
    print(json.dumps(json.loads(line), indent=2, ensure_ascii=False) if args.pretty else line)
    return 0
