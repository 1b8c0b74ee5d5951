"""`secnode VERB`, or in a checkout `python3 -m tools VERB`."""

import argparse
import importlib
import os
import sys

from . import interrupts, paths
from .problem import Problem

VERBS = (
    "run",
    "talk",
    "monitor",
    "panel",
    "bridge",
    "describe",
    "check",
    "curve",
    "check-node",
    "scan",
    "discover",
    "micropython",
    "image",
    "flash",
    "new",
    "configure",
    "selftest",
    "report",
)


def load(verb):
    """The module of a verb."""
    return importlib.import_module(".verbs." + verb.replace("-", "_"), __package__)


def main(argv=None):
    parser = argparse.ArgumentParser(prog="secnode", description="SECoP on a microcontroller: what is done on the PC.")
    parser.add_argument("--version", action="version", version=f"secnode {paths.version()}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    words = sys.argv[1:] if argv is None else list(argv)
    asked = next((word for word in words if not word.startswith("-")), None)
    for verb in VERBS:
        if asked in (verb, None):  # all of them only for the list of what there is
            loaded = load(verb)
            summary = loaded.__doc__.strip().splitlines()[0]
            loaded.add_arguments(verbs.add_parser(verb, help=summary, description=loaded.__doc__))
        else:
            verbs.add_parser(verb)
    args = parser.parse_args(words)
    if args.verb is None:
        parser.print_help()
        return 0
    try:
        code = load(args.verb).main(args)
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
