"""The table of a node with ten chips: board-like, and on the emulated RP2040."""

from host_tests import harness
from host_tests.bench import memory
from host_tests.bench.figures import Figures
from host_tests.rp2040 import flashed
from tools.build import pico
from tools.problem import Problem

TEN = harness.NODES / "ten_chips.py"
CHIPS = "room humidity box pressure power volts level platinum couple straight pipe output".split()
WORKLOAD = [
    *["*IDN?", "describe", "activate", "ping 1"],
    *[f"read {name}:value" for name in CHIPS],
    *["change output:target 1.5", "change output:target 99", "rubbish", "read room", "deactivate", "activate"],
]
COUNTED = {
    "heap after boot, 3 client slots, no client; firmware in flash (KiB)": lambda: after_boot(True),
    "the same, firmware loaded into the heap from .mpy files (KiB)": lambda: after_boot(False),
}
POLLS = "RP2040: time of the chip to poll all ten once (ms)"
WAITS = "RP2040: the longest of 200 `ping`s (ms)"
STUCK = "the same, I2C stuck (ms)"


def measure():
    """Measure it all."""
    figures = Figures("chips")
    for name, count in COUNTED.items():
        figures.add(name, count())
    node = {"node": TEN, "chips": True, "workload": WORKLOAD * 2}
    figures.add("runs with a heap of; firmware in flash (KiB)", memory.smallest_heap(True, **node))
    figures.add("the same, firmware loaded into the heap (KiB)", memory.smallest_heap(**node))
    try:
        pico.firmware()
        pico.emulator()
    except Problem as e:
        print(f"    level rp2040 is missing here: {e}", flush=True)
        return figures
    for name, found in on_the_chip().items():
        figures.add(name, found)
    return figures


def after_boot(frozen):
    return memory.after_boot(TEN, frozen=frozen, chips=True, seconds=5) / 1024


def on_the_chip():
    """What an emulated RP2040 takes for it, a dict by the name of the figure."""
    found = {}
    boards = [flashed.Node(node) for node in (TEN, "outside")]
    try:
        ten, plain = (node.board for node in boards)
        found[POLLS] = (busy(ten) - busy(plain)) * 1000
        with boards[0].usb() as wire:
            for name, fault in ((WAITS, "none"), (STUCK, "i2c0 stuck")):
                ten.fault(fault)
                found[name] = longest_ping(ten, wire)
    finally:
        for node in boards:
            node.stop()
    return found


def busy(board, seconds=10):
    """The share of its time in which the chip computes, while nobody asks for anything."""
    board.sleep(5000)
    first = board.status()
    board.sleep(1000 * seconds)
    last = board.status()
    return 1 - (last["idle"] - first["idle"]) / (last["time"] - first["time"])


def longest_ping(board, wire, n=200):
    """ms that the slowest of n pings took, 11 ms after one another."""
    board.sleep(1500)
    waits = []
    for _ in range(n):
        begin = board.time
        assert wire.ask("ping").startswith("pong")
        waits.append(board.time - begin)
        board.sleep(11)
    return max(waits)
