"""Watch a node in the terminal: all its modules, a plot, targets to be changed after a check; and log it to a CSV file."""

import sys

from .. import interrupts
from ..client import client, watch
from ..problem import Problem


def add_arguments(parser):
    client.add_address(parser)
    parser.add_argument("--csv", metavar="FILE", help="write every value that comes into a new file")
    parser.add_argument("--module", help="the module to begin with (the first one that has a target)")


def main(args):
    try:
        import textual  # noqa: F401
        import textual_plotext  # noqa: F401
    except ImportError as e:
        raise Problem(f"this needs the Python package {e.name}: in a checkout `make monitor` prepares it") from None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Problem("this needs a terminal; for a program there is `secnode talk`, which reads lines from a pipe")
    return interrupts.run(monitor(args))


async def monitor(args):
    from ..client.screen import Monitor

    log = watch.Log(args.csv) if args.csv else None
    node = watch.Watch(args.address, args.baudrate, log)
    try:
        await node.connect()
        if args.module and args.module not in node.description.modules:
            raise Problem(f"{node.client.name} has no module {args.module}: it has {', '.join(node.description.modules)}")
        await Monitor(node, log, args.module).run_async()
    finally:
        await node.close()
        if log:
            log.close()
    if log:
        print(f"{log.rows} values are in {log.path}" + (f", then it failed: {log.failed}" if log.failed else ""))
    return 0
