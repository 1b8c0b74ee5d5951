"""The search for free memory begins where there is some, and garbage is collected by how much there is."""

from pathlib import Path

import pytest

from host_tests import harness
from host_tests.properties.served import Served

level = harness.level_fixture(*[level for level in harness.LEVELS if level != "cpython"], "board-like")
LITTLE, HALF = 5, 1  # of the free memory, as powers of 1/2


@pytest.fixture(scope="module")
def heap(level):
    served = Served(level, Path(__file__).with_name("heap.py"))
    yield served
    served.close()


def test_small_objects_lie_above_the_holes(heap):
    before, afterwards = heap.ask("above")
    assert not before
    assert afterwards


def test_the_holes_come_back_with_the_next_collection(heap):
    assert heap.ask("taken") < 2048


@pytest.mark.parametrize(("part", "share", "expected"), [
    (LITTLE, 0, False), (LITTLE, 0.1, True), (HALF, 0.1, False), (HALF, 0.7, True),
])  # fmt: skip
def test_it_collects_by_what_was_used(heap, part, share, expected):
    assert heap.ask("collected", part, share) == expected


def test_without_any_memory_it_waits(heap):
    assert heap.ask("locked") is None
