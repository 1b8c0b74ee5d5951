"""Ask a node whether it would take a value just now; nothing is changed."""

from .. import interrupts
from ..client import checking, client


def add_arguments(parser):
    parser.add_argument("specifier", help="module:accessible; only a module means its target")
    parser.add_argument("value", nargs="?", help="as JSON, e.g. 60 or '[1, 2, 2.5]'; a command may need none")
    parser.add_argument("--address", default="127.0.0.1:10767", help="HOST:PORT of the node (%(default)s)")


def main(args):
    return interrupts.run(check(args))


async def check(args):
    connection = await client.connect(args.address)
    try:
        value = client.NOTHING if args.value is None else checking.parse(args.value)
        verdict = await checking.ask(connection, args.specifier, value)
    finally:
        await connection.close()
    print(verdict.words(args.specifier))
    return 0 if verdict.accepted else 1
