"""What the guard asks a heater's output: whether the pin has what was set, on pins that take up a new duty late."""

import re
from pathlib import Path

import pytest

from host_tests.harness import mentions
from host_tests.properties.served import Refused, fixture

WRAP = 1 << 30  # ms: where the ticks come round


outputs = fixture(Path(__file__).with_name("output.py"), "session")


def pwm(outputs, *steps, frequency=100, begin=1000):
    return outputs.ask("pwm", frequency, begin, steps)


@pytest.mark.parametrize("begin", [0, 1000, WRAP - 100, WRAP // 2 - 100])
def test_a_duty_that_is_latched_two_periods_late_is_no_fault(outputs, begin):
    """As an ESP32 does it. Looked at before and after, while the power changes five times a second."""
    steps = [["set", 10], ["latch"]]
    for watts in (50, 20, 80, 0, 100, 40) * 5:
        steps += [["set", watts], ["pass", 19], ["latch"], ["pass", 181]]
    assert set(pwm(outputs, *steps, begin=begin)) == {None}


def test_at_20_hz_it_is_no_fault_either(outputs):
    steps = [["set", 10], ["latch"]]
    for watts in (50, 20, 80):
        steps += [["set", watts], ["pass", 99], ["latch"], ["pass", 101]]
    assert set(pwm(outputs, *steps, frequency=20)) == {None}


def test_what_is_in_between_is_no_fault(outputs):
    """Three changes within a period, and the pin has the first, or what was before."""
    for share in (0.1, 0.3, 0.5, 0.7):
        said = pwm(outputs, ["set", 10], ["latch"], ["pass", 200], ["set", 50], ["set", 20], ["set", 70], ["duty", share])
        assert said[-1] is None


@pytest.mark.parametrize("share", [0.0, 0.17, 0.23, 1.0])
def test_another_duty_than_was_set_trips_after_a_second(outputs, share):
    found = pwm(outputs, ["set", 20], ["latch"], ["pass", 200], ["duty", share], ["pass", 1000], ["pass", 1])
    assert found[:-1] == [None] * 5
    assert mentions(found[-1], f"{share * 100:.1f} W", "20.0 W")


def test_two_per_cent_are_none(outputs):
    assert set(pwm(outputs, ["set", 20], ["duty", 0.219], ["pass", 2000], ["pass", 2000])) == {None}


def test_a_change_never_restarts_the_wait(outputs):
    """A pin that stays at 90 % while the power moves ten times a second."""
    steps = [["set", 10], ["latch"], ["pass", 200], ["duty", 0.9]]
    for k in range(12):
        steps += [["pass", 100], ["set", 10 + k % 3]]
    found = pwm(outputs, *steps)
    assert [text is not None for text in found].index(True) == 4 + 2 * 10  # more than 1 s after it was seen first


def test_one_right_look_forgets(outputs):
    wrong, right = ["duty", 0.9], ["duty", 0.1]
    assert set(pwm(outputs, ["set", 10], ["latch"], *[wrong, ["pass", 900], right, ["pass", 200]] * 5)) == {None}


def test_what_was_before_the_last_three_periods_does_not_count(outputs):
    found = pwm(outputs, ["set", 90], ["latch"], ["pass", 200], ["set", 10], ["pass", 31], ["pass", 1001])
    assert found[-2] is None and mentions(found[-1], "90.0 W", "10.0 W")


def test_a_pin_that_does_not_obey_a_cut_is_told(outputs):
    found = pwm(outputs, ["set", 90], ["latch"], ["pass", 200], ["cut"], ["pass", 1001])
    assert mentions(found[-1], "90.0 W", "0.0 W")


def test_off_is_off(outputs):
    assert set(pwm(outputs, ["set", 90], ["latch"], ["off"], ["pass", 5000], ["pass", 5000])) == {None}


@pytest.mark.parametrize("frequency", [1, 19, 19.9])
def test_slower_than_20_hz_is_refused(outputs, frequency):
    with pytest.raises(Refused, match=r"\b20 Hz$"):
        pwm(outputs, frequency=frequency)


# ---- a relay


def relay(outputs, *steps, period=2, mains=50, begin=1000):
    return outputs.ask("relay", period, mains, begin, steps)


def high(found):
    return [row[0] for row in found]


@pytest.mark.parametrize("watts", [0.1, 0.5, 1, 7, 25, 50, 75, 99, 99.9, 100])
@pytest.mark.parametrize(("period", "mains"), [(0.5, 50), (0.5, 60), (2, 50), (2, 60), (60, 50)])
def test_a_relay_gives_the_power_that_was_set(outputs, watts, period, mains):
    """On average, to less than one period of the mains; once in a period on, and never faster."""
    periods = 40
    ticks = round(period * mains)
    found = relay(outputs, ["set", watts], ["tick", periods * ticks], period=period, mains=mains)
    asked = watts / 100 * periods * ticks
    assert -2 <= found[1][0] - asked <= ticks * watts / 100 * (1 - watts / 100) + 2  # it begins with what is on
    if 1 <= asked / periods <= ticks - 1:
        assert 0.85 * periods - 1 <= found[1][1] <= 1.25 * periods + 1
    else:
        assert found[1][1] <= periods + 1
    assert {row[3] for row in found} == {None}


def test_a_relay_is_on_at_once_and_off_at_once(outputs):
    """From off it begins with the part of the period that is on; 0 W does not wait, nor does a lower power."""
    found = relay(
        outputs, ["set", 50], ["tick", 40], ["set", 0], ["tick", 200], ["set", 50], ["tick", 40], ["cut"], ["tick", 9]
    )
    assert high(found) == [0, 40, 0, 0, 0, 40, 0, 0]
    assert [row[4] for row in found] == [0, 1, 0, 0, 0, 1, 0, 0]
    found = relay(outputs, ["set", 50], ["tick", 2], ["set", 5], ["tick", 100])
    assert found[3][0] <= 12  # 10 W at most in the first period after it, where 5 W were set
    assert [row[2] for row in relay(outputs, ["set", 50], ["off"])] == [50, 0]


def test_a_relay_does_not_wait_for_the_next_period_with_more(outputs):
    """As when a target is set in the off part of a minute."""
    found = relay(outputs, ["set", 5], ["tick", 600], ["set", 100], ["tick", 50], period=60)
    assert high(found)[-1] == 50


def test_the_power_of_a_relay_is_what_the_pin_had(outputs):
    found = relay(outputs, ["set", 20], ["tick", 300], ["stick", 1], ["tick", 300], ["stick", None], ["set", 0])
    assert found[1][2] == pytest.approx(20, abs=1.1)
    assert found[3][2] > 90
    assert found[-1][2] == 0


@pytest.mark.parametrize("watts", [0, 2, 50, 98])
@pytest.mark.parametrize("period", [0.5, 2, 60])
def test_a_relays_pin_that_is_stuck_on_trips(outputs, watts, period):
    """After a second in all of being on where it should be off, however often it is right in between."""
    ticks = round(period * 50)
    found = relay(
        outputs, ["set", watts], ["tick", 3 * ticks], ["stick", 1], ["tick", 50], ["tick", 100 * ticks], period=period
    )
    assert found[3][3] is None  # not yet
    assert re.search(r"\bhigh\b.*\blow$", found[4][3])


@pytest.mark.parametrize("watts", [2, 50, 100])
def test_a_relays_pin_that_is_stuck_off_trips(outputs, watts):
    found = relay(outputs, ["set", watts], ["tick", 300], ["stick", 0], ["tick", 10000])
    assert re.search(r"\blow\b.*\bhigh$", found[3][3])


@pytest.mark.parametrize("begin", [1000, WRAP - 5000, WRAP // 2 - 5000])
def test_a_relays_pin_that_obeys_never_trips(outputs, begin):
    """While the power moves five times a second; one disturbed look is forgotten."""
    steps = []
    for k in range(300):
        steps += [["set", (k * 37) % 101], ["tick", 10]]
        if k % 30 == 0:
            steps += [["stick", 1], ["tick", 2], ["stick", None]]
    assert {row[3] for row in relay(outputs, *steps, begin=begin)} == {None}


def test_a_timer_that_does_not_tick_any_more_trips(outputs):
    found = relay(outputs, ["set", 50], ["tick", 10], ["pass", 900], ["pass", 200])
    assert [row[3] for row in found[:3]] == [None] * 3 and mentions(found[3][3], "timer")
    found = relay(outputs, ["pass", 500], ["pass", 1001])  # also while it is off
    assert found[-1][3]


def test_off_is_off_for_a_relay(outputs):
    found = relay(outputs, ["set", 90], ["tick", 200], ["off"], ["tick", 500])
    assert high(found)[-1] == 0 and found[-1][3] is None
    found = relay(outputs, ["set", 90], ["tick", 200], ["off"], ["stick", 1], ["tick", 52])
    assert re.search(r"\bhigh\b.*\blow$", found[-1][3])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"period": 0.4}, "0.5 to 60 s, not 0.4"), ({"period": 61}, "0.5 to 60 s"),
        ({"mains": 55}, "50 or 60 Hz, not 55"), ({"mains": 0}, "50 or 60 Hz"),
    ],
)  # fmt: skip
def test_a_period_or_mains_that_there_is_not_is_refused(outputs, options, words):
    with pytest.raises(Refused, match=words):
        relay(outputs, **options)


def test_all_relays_are_on_one_mains(outputs):
    assert outputs.ask("second_relay", 60, 60) == 60
    with pytest.raises(Refused, match=r"\bmains\b.*\b50\b.*\b60 Hz$"):
        outputs.ask("second_relay", 50, 60)


def test_a_tick_of_a_relay_allocates_nothing(outputs, level):
    if level == "cpython":
        pytest.skip("CPython counts nothing")
    assert outputs.ask("relay_ticks") == 0
