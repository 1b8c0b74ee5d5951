"""The table of speed: ratios to frappy's within one run, by turns on the same machine. No plant is simulated."""

import contextlib
import selectors
import statistics
import subprocess
import sys
import time

from host_tests.bench import uart
from host_tests.bench.figures import Figures
from host_tests.bench.frappy_node import FrappyNode
from host_tests.bench.measured import Node
from tools.emulator import host

_ROUNDS = 7
_SECONDS = 0.3  # of one measurement
_READ = "read heater:target"

_FLOOD = """
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
block = b"read heater:target\\n" * 32
while True:
    s.sendall(block)
    n = 32
    while n:
        n -= s.recv(65536).count(b"\\n")
"""


def ours():
    """The node under the 64-bit MicroPython."""
    return Node(heap=None, clients=4)


def measure():
    rates = (
        ("`read` round trips/s, to frappy's", _READ, 1),
        ("the same, pipelined 16 deep", _READ, 16),
        ("`describe`/s, to frappy's", "describe", 1),
    )
    at_line = "board-like: `read` at 115200 baud (paced pseudo terminal), of the line's limit"
    figures = Figures("speed", more=[at_line, *(name for name, _, _ in rates)])
    starts = [(started(ours), started(FrappyNode)) for _ in range(_ROUNDS)]
    figures.add("start to first answer, to frappy's", *ratio(starts, 1e3, " ms"))
    with ours() as mine, FrappyNode() as theirs:
        figures.add("resident memory, to frappy's", *ratio([(resident(mine), resident(theirs))], 1e-6, " MB"))
        with mine.connect() as my_wire, theirs.connect() as their_wire:
            wires = my_wire, their_wire
            for name, line, depth in rates:
                found = [tuple(rate(wire, line, depth) for wire in wires) for _ in range(_ROUNDS)]
                figures.add(name, *ratio(found, 1, "/s"))
        ages = [(age(mine), age(theirs)) for _ in range(_ROUNDS)]
        figures.add("age of an update, 3 active clients, p50, to frappy's", *ratio(ages, 1e6, " us"))
        flooded = [(flood(mine), quiet(mine)) for _ in range(3)]
        figures.add("p99 of `read` while another client floods, to its quiet p99", *ratio(flooded, 1e6, " us"))
    figures.add(at_line, *uart.measure())
    return figures


def ratio(pairs, scale=1.0, unit=""):
    """The median of the ratios, and the text that shows it with what it came from."""
    value = statistics.median(a / b for a, b in pairs)
    a, b = (statistics.median(pair[i] for pair in pairs) * scale for i in (0, 1))
    return value, f"{value:.3g} ({a:.4g}{unit} to {b:.4g}{unit})"


def started(node):
    with node() as running:
        return running.started


def resident(node):
    """Bytes."""
    with open(f"/proc/{node.process.pid}/status") as f:
        return int(next(line for line in f if line.startswith("VmRSS")).split()[1]) * 1024


def rate(wire, line, depth=1):
    """Requests answered a second, `depth` of them sent at once."""
    block = "\n".join([line] * depth)
    n = 0
    begin = time.perf_counter()
    while time.perf_counter() < begin + _SECONDS:
        wire.send(block)
        for _ in range(depth):
            wire.line()
        n += depth
    return n / (time.perf_counter() - begin)


def age(node, changes=60):
    """The median of the seconds from a change to its update, at three active clients."""
    with contextlib.ExitStack() as stack:
        changer, *active = [stack.enter_context(node.connect()) for _ in range(4)]
        selector = stack.enter_context(selectors.DefaultSelector())
        for wire in active:
            wire.ask("activate heater")
            selector.register(wire.socket, selectors.EVENT_READ)
        ages = []
        for i in range(changes):
            begin = time.perf_counter()
            changer.send(f"change heater:_maxheaterpower {i % 50 + 1}")
            waiting = set(active)
            while waiting:
                for key, _ in selector.select():
                    data = key.fileobj.recv(65536)
                    if b"_maxheaterpower" in data:
                        ages.append(time.perf_counter() - begin)
                        waiting -= {wire for wire in waiting if wire.socket is key.fileobj}
            changer.until("changed")
        return statistics.median(ages)


def quiet(node, n=1500):
    """The 99th percentile of the seconds that a `read` takes."""
    with node.connect() as wire:
        found = []
        for _ in range(n):
            begin = time.perf_counter()
            wire.ask(_READ)
            found.append(time.perf_counter() - begin)
        return statistics.quantiles(found, n=100)[98]


def flood(node):
    """The same while another client sends requests as fast as they are answered."""
    command = [sys.executable, "-c", _FLOOD, str(node.port)]
    process = subprocess.Popen(command, preexec_fn=host.die_with_parent)
    try:
        time.sleep(0.3)
        return quiet(node)
    finally:
        process.kill()
        process.wait()
