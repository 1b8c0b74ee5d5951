"""Make one file for a bare RP2 board: MicroPython, the firmware and a node. Drop it onto the board's drive, and it answers.

For RPI_PICO and RPI_PICO2, MicroPython is built here with the firmware frozen in. For other boards --firmware is
MicroPython's release for it, and the firmware comes with the node. Settings and Wi-Fi can go into the file, too:
--set wifi.ssid=lab --set wifi.password takes the password from $SECNODE_WIFI_PASSWORD, a prompt or stdin.
"""

import os
from pathlib import Path

from ..board import asked, dropped, fetching, kept
from ..build import pico
from ..image import boards
from ..problem import Problem

_STEPS = """hold the board's BOOTSEL button, plug its USB cable in, let go of the button,
and copy {} onto the drive {}: the node starts by itself"""
_DRIVES = {"RP2040": "RPI-RP2", "RP2350": "RP2350"}
_NETWORKS = {"wifi": "WIFI", "ethernet": "ETHERNET"}


def add_arguments(parser):
    parser.add_argument("--board", required=True, help="RPI_PICO_W, or the path of a folder with a board.py of your own")
    parser.add_argument("--node", default="example_heater", help="its name, or the path of a .py or .toml file (%(default)s)")
    parser.add_argument("-o", "--output", default="", metavar="FILE", help="the file to make (NODE-BOARD.uf2)")
    parser.add_argument("--firmware", default="", metavar="FILE", help="the file with MicroPython, or its http(s) address")
    parser.add_argument("--settings", default="", metavar="FILE", help="a settings.json that the board begins with")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="one of the board's settings")


def main(args):
    board = boards.load(args.board)
    if "uf2" not in board:
        raise Problem(f"{board['name']} takes no UF2 file: `secnode micropython`, then `secnode flash` put a node onto it")
    output = Path(args.output or f"{Path(args.node).stem}-{board['name']}.uf2").expanduser()
    if output.suffix != ".uf2":
        raise Problem(f"the file has to end in .uf2: the board's drive takes no other ones: {output.name}.uf2")
    sections = settings(args, board)
    built = not args.firmware and board["build"] in pico.BUILT
    path = fetching.frozen("", board) if built else fetching.fetched(args.firmware, board)
    content, said = dropped.build(path, path.read_bytes(), board, args.node, sections)
    is_secret = any(kind.secret and kept.get(sections, key) for key, kind in kept.KEYS.items())
    write(output, content, is_secret)
    print(*said, sep="\n")
    secret = ", and holds a password: delete it afterwards" if is_secret else ""
    print(f"{output} is written, {len(content) // 1024} KiB{secret}")
    print(_STEPS.format(output.name, _DRIVES[board["uf2"]]))
    return 0


def settings(args, board):
    """The settings that the board begins with, by --settings and --set. Raises Problem."""
    sections = {}
    if args.settings:
        try:
            sections = kept.loaded(Path(args.settings).read_bytes())
        except OSError as e:
            raise Problem(f"{args.settings} can't be read: {e.strerror}") from None
        except ValueError as e:
            raise Problem(f"{args.settings} can't be used: {e}") from None
    given = [asked.split(text) for text in args.set]
    for key, _ in given:
        if key not in kept.KEYS:
            raise Problem(f"a board has no setting {key}, but {', '.join(kept.KEYS)}. What is a node's stands in its own file")
    sections = kept.merged(sections, {key: asked.value(key, text) for key, text in given})
    for section, name in _NETWORKS.items():
        if section in sections and not _has(board, name):
            raise Problem(f"{board['name']} has no {section}: leave it out of the settings")
    return sections


def _has(board, name):
    try:
        return bool(boards.constants(board["file"], (name,)).get(name, False))
    except ValueError:
        return True  # it is computed


def write(path, content, is_secret):
    """Write the file, or leave the one that is there. What holds a password is for its owner alone."""
    beside = path.with_name(path.name + ".new")
    try:
        beside.unlink(missing_ok=True)
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if is_secret else 0o666), "wb") as f:
            f.write(content)
        os.replace(beside, path)
    except OSError as e:
        raise Problem(f"{path} can't be written: {e.strerror}") from None
