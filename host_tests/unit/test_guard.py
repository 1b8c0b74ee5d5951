"""Each thing the guard looks at, at its edge: what is just allowed, and what is just not. Four looks a second, as it does."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tests.harness import mentions

LIMITS = {"low_raw": 1000, "high_raw": 60000}
DT = 0.25  # s


def trip(arithmetic, *steps, **thresholds):
    """The s after which it trips, and its words; None, None where it does not."""
    looks, words = arithmetic.ask("guard", {**LIMITS, **thresholds}, steps)
    return (looks and looks * DT), words


def warning(arithmetic, *steps, **thresholds):
    """[the warning, the most power] after it, where it has not tripped."""
    return arithmetic.ask("warned", {**LIMITS, **thresholds}, steps)


def look(seconds, temperature=25.0, raw=20000, fault=None, setpoint=None, power=0.0):
    """So many s of looks."""
    return [int(seconds / DT), DT, raw, fault, temperature, setpoint, power]


def stuck(seconds, **what):
    row = look(seconds, **what)
    return [-row[0], *row[1:]]


# ---- readings


@pytest.mark.parametrize(("raw", "good"), [(1000, True), (999, False), (60000, True), (60001, False), ("nan", False)])
def test_raw_values_at_the_limits(arithmetic, raw, good):
    seconds, words = trip(arithmetic, stuck(10, raw=raw))
    assert (words is None) == good
    assert good or seconds == 1.0  # the fourth


def test_the_words_name_the_limit_that_was_passed(arithmetic):
    assert mentions(trip(arithmetic, stuck(1, raw=900, temperature=140.5))[1], "140.5 °C", "900", "1000")
    assert mentions(trip(arithmetic, stuck(1, raw=61000, temperature=-20.0))[1], "-20.0 °C", "61000", "60000")


@pytest.mark.parametrize("bad", [{"raw": 900}, {"fault": "open"}, {"temperature": "nan"}, {"temperature": "inf"}])
def test_three_bad_readings_do_not_trip_and_four_do(arithmetic, bad):
    good, three = look(1), stuck(0.75, **bad)
    assert trip(arithmetic, *[good, three] * 50) == (None, None)
    assert trip(arithmetic, good, three, stuck(0.25, **bad))[0] == 2.0


@pytest.mark.parametrize("count", [1, 20])
def test_how_many_bad_readings_is_a_threshold(arithmetic, count):
    assert trip(arithmetic, stuck(30, fault="open"), bad_readings=count) == (count * DT, "open")


# ---- rates


@pytest.mark.parametrize(("step", "much"), [(10.0, False), (10.5, True), (-10.0, False), (-10.5, True)])
def test_a_step_between_two_seconds(arithmetic, step, much):
    text, most = warning(arithmetic, look(1, 50.0, power=1.0), look(1, 50.0 + step, power=1.0))
    assert (text is not None) == much
    assert not much or mentions(text, *(["10.5 K/s", "max_rate"] if step > 0 else ["fell", "10.5 K"]))


def test_what_warms_too_fast_gets_less_power(arithmetic):
    """Half of what it would take for 10 K/s; where it still does, it trips."""
    jumps = [look(1, 20.0 + 20 * k, power=50.0) for k in range(4)]
    text, most = warning(arithmetic, *jumps)
    assert most == pytest.approx(12.5)
    assert mentions(text, "20.0 K/s", "12.5 W", "max_rate", "40")
    assert mentions(trip(arithmetic, *jumps, look(1, 100.0, power=12.0), look(1, 120.0, power=12.0))[1], "20.0 K in 1.0 s")


def test_a_fall_counts_only_in_use(arithmetic):
    assert warning(arithmetic, look(1, 80.0), look(1, 20.0))[0] is None
    assert "it fell" in warning(arithmetic, look(1, 80.0, setpoint=20.0), look(1, 20.0, setpoint=20.0))[0]
    assert "it fell" in warning(arithmetic, look(1, 80.0, power=1.0), look(1, 20.0, power=1.0))[0]
    assert mentions(trip(arithmetic, look(1, 20.0), look(1, 80.0))[1], "60.0 K in 1.0 s")


FELL = [look(240, 80.0, setpoint=80.0, power=10.0), look(2, 40.0, setpoint=80.0, power=10.0)]


def test_after_a_fall_it_gets_what_it_had_before(arithmetic):
    text, most = warning(arithmetic, *FELL)
    assert most == pytest.approx(10, abs=0.5) and mentions(text, "fell", "40.0 K", "10.0 W")


def test_after_a_fall_the_reading_has_to_follow(arithmetic):
    """A tenth of the fall, 3 K at most, or 230 s without them: it gets no more than what held it, which does no harm."""
    assert warning(arithmetic, *FELL, look(60, 41.0, setpoint=80.0, power=10.0), look(1, 43.5, setpoint=80.0, power=10.0)) == [
        None, 50
    ]  # fmt: skip
    seconds, words = trip(arithmetic, *FELL, look(300, 41.0, setpoint=80.0, power=10.0))
    assert mentions(words, "fell", "40.0 K", "mount")
    assert seconds == pytest.approx(242 + 230, abs=5)


def test_where_nothing_was_held_it_gets_more_by_and_by_and_trips_by_the_energy(arithmetic):
    """From a tenth of the power, 5 W, by 5 W a minute; that of 15 s at 50 W trips where nobody knows what it does."""
    cooled = [look(240, 80.0, setpoint=40.0), look(2, 30.0, setpoint=40.0)]
    text, most = warning(arithmetic, *cooled, look(60, 30.0, setpoint=40.0, power=5.0))
    assert mentions(text, "fell") and most == pytest.approx(10, abs=0.5)
    seconds, words = trip(arithmetic, *cooled, look(300, 30.0, setpoint=40.0, power=5.0))
    assert mentions(words, "mount") and seconds == pytest.approx(242 + 150, abs=5)


def test_another_fall_meanwhile_begins_anew(arithmetic):
    again = [look(200, 41.0, setpoint=80.0, power=10.0), look(2, 20.0, setpoint=80.0, power=10.0)]
    assert trip(arithmetic, *FELL, *again, look(200, 21.0, setpoint=80.0, power=10.0)) == (None, None)
    assert "fell by" in warning(arithmetic, *FELL, *again)[0]


def test_a_small_fall_on_the_way_up_gets_the_time_again(arithmetic):
    """A small sample, or a late sensor: what it warms by counts from where it was lowest; without warming, nothing does."""
    up = [look(1, 20.0 + k, setpoint=80.0, power=50.0) for k in range(30)]
    down = [look(1, 49.0 - k / 4, setpoint=80.0, power=50.0) for k in range(12)]
    assert trip(arithmetic, *up, *down, *[look(1, 46.0 + k / 5, setpoint=80.0, power=50.0) for k in range(60)]) == (None, None)
    assert mentions(trip(arithmetic, *up, *down, look(60, 46.0, setpoint=80.0, power=50.0))[1], "34.0 K", "setpoint")


def test_noise_is_no_rate(arithmetic):
    """Alternating by 12 K from look to look: no mean of a second differs."""
    assert trip(arithmetic, *[look(0.25, 44.0, power=1.0), look(0.25, 56.0, power=1.0)] * 40) == (None, None)


def test_what_a_bad_reading_says_is_not_looked_at(arithmetic):
    good, bad = look(1, 50.0, power=1.0), stuck(0.75, raw=900, temperature=500.0, power=1.0)
    assert trip(arithmetic, *[good, bad] * 10) == (None, None)


# ---- stuck


def test_the_same_value_while_heated(arithmetic):
    """After 20 s it is asked, by less power; after 60 more it trips."""
    usual = look(240, power=10.0)
    assert warning(arithmetic, usual, stuck(19, power=10.0)) == [None, 50]
    assert warning(arithmetic, usual, stuck(21, power=10.0)) == [None, pytest.approx(5, abs=0.1)]
    assert warning(arithmetic, usual, stuck(41, power=10.0)) == [None, 0]
    assert warning(arithmetic, look(240, power=40.0), stuck(21, power=40.0)) == [None, 0]
    assert trip(arithmetic, stuck(80.0, power=1.0)) == (None, None)
    seconds, words = trip(arithmetic, stuck(80.25, power=1.0))
    assert seconds == 80.25 and mentions(words, "raw value", "20000", "80 s")
    assert warning(arithmetic, stuck(40, power=10.0), stuck(0.25, raw=20001, power=10.0)) == [None, 50]


def test_a_value_at_rest_may_be_as_quiet_as_it_likes(arithmetic):
    assert trip(arithmetic, stuck(600)) == (None, None)
    # and what it was before counts on when it is heated
    assert trip(arithmetic, stuck(10.25, power=1.0), stuck(600), stuck(70, power=1.0))[0] == 680.25


def test_any_change_is_life(arithmetic):
    assert trip(arithmetic, *[stuck(20, power=1.0), stuck(20, raw=20001, power=1.0)] * 5) == (None, None)


# ---- heated, and does it warm?


def heated(seconds, temperature, setpoint=60.0):
    return look(seconds, temperature, setpoint=setpoint, power=50.0)


def test_no_gain_adds_up(arithmetic):
    """30 K below the hysteresis: 20 s to gain 3 K, then 30 K s each second, and 120 are too many."""
    assert trip(arithmetic, heated(23.75, 25.0)) == (None, None)
    seconds, words = trip(arithmetic, heated(24, 25.0))
    assert seconds == 24 and mentions(words, "35.0 K", "setpoint", "3 K", "24 s", "50.0 W")


@pytest.mark.parametrize(("gained", "slow", "trips"), [(3.0, False, False), (2.875, True, False), (0.5, False, True)])
def test_so_much_has_to_be_gained(arithmetic, gained, slow, trips):
    """What warms, if slowly, gets a tenth of the power and a warning that names the setting; what does not, trips."""
    steps = [heated(20, 25.0), heated(5, 25.0 + gained)]
    assert (trip(arithmetic, *steps)[1] is not None) == trips
    if not trips:
        text, most = warning(arithmetic, *steps)
        assert (text is not None) == slow
        assert most == (5 if slow else 50)
        assert not slow or mentions(text, "gain_time", "39")


def test_too_little_power_is_no_fault(arithmetic):
    """_maxheaterpower below what it took to hold the temperature: it goes on with that."""
    held = look(100, 60.0, setpoint=60.0, power=10.0)
    sinking = [look(s, t, setpoint=60.0, power=8.0) for s, t in ((10, 58.0), (10, 56.0), (10, 54.0), (10, 52.0), (300, 50.0))]
    text, most = warning(arithmetic, held, ["full", 8.0], *sinking)
    assert mentions(text, "_maxheaterpower", "8.0 W", "10.0 W") and most == 8
    back = [["full", 50.0], look(2, 58.0, setpoint=60.0, power=50.0)]
    assert warning(arithmetic, held, ["full", 8.0], *sinking, *back)[0] is None


# ---- holding takes ever more


def slips(factor, seconds=1200):
    """The power grows by `factor` in `seconds`, at the same temperature."""
    steps = seconds // 20
    return [look(20, 80.0, setpoint=80.0, power=10.0 * factor ** (k / steps)) for k in range(steps)]


def test_ever_more_power_to_hold_is_bounded_and_trips(arithmetic):
    held = look(200, 80.0, setpoint=80.0, power=10.0)
    text, most = warning(arithmetic, held, *slips(1.5))
    assert mentions(text, "holding", f"{most:.1f} W") and most == pytest.approx(1.3 * 12.5 - 2.5, rel=0.1)
    seconds, words = trip(arithmetic, held, *slips(1.5), look(600, 80.0, setpoint=80.0, power=most))
    assert mentions(words, "slip")
    assert warning(arithmetic, held, *slips(1.2))[0] is None


def test_a_sudden_need_of_power_is_a_door(arithmetic):
    door = [look(100, 80.0, setpoint=80.0, power=watts) for watts in (10.0, 30.0, 10.0, 40.0)]
    assert warning(arithmetic, *door * 5) == [None, 50]


def test_another_target_begins_anew(arithmetic):
    held = look(200, 80.0, setpoint=80.0, power=10.0)
    assert warning(arithmetic, held, *slips(1.5), look(60, 81.0, setpoint=81.0, power=14.0)) == [None, 50]


# ---- back to what heats


@pytest.mark.parametrize(("below", "trips"), [(4.875, False), (5.0, False), (5.5, True)])
def test_near_the_setpoint_it_may_take_its_time(arithmetic, below, trips):
    """Half a kelvin beyond the hysteresis it takes 20 + 240 s."""
    seconds, words = trip(arithmetic, heated(600, 60.0 - below))
    assert (words is not None) == trips
    assert not trips or seconds == 260


def test_falling_away_after_arriving_is_the_same(arithmetic):
    arrived = heated(100, 60.0)
    assert trip(arithmetic, arrived, heated(600, 55.5)) == (None, None)
    falling = [heated(10, 58.0), heated(10, 56.0), heated(10, 53.5)]
    seconds, words = trip(arithmetic, arrived, *falling, heated(600, 51.0))  # 4 K beyond: 20 s, and 30 s more
    assert 150 < seconds < 190 and mentions(words, "9.0 K", "setpoint")


def test_what_was_missing_is_forgotten_when_it_warms(arithmetic):
    almost = heated(23, 25.0)
    assert trip(arithmetic, almost, heated(23, 28.0), heated(23, 31.0)) == (None, None)


def test_nothing_regulated_is_nothing_missed(arithmetic):
    assert trip(arithmetic, look(1000, 25.0, power=50.0)) == (None, None)


@pytest.mark.parametrize(
    ("name", "value", "after"),
    [("gain_time", 40.0, 44), ("max_error", 240.0, 28), ("hysteresis", 15.0, 26), ("gain", 20.0, 24)],
)
def test_its_thresholds(arithmetic, name, value, after):
    assert trip(arithmetic, heated(100, 25.0), **{name: value})[0] == after


# ---- it warms though nothing heats


@pytest.mark.parametrize(("warmer", "trips"), [(4.0, False), (4.5, True)])
def test_so_much_it_may_warm_at_rest(arithmetic, warmer, trips):
    seconds, words = trip(arithmetic, look(20, 45.0), look(60, 45.0 + warmer))
    assert (words is not None) == trips
    assert not trips or mentions(words, "4.1 K", "transistor")


def creeping(end, tau, start=5.0, seconds=1000):
    return [look(5, end + (start - end) * math.exp(-k / tau)) for k in range(0, seconds, 5)]


@pytest.mark.parametrize("tau", [20, 60, 200, 1000])
def test_a_cold_block_may_warm_in_a_warm_room(arithmetic, tau):
    """From 5 to 30 degC; to 60 degC something else heats it, and where the room is warmer a setting says so."""
    assert trip(arithmetic, *creeping(30, tau)) == (None, None)
    warm = trip(arithmetic, *creeping(60, tau, seconds=2000), max_rate=20)[1]
    assert mentions(warm, "transistor")
    assert trip(arithmetic, *creeping(40, tau), surroundings=45.0) == (None, None)
    assert mentions(trip(arithmetic, *creeping(30, tau), surroundings=15.0)[1], "transistor")


@pytest.mark.parametrize("lag", [12, 20, 30, 40])
def test_after_heating_the_lag_may_go_on(arithmetic, lag):
    """50 W and 40 J/K for 40 s, then off: the reading follows with its lag."""
    rate = 50 / 40

    def reading(t):
        rest = max(t - 40, 0)
        late = lag * (1 - math.exp(-min(t, 40) / lag))
        return 25 + rate * (40 - late * math.exp(-rest / lag)) if rest else 25 + rate * (t - late)

    steps = [look(1, reading(t), power=50.0 if t < 40 else 0.0) for t in range(300)]
    assert trip(arithmetic, look(20, 25.0), *steps) == (None, None)
    # and where it goes on as fast as it was heated, something heats
    short = [look(1, reading(39) + 1.5 * k) for k in range(1, 100)]
    assert trip(arithmetic, look(20, 25.0), *steps[:40], *short)[0] < 60 + 50


def test_after_heating_it_may_warm_for_a_while(arithmetic):
    """Heat that is under way still comes: the first 15 s do not count."""
    on = look(10, 25.0, power=50.0)
    rising = [look(1, 25.0 + k) for k in range(1, 15)]
    assert trip(arithmetic, on, *rising, look(60, 39.0)) == (None, None)
    assert trip(arithmetic, on, *rising, *[look(1, 39.0 + k) for k in range(1, 12)])[1] is not None


def test_power_now_and_then_is_heating(arithmetic):
    blink = [look(14, 25.0), look(0.25, 25.0, power=1.0)]
    assert trip(arithmetic, *blink, look(14, 33.0), look(0.25, 33.0, power=1.0), look(14, 41.0)) == (None, None)


@pytest.mark.parametrize(("hours", "trips"), [(2.0, False), (0.25, True)])
def test_the_day_may_warm_it(arithmetic, hours, trips):
    """8 K in two hours are the day's, in a quarter of an hour they are not."""
    steps = 64
    day = [look(hours * 3600 / steps, 40.0 + 8.0 * k / steps) for k in range(steps)]
    assert (trip(arithmetic, *day)[1] is not None) == trips


# ---- all of it


@pytest.mark.parametrize(
    "nearly",
    [
        stuck(0.75, fault="open"), stuck(80, power=1.0), heated(23.75, 25.0), look(1, 34.0),
    ],
    ids=["bad", "stuck", "cold", "jump"],
)  # fmt: skip
def test_a_reset_forgets(arithmetic, nearly):
    assert trip(arithmetic, nearly, "reset", nearly, "reset", nearly) == (None, None)


numbers = st.one_of(st.floats(-300, 2000), st.sampled_from(["nan", "inf", "-inf"]))
looks = st.tuples(
    st.integers(-20, 20), st.just(DT), st.one_of(st.floats(0, 65535), st.sampled_from(["nan", "inf"])),
    st.sampled_from([None, "open"]), numbers, st.one_of(st.none(), st.floats(-300, 2000)), st.floats(0, 1000),
)  # fmt: skip


@given(steps=st.lists(looks, max_size=10))
def test_whatever_it_is_told_it_gives_words_or_none(arithmetic, steps):
    """And never hangs on to it: after a reset it watches as ever."""
    found, words = trip(arithmetic, *steps)
    assert (found is None) == (words is None)
    if words is None:
        assert trip(arithmetic, *steps, "reset", heated(24, 25.0))[0] == sum(abs(s[0]) for s in steps) * DT + 24
