"""`make fuzz` and `make soak`."""

import argparse
import sys

from host_tests.hostile import fuzzing, soak

parser = argparse.ArgumentParser(prog="python -m host_tests.hostile")
verbs = parser.add_subparsers(required=True)
for module in (fuzzing, soak):
    name = {"fuzzing": "fuzz"}.get(module.__name__.rsplit(".", 1)[1], "soak")
    verb = verbs.add_parser(name, help=module.__doc__)
    module.add_arguments(verb)
    verb.set_defaults(main=module.main)
args = parser.parse_args()
sys.exit(args.main(args))
