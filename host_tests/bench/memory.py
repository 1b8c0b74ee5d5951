"""The table of memory: board-like, example_heater; the firmware in flash, or in .mpy files that are loaded into the heap."""

import random
import time

from host_tests import harness
from host_tests.bench.figures import Figures
from host_tests.bench.measured import Failed, Node
from host_tests.bench.samples import outsides
from host_tests.properties.served import Served
from host_tests.wire import websocket
from tools.build import micropython
from tools.image import image, page

READ, CHANGE = "read heater:target", "change heater:_maxheaterpower 40"
WORKLOAD = (
    "*IDN?", "describe", "activate", "ping 1", READ, "read outside:value", "read heater", CHANGE, "change heater:target 30",
    "change heater:target 500", "check heater:target 40", "check heater:target -3", 'do heater:_examplecommand {"a":1,"b":2}',
    "do heater:stop", 'logging heater "debug"', "change heater:target_limits [0,100]", "read no:body", "rubbish",
    "change heater:target [[", "", 'logging "off"', "deactivate outside", "ping " + "x" * 60, "change heater:status 1",
)  # fmt: skip


LARGEST = "largest free block after the soak, of what is free (%)"
# what is counted, the same every time: host_tests/bench/test_memory.py holds it
COUNTED = {
    "heap after boot, 3 client slots, no client; firmware in flash (KiB)": lambda: after_boot(frozen=True) / 1024,
    "the same, firmware loaded into the heap from .mpy files (KiB)": lambda: after_boot() / 1024,
    "a client slot, connected and active (B)": lambda: slot(),
    "a module like `outside` (B)": lambda: (after_boot(outsides(9)) - after_boot(outsides(1))) / 8,
    "a client over WebSocket, beyond one over TCP (B)": lambda: beyond(),
    "allocated per `read` answered over WebSocket (B)": lambda: per_request(READ, client=over_websocket),
    "allocated per `ping` answered over WebSocket (B)": lambda: per_request("ping 1", client=over_websocket),
    "allocated per `read` answered (B)": lambda: per_request(READ),
    "allocated per `change` answered (B)": lambda: per_request(CHANGE),
    "allocated per `ping` (B)": lambda: per_request("ping 1"),
    "allocated by `describe` (B)": lambda: per_request("describe"),
    "allocated per update sent to a client (B)": lambda: (per_update(3) - per_update(1)) / 2,
    "allocated in the dead man's timer callback (B)": lambda: timer(),
    "files on the board, but for browsers' and lwIP's (KiB)": lambda: files(None) / 1024,
    "files for browsers: the page, and what serves it (KiB)": lambda: files("browsers") / 1024,
    "files for lwIP: what it has room for (KiB)": lambda: files("lwIP") / 1024,
    "transient per request to an instrument by lines (B)": lambda: asking(False)[0],
    "kept per request to an instrument by lines (B)": lambda: asking(False)[1],
    "a LineDevice and its wire (B)": lambda: asking(False)[2],
    "transient per request to an instrument by Modbus (B)": lambda: asking(True)[0],
    "kept per request to an instrument by Modbus (B)": lambda: asking(True)[1],
    "a ModbusDevice and its wire (B)": lambda: asking(True)[2],
}


def measure(soak):
    """Measure it all; `soak` in seconds is how long the node works before its heap is looked at."""
    figures = Figures("memory", more=(LARGEST,))
    for name, count in COUNTED.items():
        figures.add(name, count())
    periods(figures)
    figures.add("runs with a heap of; firmware in flash (KiB)", smallest_heap(True))
    figures.add("the same, firmware loaded into the heap (KiB)", smallest_heap())
    figures.add(LARGEST, soaked(soak) * 100)
    return figures


def timer():
    """0; raises Failed where a callback allocates: the heap is locked meanwhile."""
    with Node(still=True) as node:
        node.ask("timer")
    return 0


BOARD = "RPI_PICO_W"


_FOR = {
    page.FILE: "browsers", "transport/web.mpy": "browsers", "transport/websocket.mpy": "browsers", "transport/room.mpy": "lwIP",
}  # fmt: skip


def files(what):
    """Bytes on that board's filesystem: of what one thing alone needs, or, for None, of the rest."""
    found = image.compiled(image.slimmed(image.files("example_heater", BOARD), BOARD), micropython.cross())
    return sum(len(content) for name, content in found.items() if _FOR.get(name) == what)


def after_boot(node="example_heater", clients=3, heap=192, frozen=False, chips=False, seconds=1.5):
    """Bytes in use of a node that has run for so long, and has no client."""
    with Node(node, heap, clients, frozen=frozen, chips=chips) as running:
        time.sleep(seconds)
        return running.kept()


def slot():
    """Bytes of a place for a client and what is added when it is taken: the less of two tries, what just runs adds to it."""
    return (after_boot(clients=4) - after_boot(clients=1)) / 3 + min(_taken(), _taken())


def _taken():
    with Node(clients=3) as node:
        wires = [node.connect() for _ in range(3)]
        found = []
        time.sleep(1)
        for wire in wires:
            wire.ask("activate")
            for line in (READ, CHANGE, "ping"):
                wire.ask(line)
            time.sleep(1)
            found.append(node.kept())
        for wire in wires:
            wire.close()
        time.sleep(1)
        return (found[-1] - node.kept()) / 3


def over_websocket(node):
    """A client of a node, over WebSocket."""
    return websocket.Client(node.port)


def beyond():
    """Bytes that a client over WebSocket takes beyond one over TCP. What is loaded for the first one counts for no client."""
    with Node(clients=3) as node:
        found = []
        for connect in (over_websocket, Node.connect, over_websocket):
            time.sleep(1)
            empty = node.kept()
            wires = [connect(node) for _ in range(3)]
            for wire in wires:
                wire.ask("activate")
                for line in (READ, CHANGE, "ping"):
                    wire.ask(line)
            time.sleep(4)
            found.append((node.kept() - empty) / 3)
            for wire in wires:
                wire.close()
        return found[2] - found[1]


def per_request(line, node="example_heater", n=10, rounds=10, client=Node.connect):
    """Bytes allocated from a request to its answer, waiting for it included.

    Of several rounds the best: a machine that is busy with something else can only add, when the client is late.
    """
    with Node(node, heap=4096, still=True) as running, client(running) as wire:
        return min(running.allocated(lambda: wire.ask(line), n) for _ in range(rounds))


def per_update(clients, rounds=6):
    """Bytes allocated for an update, with so many clients that get it; the best of several rounds."""
    with Node(heap=4096, clients=clients, still=True) as node:
        wires = [node.connect() for _ in range(clients)]
        for wire in wires:
            wire.ask("activate")
        return min(node.allocated(lambda: node.ask("announce", 50), 1) for _ in range(rounds)) / 50


def asking(modbus, requests=200):
    """What a request to an instrument allocates, and what it keeps; and what the device and its wire take. Bytes."""
    served = Served("board-like", harness.ROOT / "host_tests" / "instruments" / "asking.py")
    try:
        transient, kept, size = served.ask("cost", requests, modbus)
    finally:
        served.close()
    # what is kept once, as the last answer, is no request's: one that keeps something keeps 16 B at least
    return transient, max(kept, 0) // requests, size


def periods(figures, windows=10, seconds=2):
    """What the node does by itself while it regulates, in 200 ms. The best of some windows: others' datagrams
    come in, too, and 16 bytes more or less are in use from one to the next."""
    kept, transient = [], []
    with Node(heap=4096) as node:
        with node.connect() as wire:
            wire.ask("change heater:target 24.5")  # what its ADC says: nothing changes, and nobody worries
        time.sleep(2)
        node.ask("automatic", "off")
        for _ in range(windows):
            before = [node.kept()]
            time.sleep(1)  # secnode/garbage.py looks once after a collection
            before.append(node.ask("alloc"))
            time.sleep(seconds)
            after = node.ask("alloc"), node.kept()
            kept.append(after[1] - before[0])
            transient.append(after[0] - before[1])
    figures.add("kept per control period (B)", max(min(kept) / (5 * (seconds + 1)), 0))
    figures.add("transient per control period (B)", min(transient) / (5 * seconds))


def smallest_heap(frozen=False, low=32, high=192, **node):
    """KiB of the smallest heap with which three clients get all their answers, to 2 KiB; `node` as works() takes it."""
    if not works(high, frozen, **node):
        return float("inf")
    while high - low > 2:
        middle = (low + high) // 4 * 2
        if works(middle, frozen, **node):
            high = middle
        else:
            low = middle
    return high


def works(heap, frozen, node="example_heater", chips=False, workload=WORKLOAD * 2):
    """Whether a node with a heap of so many KiB answers everything that is asked, and its console tells no trouble."""
    try:
        with Node(node, heap, frozen=frozen, chips=chips) as node:
            wires = [node.connect() for _ in range(3)]
            for line in workload:
                for wire in wires:
                    wire.send(line)
                for wire in wires:
                    answer = wire.until(answers(line), 5)[0]
                    if "InternalError" in answer or "MemoryError" in answer:
                        return False
            time.sleep(1)
            return "MemoryError" not in node.log and "Traceback" not in node.log
    except (Failed, OSError, EOFError):
        return False


def answers(line):
    """How the answer to a request may begin."""
    action = line.split(" ")[0]
    good = {
        "*IDN?": "ISSE", "describe": "describing", "activate": "active", "deactivate": "inactive", "ping": "pong",
        "read": "reply", "change": "changed", "check": "checked", "do": "done", "logging": "logging", "": "helping 11 ",
    }.get(action, "error")  # fmt: skip
    return good, "error_" + action + " "


def soaked(seconds):
    """The share that the largest block has of what is free, after clients came, worked, and went for so long."""
    chance = random.Random(1)
    with Node(heap=192) as node:
        wires = [node.connect() for _ in range(3)]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            i = chance.randrange(3)
            if chance.random() < 0.02:
                wires[i].close()
                time.sleep(0.05)
                wires[i] = node.connect()
            for line in chance.choices(WORKLOAD, k=chance.randint(1, 8)):
                wires[i].send(line)
            wires[i].ask("ping soak")
            for wire in wires:
                wire.lines(0.001)
            time.sleep(0.01)
        for wire in wires:
            wire.close()
        time.sleep(1)
        if "MemoryError" in node.log:
            raise Failed(node.log)
        return node.largest()
