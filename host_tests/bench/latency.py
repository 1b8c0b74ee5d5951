"""How long a node on a chip takes to answer, by the clock of an emulated RP2040.

python3 -m host_tests.bench.latency [--publish], which writes the tables into docs/rp2040.md. Over USB, UART and TCP; alone,
beside a client that asks without end, and while a heater is controlled. Over USB and UART with the firmware frozen, too.
"""

import argparse
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

from host_tests import harness
from host_tests.rp2040 import flashed
from tools.emulator import emulator, steps

_PAGE = harness.ROOT / "docs" / "rp2040.md"
_TABLE = re.compile(r"(<!-- latency -->\n).*?(<!-- end of latency -->)", re.DOTALL)
_READS = 100
_BETWEEN = 7.3  # ms, so that they fall anywhere into the periods of polls and control
WAYS = {"USB": "usb", "UART, 115200 baud": "uart", "TCP": "tcp0"}
_FROZEN = ", firmware frozen"
_ALONE, _FLOODED, _CONTROLLED = "alone", "beside a flooding client", "while a heater is controlled"
_NODE = "example_heater"
READ = b"read outside:value\n"
_AHEAD = 4  # requests of a flooding client that are under way


def trip(cable, board, request=READ):
    """ms of the chip's time from a request's first byte to its answer's last."""
    begun = board.time
    cable.sendall(request)
    cable.line(30)
    return board.time - begun


def trips(cable, board, n=_READS):
    """Sorted times of so many requests."""
    found = []
    for _ in range(n):
        found.append(trip(cable, board))
        board.sleep(_BETWEEN)
    return sorted(found)


def opened(board, way):
    """A client that nothing comes to any more that it did not ask for."""
    cable = steps.Cable(board, way, 30)
    cable.sendall(b"*IDN?\nping anew\n")
    while not cable.line(30).startswith(b"pong anew"):
        pass
    return cable


class Flood:
    """A client over TCP that has some requests under way all the time."""

    def __init__(self, board):
        self._cable = steps.Cable(board, "tcp7", 30)
        self._cable.sendall(READ * _AHEAD)

    def go_on(self):
        # as many as were answered
        n = self._cable.waiting() and self._cable.recv(65536).count(b"\n")
        if n:
            self._cable.sendall(READ * n)

    def close(self):
        self._cable.close()


def beside_flood(cable, board, n=_READS):
    flood = Flood(board)
    found = []
    for _ in range(n):
        begun = board.time
        cable.sendall(READ)
        while not cable.waiting():
            flood.go_on()
        cable.line(30)
        found.append(board.time - begun)
        for _ in range(4):
            flood.go_on()
            board.sleep(1)
    flood.close()
    board.sleep(500)
    return sorted(found)


def percentile(times, share):
    return times[min(len(times) * share // 100, len(times) - 1)]


def ages(cable, board, n=15):
    """ms from the moment that an update says its value is of to its last byte, sorted; the node's clock has to be set."""
    ahead = []  # the node's clock of the chip's, by answers to ping, which are taken for half way between
    for _ in range(20):
        begun = board.time
        cable.sendall(b"ping x\n")
        ahead.append(1000 * json.loads(cable.line(30).split(b" ", 2)[2])[1]["t"] - (begun + board.time) / 2)
    offset = sorted(ahead)[len(ahead) // 2]
    cable.sendall(b"activate outside\n")
    while cable.line(30) != b"active outside":
        pass
    found = []
    while len(found) < n:
        line = cable.line(30)
        if line.startswith(b"update outside:value "):
            found.append(board.time + offset - 1000 * json.loads(line.split(b" ", 2)[2])[1]["t"])
    cable.sendall(b"deactivate outside\n")
    while cable.line(30) != b"inactive outside":
        pass
    return sorted(found)


def measure():
    """Times of reads, a dict of (way, load) -> sorted ms; other figures, a dict of their names."""
    times, others = {}, {}
    node = flashed.Node(_NODE, network=True)
    board = node.board
    node.set_clock()
    try:
        for name, way in WAYS.items():
            cable = opened(board, way)
            times[name, _ALONE] = trips(cable, board)
            times[name, _FLOODED] = beside_flood(cable, board)
            times[name, _CONTROLLED] = while_controlled(cable, board)
            others["an update's age over " + name.split(",")[0]] = ages(cable, board)
            cable.close()
            board.sleep(2000)
        first = []
        for _ in range(10):
            begun = board.time
            cable = steps.Cable(board, "tcp0", 30)
            cable.sendall(b"*IDN?\n")
            cable.line(30)
            first.append(board.time - begun)
            cable.close()
            board.sleep(300)
    finally:
        node.stop()
    others["from a connection over TCP to its first answer"] = sorted(first)
    return times | frozen(), others


def while_controlled(cable, board):
    trip(cable, board, b"change heater:target 60\n")
    board.sleep(3000)
    found = trips(cable, board)
    trip(cable, board, b"change heater:target 0\n")
    return found


def frozen():
    """The same times of the firmware frozen into MicroPython."""
    times = {}
    with tempfile.TemporaryDirectory(prefix="secnode-") as folder:
        path = Path(folder) / "flash"
        shutil.copy(flashed.flash(_NODE), path)
        with emulator.Emulator(flashed.board_file(), path, firmware="frozen", speed=0) as board:
            board.wait_for_usb()
            flashed.put(board, flashed.contents(_NODE), beside=flashed.contents(_NODE, frozen=True))
        node = flashed.Node(_NODE, image=path)
        node.set_clock()
        try:
            for name in [name for name, way in WAYS.items() if way in ("usb", "uart")]:
                cable = opened(node.board, WAYS[name])
                times[name + _FROZEN, _ALONE] = trips(cable, node.board)
                times[name + _FROZEN, _CONTROLLED] = while_controlled(cable, node.board)
                cable.close()
        finally:
            node.stop()
    return times


def markdown(times, others):
    loads = _ALONE, _FLOODED, _CONTROLLED
    lines = ["| `read`, ms: p50 / p99 | " + " | ".join(loads) + " |", "|---" * (len(loads) + 1) + "|"]
    for name in dict.fromkeys(name for name, _ in times):
        found = [both(times[name, load]) if (name, load) in times else "" for load in loads]
        lines.append(f"| {name} | " + " | ".join(found) + " |")
    lines += ["", "| ms | p50 / p99 |", "|---|---|"]
    lines += [f"| {name} | {both(found)} |" for name, found in others.items()]
    return "\n".join(lines)


def both(found):
    return f"{percentile(found, 50):.1f} / {percentile(found, 99):.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--publish", action="store_true", help="write the tables into docs/rp2040.md")
    args = parser.parse_args()
    table = markdown(*measure())
    print(table)
    if args.publish:
        text = _PAGE.read_text("utf-8")
        _PAGE.write_text(_TABLE.sub(lambda found: found[1] + "\n" + table + "\n\n" + found[2], text), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
