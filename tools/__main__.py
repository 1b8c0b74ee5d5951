"""`secnode VERB`, or in a checkout `python3 -m tools VERB`."""

import argparse
import importlib
import os
import sys

from .common import image, interrupts
from .common.problem import Problem

VERBS = (
    "run",
    "talk",
    "monitor",
    "bridge",
    "describe",
    "check",
    "scan",
    "discover",
    "micropython",
    "flash",
    "configure",
    "selftest",
    "report",
)


def main(argv=None):
    parser = argparse.ArgumentParser(prog="secnode", description="SECoP on a microcontroller: what is done on the PC.")
    parser.add_argument("--version", action="version", version=f"secnode {image.version()}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    modules = {}
    for verb in VERBS:
        modules[verb] = importlib.import_module("." + verb, __package__)
        summary = modules[verb].__doc__.strip().splitlines()[0]
        modules[verb].add_arguments(verbs.add_parser(verb, help=summary, description=modules[verb].__doc__))
    args = parser.parse_args(argv)
    if args.verb is None:
        parser.print_help()
        return 0
    try:
        code = modules[args.verb].main(args)
        sys.stdout.flush()
        return code
    except Problem as e:
        print(f"secnode {args.verb}: {e}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def command():
    """As a program of its own."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # a terminal may have fewer letters than a node
    interrupts.begin()
    try:
        return main()
    except BrokenPipeError:
        # whoever read what we print has enough, as in `secnode describe | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    finally:
        interrupts.over()


if __name__ == "__main__":
    sys.exit(command())
