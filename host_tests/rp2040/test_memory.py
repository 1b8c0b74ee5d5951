"""The chip's own heap with a node on it, and how long it takes to be collected."""

import pytest

from host_tests import harness
from host_tests.bench import latency
from host_tests.rp2040 import flashed
from host_tests.rp2040.test_safety import BREAKING

_PERIOD = 200000  # us, of the control
FREE, LONGEST = 40 * 1024, 28 * 1024  # bytes, with three clients over TCP
AT_THE_REPL = "import gc; gc.collect(); print(gc.mem_free() + gc.mem_alloc(), gc.mem_free())"


@pytest.fixture(scope="module")
def wire(nodes):
    """Of the example heater with a module that looks at the heap."""
    with nodes(BREAKING).usb() as wire:
        yield wire


def result(wire, command):
    return harness.split(wire.ask(f"do breaker:{command}"))[2][0]


def test_collecting_takes_a_small_part_of_a_control_period(wire, found):
    """While the heater is controlled and a client is served."""
    assert wire.ask("change heater:target 60").startswith("changed")
    pauses = []
    for _ in range(5):
        wire.board.sleep(700)
        pauses.append(result(wire, "_pause"))
    wire.ask("change heater:target 0")
    found("collecting takes, of a control period, at most", 100 * max(pauses) / _PERIOD, "%")
    assert max(pauses) < 0.2 * _PERIOD


def test_heap(wire, fresh, found):
    heap, free = map(int, flashed.mpremote(fresh("outside").board, "exec", AT_THE_REPL).split())
    found("heap", heap / 1024, "KiB")
    found("free of it at the REPL, boot.py done", free / 1024, "KiB")
    kept = heap - result(wire, "_free")
    found("in use by the example heater and a module that measures, one client", kept / 1024, "KiB")
    assert heap - kept > 96 * 1024  # a Pico W has 48 KiB less


def test_heap_with_three_clients_over_tcp(nodes, found):
    """All are sent updates, and have asked for the description and much else."""
    node = nodes(BREAKING, network=True)
    wires = [node.connect() for _ in range(3)]
    for wire in wires:
        wire.send("activate")
        wire.until("active")
        for i in range(20):
            wire.send(f"read heater:value\nping {i}")
        assert wire.until("pong 19 ")
        assert wire.ask("describe").startswith("describing . ")
    before = [result(wire, "_free") for wire in wires]
    wires[0].board.sleep(5000)
    free, longest = result(wires[0], "_free"), result(wires[0], "_largest")
    found("three clients over TCP: free", free / 1024, "KiB")
    found("three clients over TCP: longest piece of it", longest / 1024, "KiB")
    assert free > FREE and longest > LONGEST
    assert abs(free - before[-1]) < 2048
    for wire in wires:
        wire.close()
    node.board.sleep(500)
    with node.connect() as wire:
        found("one client over TCP: free", result(wire, "_free") / 1024, "KiB")


def test_a_read_seldom_waits_for_a_collection(wire, found):
    """By the chip's clock. It was 13 ms before the console asked for its methods once, and 45 in one of eight."""
    times = latency.trips(wire.socket, wire.board)
    found("`read` over USB, the median", latency.percentile(times, 50), "ms")
    assert latency.percentile(times, 50) < 12
    assert latency.percentile(times, 95) < 35
