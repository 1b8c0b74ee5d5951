"""What clients send does no harm where there is hardly more memory than the node takes: 64 KiB, the firmware in flash."""

import time

import pytest

from host_tests import harness
from host_tests.hostile import fuzzing

level = harness.level_fixture("frozen")
_OWN = 16  # KiB of the fuzzer itself, which is compiled there
_LINES = 4000


def test_mutated_lines(level):
    found = fuzzing.fuzz(level, "example_heater", _LINES, seed=1, heap=harness.HEAPS[level] + _OWN)
    assert found["lines"] >= _LINES
    assert found["good"] > _LINES // 20
    low, high, _ = found["heap"]
    assert high - low < 2048  # and fuzz.py says where something is left behind


@pytest.mark.parametrize("pause", [0, 0.02], ids=["at once", "one by one"])
def test_clients_that_there_is_no_memory_for_do_not_end_it(level, monkeypatch, pause):
    """With less and less memory fewer clients are served, until it can't even start; who is served stays so."""
    refused = 0
    for quarters in range(4 * 83, 4 * 63, -1):  # 25 KiB are the simulated board's
        monkeypatch.setitem(harness.HEAPS, level, quarters / 4)
        node = harness.NodeProcess(level, "example_heater", ready=False)
        try:
            first = client(node)
            others = [client(node, pause) for _ in range(5)]
            if first:
                refused += len([other for other in others[:2] if not other])
                assert first.ask("ping 1").startswith("pong 1")
                assert first.ask("read heater:target").startswith("reply heater:target")
                assert node.process.poll() is None, node.log
            for wire in (first, *others):
                if wire:
                    wire.close()
        finally:
            node.stop()
        if not first:
            break
    assert refused or pause  # else it was about nothing


def client(node, pause=0):
    """A client that is served, after so many s; None for one that is not, for whatever reason."""
    time.sleep(pause)
    deadline = time.monotonic() + 10
    while node.process.poll() is None and time.monotonic() < deadline:
        try:
            wire = node.connect()
        except ConnectionRefusedError:  # it is only starting
            time.sleep(0.02)
            continue
        try:
            if wire.ask("*IDN?").startswith("ISSE"):
                return wire
        except (OSError, EOFError):
            pass  # it did not get far
        wire.close()
        return None
    return None
