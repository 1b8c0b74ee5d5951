"""The control's arithmetic: power within its limits whatever comes, no windup, little overshoot, arrival only after staying.

The level board-like holds it in single precision.
"""

import itertools
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tests.harness import mentions
from host_tests.properties import coded
from host_tests.properties.served import Refused

gains = st.floats(0, 1000)
temperatures = st.floats(-300, 2000)
powers = st.floats(0, 1000)
periods = st.floats(0.01, 10)
nonsense = st.sampled_from(["nan", "inf", "-inf", "1e30", "-1e30"])
anything = st.one_of(temperatures, nonsense)
changes = st.one_of(
    st.just("reset"), st.tuples(st.just("reset"), powers), st.tuples(st.just("tune"), gains, gains, gains)
)  # fmt: skip
steps = st.lists(st.one_of(changes, st.tuples(anything, anything, powers, periods)), max_size=20)
CLOSE = 1e-6  # of what is exact, in single precision
TINY = 1e-38  # below that it is less exact still


def power(arithmetic, p, i, d, *steps, filter=0.0):
    return [coded.decode(answer) for answer in arithmetic.ask("pid", p, i, d, steps, filter)]


def is_change(step):
    return step == "reset" or step[0] in ("reset", "tune", "shift")


@given(p=gains, i=gains, d=gains, filter=st.floats(0, 100), steps=steps)
def test_the_power_stays_within_its_limits(arithmetic, p, i, d, filter, steps):
    found = power(arithmetic, p, i, d, *steps, filter=filter)
    for watts, step in zip(found, [s for s in steps if not is_change(s)], strict=True):
        assert math.isfinite(watts)
        assert 0 <= watts <= step[2] * (1 + CLOSE) + TINY


wild = st.one_of(st.floats(-1e30, 1e30), nonsense)
wild_steps = st.tuples(wild, wild, wild, wild)
wild_changes = st.tuples(st.just("tune"), *[st.floats(0, 1e30)] * 3)


@given(
    p=st.floats(0, 1e30), i=st.floats(0, 1e30), d=st.floats(0, 1e30), filter=st.floats(0, 1e30),
    steps=st.lists(st.one_of(wild_steps, wild_changes), max_size=20),
)  # fmt: skip
def test_whatever_it_is_fed_it_gives_a_number_within_the_limit(arithmetic, p, i, d, filter, steps):
    """No NaN out for any in, in single precision where 1e30 times 1e30 is infinite as well."""
    found = power(arithmetic, p, i, d, *steps, filter=filter)
    for watts, step in zip(found, [s for s in steps if not is_change(s)], strict=True):
        limit = float(step[2])
        assert math.isfinite(watts)
        assert 0 <= watts <= (max(limit, 0) * (1 + CLOSE) + TINY if math.isfinite(limit) else 0)


@given(wild=st.lists(wild_steps, max_size=10), watts=st.floats(1, 100), off=st.floats(1, 100))
def test_what_it_was_fed_leaves_no_windup(arithmetic, wild, watts, off):
    """Above the target it is off as soon as if nothing had been."""
    time = 2 * watts / (0.4 * off) + 10
    tail = [[20, 20 + off, watts, time / 20]] * 40
    assert power(arithmetic, 8.0, 0.4, 2.0, *wild, *tail)[-1] == 0


@pytest.mark.parametrize("bad", ["nan", "inf", "-inf"])
def test_a_number_that_is_none_is_no_power_and_forgotten(arithmetic, bad):
    good = [60, 59, 50, 0.2]
    plain = power(arithmetic, 8.0, 0.4, 2.0, *[good] * 20)
    for place in range(3):
        wrong = list(good)
        wrong[place] = bad
        found = power(arithmetic, 8.0, 0.4, 2.0, *[good] * 10, wrong, *[good] * 10)
        assert found[10] == 0
        assert found[:10] + found[11:] == plain


def test_no_time_is_no_power(arithmetic):
    assert power(arithmetic, 8.0, 0.4, 2.0, [60, 59, 50, 0], [60, 59, 50, -1], [60, 59, 50, "nan"]) == [0, 0, 0]


@given(p=gains, i=gains, d=gains, steps=steps, off=st.floats(1, 100), watts=st.floats(1, 100))
def test_whatever_was_the_power_is_off_above_the_target_soon(arithmetic, p, i, d, steps, off, watts):
    """No windup: the integral holds the limit's power at most, so after that it is empty."""
    time = 2 * watts / (0.01 * off) + 10
    tail = [[20, 20 + off, watts, time / 20]] * 40
    assert power(arithmetic, p, i, d, *steps, ["tune", 1.0, 0.01, 0.0], *tail)[-1] == 0


@given(p=gains, i=gains, p2=gains, i2=gains, start=powers, far=st.floats(0, 100), count=st.integers(1, 10))
def test_tuning_does_not_jump(arithmetic, p, i, p2, i2, start, far, count):
    step = [20 + far, 20, 1000, 0.2]
    tuned = power(arithmetic, p, i, 0.0, ["reset", start], *[step] * count, ["tune", p2, i2, 0.0], step)[-1]
    left = power(arithmetic, p, i, 0.0, ["reset", start], *[step] * count, step)[-1]
    assert tuned == pytest.approx(left, rel=1e-5, abs=2e-2)  # p * far may be 1e5, of which 1e-7 is lost


@given(p=st.floats(0, 50), d=st.floats(0, 50), p2=st.floats(0, 50), d2=st.floats(0, 50))
def test_tuning_does_not_jump_on_the_way(arithmetic, p, d, p2, d2):
    """While it warms by 0.2 K a step: no more changes than the new p itself changes."""
    way = [[60, 40 + k / 5, 1000, 0.2] for k in range(12)]
    found = power(arithmetic, p, 0.0, d, ["reset", 500], *way[:11], ["tune", p2, 0.0, d2], way[11])
    assert found[-1] == pytest.approx(min(max(found[-2] - p2 * 0.2, 0), 1000), abs=1e-2 + d2 * 1e-3)


def test_another_zero_is_no_slope(arithmetic):
    """An offset of 5 K, and the target with it: the power goes on as if nothing had been."""
    before, after = [60, 57, 1000, 0.2], [65, 62, 1000, 0.2]
    found = power(arithmetic, 8.0, 0.4, 20.0, before, before, ["shift", 5.0], after)
    assert found == pytest.approx(power(arithmetic, 8.0, 0.4, 20.0, before, before, before))


def test_tuning_while_it_is_saturated_fills_nothing(arithmetic):
    """Full power far below stays full, and the integral is as empty as it was."""
    far, near = [100, 20, 50, 0.2], [100, 99, 50, 0.2]
    assert power(arithmetic, 8.0, 0.4, 0.0, far, far, ["tune", 4.0, 0.2, 0.0], far, near)[-2:] == [50, 4]


def test_absurd_parameters_leave_it_sound(arithmetic):
    """3e38 times 40 is infinite in single precision."""
    far, over = [60, 20, 50, 0.2], [60, 90, 50, 0.2]
    found = power(arithmetic, 8.0, 0.4, 0.0, far, ["tune", 3e38, 0.4, 0.0], far, ["tune", 8.0, 0.4, 0.0], far, over)
    assert all(0 <= watts <= 50 for watts in found) and found[-1] == 0


@pytest.mark.parametrize("bad", [[-1.0, 0.1, 0.0], [1.0, -0.1, 0.0], [1.0, 0.1, -1.0]])
def test_negative_parameters_are_refused(arithmetic, bad):
    with pytest.raises(Refused):
        power(arithmetic, *bad)
    with pytest.raises(Refused):
        power(arithmetic, 1.0, 1.0, 1.0, ["tune", *bad])


@given(start=powers, target=temperatures, value=temperatures, limit=powers)
def test_it_starts_from_a_given_power(arithmetic, start, target, value, limit):
    found = power(arithmetic, 8.0, 0.0, 10.0, ["reset", start], *[[target, value, limit, 0.2]] * 2)
    assert found[0] == pytest.approx(min(start, limit), rel=1e-5, abs=1e-2)
    if value <= target:
        assert found[1] == pytest.approx(found[0], rel=1e-5, abs=1e-2)  # above, the integral may not hold so much


def test_a_small_error_counts_in_a_large_integral(arithmetic):
    """In single precision 500 + 0.000002 is 500."""
    found = power(arithmetic, 0.0, 0.01, 0.0, ["reset", 500], *[[0.001, 0.0, 1000, 0.2]] * 1000)
    assert found[-1] == pytest.approx(500.002, abs=4e-5)


def test_a_sum_keeps_what_is_small(arithmetic):
    assert coded.decode(arithmetic.ask("total", 300.0, 1e-6, 100000)) == pytest.approx(300.1, abs=2e-5)
    assert coded.decode(arithmetic.ask("total", 300.0, -1e-6, 100000)) == pytest.approx(299.9, abs=2e-5)


def test_the_derivative_is_smoothed(arithmetic):
    """A step of the measurement counts by dt / (filter + dt), and fades."""
    found = power(arithmetic, 0.0, 0.0, 10.0, ["reset", 50], [0, 0, 100, 1], *[[0, -1, 100, 1]] * 3, filter=3.0)
    assert found == pytest.approx([50, 52.5, 51.875, 51.40625], rel=CLOSE)


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


PLANTS = [
    {"capacity": capacity, "loss": loss, "lag": lag}
    for capacity in (40 / 3, 40.0, 120.0)
    for loss in (0.2 / 3, 0.2, 0.6)
    for lag in (0.5, 1.5, 4.5)
]


def heat(arithmetic, parameters, plant, **options):
    return [coded.decode(x) for x in arithmetic.ask("heat", parameters, plant, *options.values())]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_defaults_do_it_on_the_default_plant(arithmetic, seed):
    """25 to 60 degC: hardly an overshoot, soon there, and there it stays."""
    block, sensor, full, arrived = heat(arithmetic, {}, {"seed": seed})
    assert block < 0.5 and sensor < 0.5
    assert arrived < 2 * full


@pytest.mark.parametrize("wrong", [{"capacity": 20.0}, {"capacity": 80.0}, {"lag": 3.0}, {"dead": 0.6}, {"loss": 0.6}])
def test_the_defaults_bear_another_plant(arithmetic, wrong):
    block, sensor, full, arrived = heat(arithmetic, {}, wrong)
    assert block < 1 and sensor < 1
    assert arrived < 4 * full


@pytest.mark.parametrize("plant", PLANTS, ids=lambda p: "{capacity:.0f}-{loss:.2f}-{lag}".format(**p))
def test_autotune_finds_what_hardly_overshoots(arithmetic, plant):
    text, peaks, seconds, found, holding = arithmetic.ask("tune", plant, {})
    assert text.startswith("p "), text
    assert peaks <= 12
    assert seconds < 900
    assert holding == pytest.approx(plant["loss"] * 35, abs=1)
    # that is found which the plant is, roughly
    lag = max(plant["lag"], 1.0)
    assert found["p"] == pytest.approx(0.7 * plant["capacity"] / lag, rel=0.35)
    assert found["d"] == pytest.approx(found["p"] * plant["lag"], rel=0.35)
    block, sensor, full, arrived = heat(arithmetic, found, {**plant, "seed": 77})
    assert block < 2 and sensor < 2
    assert arrived < 10 * full


@pytest.mark.parametrize("other", [{"dead": 1.0}, {"noise": 0.1}, {"noise": 0.0}, {"dead": 5.0, "lag": 0.5}])
def test_autotune_bears_dead_time_and_noise(arithmetic, other):
    text, peaks, seconds, found, holding = arithmetic.ask("tune", other, {})
    assert text.startswith("p "), text
    block, sensor, full, arrived = heat(arithmetic, found, {**other, "noise": 0.03, "seed": 77})
    assert block < 2 and sensor < 2


def test_autotune_from_above_waits_for_the_cold(arithmetic):
    hot = [90 - k / 10 for k in range(300)]
    answers, end = arithmetic.ask("relay", 60.0, 50.0, {}, [*hot, 59.5], 0.2)
    assert all(coded.decode(watts) == 0 for watts, text in answers[:-1])
    assert coded.decode(answers[-1][0]) == 50
    assert answers[0][1] == "cooling to 60.0 °C"


def test_autotune_from_above_finds_the_same(arithmetic):
    below = arithmetic.ask("tune", {}, {})[3]
    text, peaks, seconds, above, holding = arithmetic.ask("tune", {"start": 90.0}, {})
    assert peaks <= 12
    assert [above[k] for k in "pid"] == pytest.approx([below[k] for k in "pid"], rel=0.2)


def test_autotune_says_that_it_never_gets_there(arithmetic):
    text, peaks, seconds, found, holding = arithmetic.ask("tune", {}, {"patience": 400.0}, 60.0, 5.0)
    assert mentions(text, "400 s", "60.0 °C")
    assert seconds == pytest.approx(400.2, abs=1) and peaks == 0 and found["p"] is None


def test_autotune_says_that_nothing_oscillates(arithmetic):
    answers, end = arithmetic.ask("relay", 60.0, 50.0, {"patience": 10.0}, [50, 61] + [62] * 60, 0.2)
    assert [coded.decode(watts) for watts, text in answers[:3]] == [50, 0, 0]
    assert mentions(coded.decode(end[0]), "oscillation", "10 s")
    assert coded.decode(end[-1]) is True


def test_autotune_says_that_the_swings_are_irregular(arithmetic):
    values = [50]
    for half in (10, 20, 35, 10, 20, 50, 15, 30, 10, 70, 20, 40, 12, 50):
        side = 2 if values[-1] < 60 else -2
        values += [60 + side * (k + 1) / half for k in range(half)]
    answers, end = arithmetic.ask("relay", 60.0, 50.0, {}, values, 0.2)
    assert re.search(r"\bswings\b.* [\d.]+ to [\d.]+ s$", coded.decode(end[0]))
    assert sum(text.startswith("peak ") for watts, text in answers) > 0


def test_autotune_says_that_noise_is_too_large(arithmetic):
    text, peaks, seconds, found, holding = arithmetic.ask("tune", {"noise": 0.6}, {})
    assert re.search(r"\bnoise\b.* 0\.\d\d K\b", text)
    assert found["p"] is None


def test_autotune_tells_how_far_it_is(arithmetic):
    values = [50] + [60 + math.sin(k / 50 * 2 * math.pi) for k in range(400)]
    answers, end = arithmetic.ask("relay", 60.0, 50.0, {}, values, 0.2)
    texts = [text for text, same in itertools.groupby(text for watts, text in answers)]
    numbers = [re.findall(r"\d[\d.]*", text) for text in texts[:7]]
    assert numbers == [["60.0"], *([str(k), "12"] for k in range(1, 6)), ["6", "12", "2.0", "10.0"]]
    assert mentions(texts[0], "60.0 °C") and mentions(texts[6], "peak 6", "2.0 K", "10.0 s")
    assert texts[-1].startswith("p ") and texts[-1].endswith(" W s/K")


def test_autotune_is_off_without_a_reading(arithmetic):
    answers, end = arithmetic.ask("relay", 60.0, 50.0, {}, [50, "nan", 50, "inf", 50], 0.2)
    assert [coded.decode(watts) for watts, text in answers] == [50, 0, 50, 0, 50]


@given(values=st.lists(st.one_of(st.floats(55, 65), anything), max_size=100), dt=periods)
def test_autotune_gives_no_more_than_its_power_and_ends_sound(arithmetic, values, dt):
    """Whatever it is fed."""
    answers, end = arithmetic.ask("relay", 60.0, 50.0, {}, values, dt)
    assert all(0 <= coded.decode(watts) <= 50 for watts, text in answers)
    error, p, i, d, filter, done = map(coded.decode, end)
    if not done or error:
        assert p is None and i is None and d is None
    else:
        assert all(math.isfinite(x) and x > 0 for x in (p, i, d, filter))


def test_autotune_has_a_bound_of_peaks(arithmetic):
    """Twelve, and no power after the end."""
    values = [50] + [60 + side * (1 + k % 5) for k in range(40) for side in (1, -1)]
    answers, end = arithmetic.ask("relay", 60.0, 50.0, {}, values, 1.0)
    assert coded.decode(end[-1]) is True
    assert all(coded.decode(watts) == 0 for watts, text in answers[30:])


def ramp(arithmetic, rate, *steps):
    return [coded.decode(answer) for answer in arithmetic.ask("ramp", rate, steps)]


def test_a_ramp_goes_at_its_rate_and_ends_at_the_target(arithmetic):
    assert ramp(arithmetic, 60.0, ["start", 20], [23, 1], [23, 1], [23, 1.5], [23, 1]) == [20, 21, 22, 23, 23]
    assert ramp(arithmetic, 60.0, ["start", 20], [17, 1], [17, 1], [17, 1.5], [17, 1]) == [20, 19, 18, 17, 17]


def test_a_ramp_of_no_rate_jumps(arithmetic):
    assert ramp(arithmetic, 0.0, ["start", 20], [60, 1]) == [20, 60]
    assert ramp(arithmetic, 6.0, ["start", 20], ["enabled", False], [60, 1], ["enabled", True], [120, 5]) == [20, 60, 60.5]


def test_a_ramp_holds_and_goes_on(arithmetic):
    found = ramp(arithmetic, 60.0, ["start", 20], ["hold", True], [60, 1], [60, 1], ["hold", False], [60, 1])
    assert found == [20, 20, 20, 21]


def test_a_ramp_turns_with_its_target(arithmetic):
    assert ramp(arithmetic, 60.0, ["start", 20], [60, 2], [10, 1], ["rate", 120.0], [10, 1]) == [20, 22, 21, 19]


def test_a_ramp_says_how_long_it_takes(arithmetic):
    found = ramp(arithmetic, 6.0, ["time", 60], ["start", 20], ["time", 60], ["time", 10], ["rate", 0.0], ["time", 60])
    assert found == pytest.approx([0, 20, 400, 100, 0], rel=CLOSE)


def test_a_ramp_that_never_began_begins_at_the_target(arithmetic):
    assert ramp(arithmetic, 1.0, [60, 1], [70, 60]) == [60, 61]


def test_a_slow_ramp_is_exact(arithmetic):
    """0.01 K/min for a day at 5 steps a second: in single precision a step is as small as the last digit."""
    assert coded.decode(arithmetic.ask("creep", 0.01, 300.0, 400.0, 0.2, 432000)) == pytest.approx(314.4, abs=1e-3)


@given(
    rate=st.one_of(st.just(0.0), st.floats(0.001, 1000)),
    start=temperatures,
    steps=st.lists(st.tuples(anything, periods), max_size=20),
)
def test_a_ramp_never_runs_ahead_nor_beyond(arithmetic, rate, start, steps):
    at = start
    for setpoint, (target, dt) in zip(ramp(arithmetic, rate, ["start", start], *steps)[1:], steps, strict=True):
        target = float(target)
        digit = CLOSE * max(abs(at), abs(setpoint), 1)
        assert math.isfinite(setpoint)
        if not math.isfinite(target):
            assert setpoint == pytest.approx(at, abs=digit)
        else:
            assert min(at, target) - digit <= setpoint <= max(at, target) + digit
            assert rate == 0 or abs(setpoint - at) <= rate / 60 * dt * (1 + CLOSE) + digit
        at = setpoint


@given(rate=wild, start=temperatures, steps=st.lists(st.tuples(wild, wild), max_size=20))
def test_a_ramp_gives_numbers_whatever_it_is_fed(arithmetic, rate, start, steps):
    """Between where it began and the targets that it had; for any rate and any time."""
    low = high = start
    found = ramp(arithmetic, 0.0, ["start", start], ["rate", rate], *steps)[1:]
    for setpoint, (target, _) in zip(found, steps, strict=True):
        if math.isfinite(float(target)):
            low, high = min(low, float(target)), max(high, float(target))
        assert math.isfinite(setpoint)
        assert low - CLOSE * (abs(low) + 1) <= setpoint <= high + CLOSE * (abs(high) + 1)


def states(arithmetic, *steps, tolerance=0.5, time=5.0, timeout=0.0, rate=0.0):
    return arithmetic.ask("settle", tolerance, time, timeout, rate, steps)


def settle(arithmetic, *steps, **options):
    return [arrived for arrived, state in states(arithmetic, *steps, **options)]


def names(arithmetic, *steps, **options):
    """The states as they follow each other, each with how many steps it lasted."""
    found = [state for arrived, state in states(arithmetic, *steps, **options)]
    return [(name, len(list(same))) for name, same in itertools.groupby(found)]


INSIDE, AWAY = [10, 10.2, 1], [10, 9.4, 1]


def test_arrived_is_who_stays(arithmetic):
    assert settle(arithmetic, *[INSIDE] * 6) == [False] * 4 + [True] * 2
    assert names(arithmetic, [10, 5, 1], *[INSIDE] * 6) == [("outside", 1), ("stabilizing", 4), ("arrived", 2)]


def test_being_outside_is_counted_back(arithmetic):
    assert settle(arithmetic, *[INSIDE] * 4, AWAY, *[INSIDE] * 3) == [False] * 6 + [True] * 2
    assert settle(arithmetic, *[INSIDE] * 2, *[AWAY] * 9, *[INSIDE] * 5) == [False] * 15 + [True]


def test_who_leaves_comes_back_after_as_long_inside(arithmetic):
    found = names(arithmetic, *[INSIDE] * 9, *[AWAY] * 3, *[INSIDE] * 4)
    assert found == [("stabilizing", 4), ("arrived", 5), ("left", 5), ("arrived", 2)]
    found = names(arithmetic, *[INSIDE] * 9, *[AWAY] * 30, *[INSIDE] * 6)
    assert found == [("stabilizing", 4), ("arrived", 5), ("left", 34), ("arrived", 2)]


def test_passing_through_is_not_arriving(arithmetic):
    assert not any(settle(arithmetic, *[[50, t, 1] for t in range(40, 60)]))


def test_the_edge_belongs_to_the_inside(arithmetic):
    assert settle(arithmetic, [10, 10.5, 5])[0] and settle(arithmetic, [10, 9.5, 5])[0]


def test_a_reset_takes_its_time_again(arithmetic):
    assert settle(arithmetic, [10, 10, 5], "reset", [20, 20, 4], [20, 20, 1]) == [True, None, False, True]


def test_standing_still_times_out(arithmetic):
    found = names(arithmetic, *[[60, 25, 1]] * 20, timeout=10.0)
    assert found == [("outside", 11), ("timed out", 9)]
    assert names(arithmetic, *[[60, 25, 1]] * 300) == [("outside", 300)]


def test_progress_does_not_time_out(arithmetic):
    """As fast as the ramp, or as the exponential; however long it takes."""
    way = [[60, 25 + k / 100, 1] for k in range(500)]
    assert names(arithmetic, *way, timeout=10.0, rate=0.5) == [("outside", 500)]
    decay = [[60, 60 - 35 * math.exp(-k / 100), 1] for k in range(300)]
    assert names(arithmetic, *decay, timeout=110.0) == [("outside", 300)]


def test_dragging_behind_the_ramp_times_out(arithmetic):
    way = [[60, 25 + k / 100, 1] for k in range(100)]
    assert names(arithmetic, *way, timeout=10.0, rate=0.7) == [("outside", 11), ("timed out", 89)]


def test_what_never_settles_times_out(arithmetic):
    """Settling time and timeout after it was inside first; and it may arrive after all."""
    found = names(arithmetic, *[INSIDE, AWAY] * 20, *[INSIDE] * 6, timeout=10.0)
    assert found[-2][0] == "timed out" and found[-1] == ("arrived", 2)
    assert sum(count for name, count in found[:-2]) == 15


def test_a_number_that_is_none_is_outside(arithmetic):
    wrong = [10, "nan", 1]
    assert settle(arithmetic, *[INSIDE] * 4, wrong, *[INSIDE] * 3) == [False] * 6 + [True] * 2
    assert names(arithmetic, *[wrong] * 20, *[INSIDE] * 5, timeout=10.0) == [
        ("outside", 10),
        ("timed out", 14),
        ("arrived", 1),
    ]


@given(
    values=st.lists(st.tuples(st.floats(-1, 1), periods), max_size=30),
    tolerance=st.floats(0, 1),
    time=st.floats(0.1, 60),
)
def test_arrived_means_inside_for_that_long(arithmetic, values, tolerance, time):
    """Inside less outside, never below none, never above what it takes."""
    inside = 0.0
    steps = [[0.0, value, dt] for value, dt in values]
    for (_, value, dt), arrived in zip(steps, settle(arithmetic, *steps, tolerance=tolerance, time=time), strict=True):
        if math.isclose(abs(value), tolerance, rel_tol=CLOSE, abs_tol=CLOSE):
            return  # too close to tell, and what follows depends on it
        near = abs(value) <= tolerance
        if near and math.isclose(inside + dt, time, rel_tol=1e-4):
            return
        inside = min(max(inside + (dt if near else -dt), 0.0), time)
        assert arrived == (near and inside >= time)
