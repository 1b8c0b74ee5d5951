"""The chip's own heap with a node on it, and how long it takes to be collected."""

from host_tests import harness
from host_tests.rp2040.test_safety import BREAKING

_HEAP = 246144  # bytes, of MicroPython 1.25 on an RP2040
_PERIOD = 200000  # us, of the control


def test_heap_and_collection(nodes, found):
    node = nodes(BREAKING)
    with node.usb() as wire:
        free = harness.split(wire.ask("do breaker:_free"))[2][0]
        found("heap in use, 1 client, after a collection", (_HEAP - free) / 1024, "KiB")
        pauses = [harness.split(wire.ask("do breaker:_pause"))[2][0] for _ in range(5)]
        found("collecting takes, of a control period, at most", 100 * max(pauses) / _PERIOD, "%")
        assert free > 64 * 1024
        assert max(pauses) < 0.2 * _PERIOD
