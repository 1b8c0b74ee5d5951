"""Garbage is collected by how much there is."""

from pathlib import Path

import pytest

from host_tests import harness
from host_tests.properties.served import fixture

level = harness.level_fixture(*[level for level in harness.LEVELS if level != "cpython"], "board-like")
LITTLE, EIGHTH = 5, 3  # of the free memory, as powers of 1/2


heap = fixture(Path(__file__).with_name("heap.py"))


def test_looking_takes_no_memory(heap):
    assert heap.ask("locked") is None


@pytest.mark.parametrize(("part", "share", "expected"), [
    (LITTLE, 0, False), (LITTLE, 0.1, True), (EIGHTH, 0.05, False), (EIGHTH, 0.3, True),
])  # fmt: skip
def test_it_collects_by_what_was_used(heap, part, share, expected):
    assert heap.ask("collected", part, share) == expected


def test_what_stays_is_no_reason_to_collect_again(heap):
    assert not heap.ask("again", LITTLE, 0.3)


def test_what_was_given_back_counts_again(heap):
    assert heap.ask("given_back", EIGHTH, 0.3)
