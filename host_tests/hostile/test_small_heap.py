"""What clients send does no harm either where there is hardly more memory than the node takes: 64 KiB, the firmware in flash."""

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
    assert high - low < 1024
