"""Put the firmware with a node onto a board, over its serial port; what is there already is not copied again.

A cable that is pulled, whenever, leaves the node that was there or the new one.

Onto a board whose MicroPython has this very firmware frozen in comes what is a node's or the board's own, and what would hide
the frozen modules goes.
"""

from pathlib import Path

from ..board import device, flash
from ..image import boards, compose, image
from ..problem import Problem


def add_arguments(parser):
    text = "RPI_PICO_W, or the path of a folder with a board.py of your own (the one that a composed file names)"
    parser.add_argument("--board", default="", help=text)
    parser.add_argument("--node", default="example_heater", help="its name, or the path of a .py or .toml file (%(default)s)")
    parser.add_argument("--port", default="", help="the serial port, or id:SERIALNUMBER (the only board that is connected)")


def board_of(args):
    """The board that is meant: what --board says, or a composed file. Raises Problem where nobody says it."""
    if args.board:
        return args.board
    if Path(args.node).suffix == ".toml" and compose.is_composed(args.node):
        return compose.load(args.node).board_given
    raise Problem(f"--board is missing: {args.node} does not say what board it is for")


def main(args):
    given = board_of(args)
    board = boards.load(given)
    contents = image.for_board(args.node, given)
    beside = image.for_board(args.node, given, frozen=True)
    with device.Device(device.find(args.port, board["port"])) as there:
        try:
            flash.flash(there, board, contents, beside)
        except BaseException:
            there.abandon()
            raise
        print(f"the board starts {args.node} ...", flush=True)
        print(flash.started(there))
    return 0
