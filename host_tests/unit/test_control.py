"""PID and Settle: power within its limits whatever comes, no windup, and arrival only after staying."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tests.properties import coded

gains = st.floats(0, 1000)
temperatures = st.floats(-300, 2000)
powers = st.floats(0, 1000)
periods = st.floats(0.01, 10)
steps = st.lists(st.one_of(st.just("reset"), st.tuples(temperatures, temperatures, powers, periods)), max_size=20)


def power(arithmetic, p, i, d, *steps):
    return [coded.decode(answer) for answer in arithmetic.ask("pid", p, i, d, steps)]


@given(p=gains, i=gains, d=gains, steps=steps)
def test_the_power_stays_within_its_limits(arithmetic, p, i, d, steps):
    found = power(arithmetic, p, i, d, *steps)
    limits = [step[2] for step in steps if step != "reset"]
    for watts, limit in zip(found, limits, strict=True):
        assert math.isfinite(watts)
        assert 0 <= watts <= limit * (1 + 1e-12)  # numbers lose a digit on their way to the other level


def test_far_below_is_full_power_and_far_above_is_none(arithmetic):
    assert power(arithmetic, 8.0, 0.4, 0.0, [100, 20, 50, 0.2], [100, 300, 50, 0.2]) == [50, 0]


def test_the_integral_does_not_wind_up(arithmetic):
    """After five minutes at full power below the target, or of none above it, the output follows at once."""
    long_below = [[100, 20, 50, 1]] * 300
    assert power(arithmetic, 8.0, 0.4, 0.0, *long_below, [100, 107, 50, 1])[-1] == 0
    long_above = [[20, 100, 50, 1]] * 300
    assert power(arithmetic, 8.0, 0.4, 0.0, *long_above, [20, 13, 50, 1])[-1] == 50


def test_a_lower_limit_is_obeyed_at_once(arithmetic):
    assert power(arithmetic, 8.0, 0.4, 0.0, *[[100, 99, 50, 1]] * 100, [100, 99, 5, 1], [100, 99, 0, 1])[-2:] == [5, 0]


def test_a_reset_forgets(arithmetic):
    one = [100, 99, 50, 1]
    found = power(arithmetic, 1.0, 0.5, 2.0, one, one, one, "reset", one)
    assert found[0] < found[2]
    assert found[3] == found[0]


def test_the_derivative_is_the_measurements(arithmetic):
    """A new target makes no kick; a rising temperature takes power away."""
    assert power(arithmetic, 1.0, 0.0, 5.0, [30, 20, 50, 1], [40, 20, 50, 1]) == [10, 20]
    assert power(arithmetic, 1.0, 0.0, 5.0, [30, 20, 50, 1], [30, 21, 50, 1]) == [10, 4]


@pytest.mark.parametrize("d", [0.0, 4.0])
def test_a_plant_gets_to_its_targets(arithmetic, d):
    """Up, further up, down, and up again, each exact after ten minutes; no overshoot above a few degrees."""
    targets = [60, 100, 40, 80]
    for (temperature, watts, highest), target in zip(
        arithmetic.ask("plant", 8.0, 0.4, d, 50.0, 600, targets), targets, strict=True
    ):
        assert abs(temperature - target) < 0.1
        assert abs(watts - 0.5 * (target - 20)) < 0.5
        assert target == 40 or highest < target + 5


def test_a_target_out_of_reach_leaves_no_windup(arithmetic):
    found = arithmetic.ask("plant", 8.0, 0.4, 0.0, 50.0, 600, [300, 60])
    assert found[0][1] == 50
    assert abs(found[1][0] - 60) < 0.1


def settle(arithmetic, *steps, tolerance=0.5, time=5.0):
    return arithmetic.ask("settle", tolerance, time, steps)


def test_arrived_is_who_stays(arithmetic):
    assert settle(arithmetic, *[[10, 10.2, 1]] * 6) == [False] * 4 + [True] * 2


def test_being_outside_begins_anew(arithmetic):
    inside, outside = [10, 9.6, 1], [10, 9.4, 1]
    assert settle(arithmetic, *[inside] * 4, outside, *[inside] * 5) == [False] * 9 + [True]


def test_passing_through_is_not_arriving(arithmetic):
    assert not any(settle(arithmetic, *[[50, t, 1] for t in range(40, 60)]))


def test_the_edge_belongs_to_the_inside(arithmetic):
    assert settle(arithmetic, [10, 10.5, 5])[0] and settle(arithmetic, [10, 9.5, 5])[0]


def test_a_reset_takes_its_time_again(arithmetic):
    assert settle(arithmetic, [10, 10, 5], "reset", [20, 20, 4], [20, 20, 1]) == [True, None, False, True]


@given(
    values=st.lists(st.tuples(temperatures, temperatures, periods), max_size=20),
    tolerance=st.floats(0, 10),
    time=st.floats(0.1, 60),
)
def test_arrived_means_inside_for_that_long(arithmetic, values, tolerance, time):
    inside = 0.0
    for (target, value, dt), arrived in zip(values, settle(arithmetic, *values, tolerance=tolerance, time=time), strict=True):
        distance = abs(target - value)
        inside = inside + dt if distance <= tolerance else 0.0
        if math.isclose(inside, time, rel_tol=1e-9) or math.isclose(distance, tolerance, rel_tol=1e-9, abs_tol=1e-9):
            return  # too close to tell, and what follows depends on it
        assert arrived == (inside >= time)
