"""Where there is no memory to note that a task waits, nothing is noted in half: MicroPython's poll would read address 0."""

from pathlib import Path

import pytest

from host_tests import harness
from host_tests.properties.served import fixture

level = harness.level_fixture(*[level for level in harness.LEVELS if level != "cpython"], "board-like")
waiting = fixture(Path(__file__).with_name("waiting.py"))
TURNS = 20


@pytest.mark.parametrize("others", [0, 3, 4, 7])
def test_with_hardly_any_memory(waiting, others):
    none, enough, noted = waiting.ask("exhausted", TURNS, others)
    assert none and enough and none + enough == TURNS
    assert noted == others


@pytest.mark.parametrize("slots", [2, 3])
def test_nobody_is_noted_where_it_fails(waiting, slots):
    assert waiting.ask("short", False, slots) == [[], 0]


@pytest.mark.parametrize("slots", [2, 3])
def test_who_waits_already_goes_on_waiting(waiting, slots):
    assert waiting.ask("short", True, slots) == [[["other", *[None] * (slots - 1)]], 1]
