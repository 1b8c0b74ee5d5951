"""Check any SEC node against the specification: its description, then what it answers. Nothing is moved without --drive."""

from .. import interrupts
from ..client import client
from ..conformance import driving, findings, talking

_WRONG = 1


def add_arguments(parser):
    client.add_address(parser)
    parser.add_argument("--drive", action="store_true", help="also change and drive: what is connected may move and heat")
    parser.add_argument("--strict", action="store_true", help="a warning is an error, too")
    parser.add_argument("--quiet", action="store_true", help="leave out the notes")


def main(args):
    return interrupts.run(check(args))


async def check(args):
    found = findings.Findings()
    talk = talking.Talk(args.address, args.baudrate, found)
    try:
        await talk.run()
        if args.drive:
            await driving.drive(talk)
    finally:
        await talk.close()
    modules = talk.report.get("modules")
    print(f"{talk.wire.name}: {talk.identification}, {len(modules) if isinstance(modules, dict) else 0} modules")
    for line in found.lines(*(findings.LEVELS[:2] if args.quiet else findings.LEVELS)):
        print(line)
    print(found.summary())
    return _WRONG if found.of(findings.ERROR) or args.strict and found.of(findings.WARNING) else 0
