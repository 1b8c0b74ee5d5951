"""Put the firmware with a node onto a board, over its serial port; what is there already is not copied again.

A cable that is pulled, whenever, leaves the node that was there or the new one.

Onto a board whose MicroPython has this very firmware frozen in comes what is a node's or the board's own, and what would hide
the frozen modules goes.
"""

from ..board import device, flash
from ..image import boards, image


def add_arguments(parser):
    parser.add_argument("--board", required=True, help="RPI_PICO_W, or the path of a folder with a board.py of your own")
    parser.add_argument("--node", default="example_heater", help="its name, or the path of a .py or .toml file (%(default)s)")
    parser.add_argument("--port", default="", help="the serial port, or id:SERIALNUMBER (the only board that is connected)")


def main(args):
    board = boards.load(args.board)
    contents = image.for_board(args.node, args.board)
    beside = image.for_board(args.node, args.board, frozen=True)
    with device.Device(device.find(args.port, board["port"])) as there:
        try:
            flash.flash(there, board, contents, beside)
        except BaseException:
            there.abandon()
            raise
        print(f"the board starts {args.node} ...", flush=True)
        print(flash.started(there))
    return 0
