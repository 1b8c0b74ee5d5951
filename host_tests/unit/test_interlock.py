"""An interlock ends as a whole, or not at all: where clearing the heater that it cut fails, it can be asked again."""

from pathlib import Path

import pytest

from host_tests.properties.served import fixture

CLEAR, TRIPPED = 0, 1

interlocking = fixture(Path(__file__).with_name("interlocking.py"), "session")


def trip(interlocking, latched, *steps):
    begin = [["look"], ["wall", 101], ["look"], ["wall", 20]]
    seen = interlocking.ask("clear", latched, [*begin, *steps])
    assert seen[2] == [None, TRIPPED, True, True, True]
    return seen[len(begin) :]


def test_without_memory_to_clear_the_heater_nothing_is_over(interlocking):
    *_, first, _, second = trip(interlocking, True, ["fail", "MemoryError"], ["clear"], ["fail", ""], ["clear"])
    assert first == ["MemoryError", TRIPPED, True, True, True]
    assert second == [None, CLEAR, False, False, False]


def test_one_that_ends_by_itself_tries_again(interlocking):
    *_, first, _, second = trip(interlocking, False, ["fail", "MemoryError"], ["look"], ["fail", ""], ["look"])
    assert first == ["MemoryError", TRIPPED, True, True, True]  # which run() takes
    assert second == [None, CLEAR, False, False, False]


@pytest.mark.parametrize("what", ["OSError", "HardwareError"])
def test_a_heater_that_is_wrong_itself_stays_off(interlocking, what):
    *_, cleared = trip(interlocking, True, ["fail", what], ["clear"])
    assert cleared == [None, CLEAR, False, True, False]


@pytest.mark.parametrize("what", ["MemoryError", "OSError", "HardwareError"])
def test_a_heater_that_could_not_be_switched_off_is_still_owed_that(interlocking, what):
    """Also where the cause is gone, but the end of the interlock found no memory."""
    steps = [["look"], ["deaf", what], ["wall", 101], ["look"], ["fail", "MemoryError"], ["wall", 20]]
    steps += [["look"], ["deaf", ""], ["look"], ["fail", ""], ["look"]]
    *_, tripped, _, _, waits, _, done, _, ended = interlocking.ask("clear", False, steps)
    assert tripped == [None, TRIPPED, True, True, False]
    assert waits == ["MemoryError", TRIPPED, True, True, False]
    assert done == ["MemoryError", TRIPPED, True, True, True]
    assert ended == [None, CLEAR, False, False, False]
