"""A motor's pulses come when they should, by PIO's program cycle for cycle; its ramp is no steeper; it ends where it is to."""

import itertools
from pathlib import Path

import pytest

from host_tests import harness
from host_tests.properties import coded
from host_tests.properties.served import fixture

level = harness.level_fixture(*harness.LEVELS, "board-like")


stepping = fixture(Path(__file__).with_name("stepping.py"))


def test_pulses(stepping):
    put = [[3, 1000], [10, 2000], [1, 500], [40, 20000], [200, 100000], [2, 3000], [5, 5000]]
    rises, left, rest, now, position = stepping.ask("runs", put)
    total = sum(count for count, _ in put)
    assert (len(rises), rest, now, position) == (total, 0, total, total)
    assert left[0] == 3 and left[1] == 13  # nothing of them has come yet
    expected = [1e6 / hz for count, hz in put for _ in range(count)][:-1]
    gaps = [b - a for a, b in itertools.pairwise(rises)]
    assert gaps == pytest.approx(expected, abs=5)  # a cycle is 1 us; between two runs there are two more


def test_while_the_processor_is_away_the_runs_that_wait_are_made(stepping):
    """Five of 20 ms: a collection takes 20 ms. Then it stands still."""
    rises, *_ = stepping.ask("runs", [[20, 1000]] * 5)
    assert [b - a for a, b in itertools.pairwise(rises)] == pytest.approx([1000] * 99, abs=3)


@pytest.mark.parametrize("at", [1, 3, 500, 999, 1000, 1003, 5000, 10001, 10003, 10005, 10007, 12345, 14999, 20100, 33333])
def test_it_knows_where_it_was_halted(stepping, at):
    came, position, more, now = stepping.ask("halted", [[10, 1000], [10, 2000], [100, 5000]], at)
    assert came - 1 <= position <= came  # the pulse that was about to come does not count
    assert (more, now) == (7, position - 7)


STEPS, SPEED, ACCELERATION = 100, 50, 200  # 5000 steps/s, 20000 steps/s^2
CHANGE = ACCELERATION * STEPS * 0.02
SLOW = (ACCELERATION * STEPS / 2) ** 0.5


def ways(stepping, orders, steps=STEPS, speed=SPEED, acceleration=ACCELERATION):
    runs, position, left, status, value, ms = stepping.ask("ways", steps, speed, acceleration, orders)
    assert left == 0 and status == 100
    assert position == pytest.approx(coded.decode(value) * steps, abs=1e-3)
    return runs, position, ms


def fits(runs, change=CHANGE, slow=SLOW, most=STEPS * SPEED):
    """No run is faster, and none differs more from the one before than the ramp allows; it turns and ends slowly."""
    before, way = 0, True
    for _, hz, forward in runs:
        assert hz <= most * 1.001
        if forward != way:
            assert before <= slow + 2 * change
            before = 0
        assert abs(hz - before) <= max(change, slow) * 1.01 + 1, (before, hz)
        before, way = hz, forward
    assert before <= slow + 2 * change


@pytest.mark.parametrize("target", [0.01, 0.02, 0.1, 1, 7.77, 50, -0.01, -33.3, 500])
def test_it_arrives(stepping, target):
    runs, position, ms = ways(stepping, [[0, target]])
    assert position == round(target * STEPS)
    fits(runs)
    ideal = (
        abs(target) / SPEED + SPEED / ACCELERATION
        if abs(target) > SPEED**2 / ACCELERATION
        else 2 * (abs(target) / ACCELERATION) ** 0.5
    )
    assert ms / 1000 < 1.3 * ideal + 0.2


@pytest.mark.parametrize(
    "orders",
    [
        [[0, 100], [500, 10]],
        [[0, 100], [500, -10]],
        [[0, 100], [300, 18]],
        [[0, -100], [200, 100], [50, -3]],
        [[0, 20], [100, 20.5], [100, 21], [100, 3]],
        [[0, 0]],
    ],
)
def test_another_target_on_the_way(stepping, orders):
    runs, position, _ = ways(stepping, orders)
    assert position == round(orders[-1][1] * STEPS)
    fits(runs)


@pytest.mark.parametrize("after", [10, 50, 200, 1000, 3000])
def test_stop_is_within_its_ramp(stepping, after):
    runs, position, ms = ways(stepping, [[0, 1000], [after, None]])
    fits(runs)
    assert ms <= 1000 * SPEED / ACCELERATION + 100 + 150  # the ramp, what is there in advance, and its last steps


@pytest.mark.parametrize(("steps", "speed", "acceleration"), [(1, 2, 0.5), (10, 1, 100), (1000, 100, 10), (200, 5, 5)])
def test_slow_and_fast_ones(stepping, steps, speed, acceleration):
    for target in (1, -5):
        _, position, _ = ways(stepping, [[0, target]], steps, speed, acceleration)
        assert position == target * steps


def test_it_keeps_no_memory(stepping):
    assert stepping.ask("taken") <= 64  # the value it shows
