"""What the guard asks a heater's output: whether the pin has what was set, on pins that take up a new duty late."""

from pathlib import Path

import pytest

from host_tests.properties.served import Refused, Served

WRAP = 1 << 30  # ms: where the ticks come round


@pytest.fixture(scope="session")
def outputs(level):
    served = Served(level, Path(__file__).with_name("output.py"))
    yield served
    served.close()


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
    assert found[-1] == f"the pin has {share * 100:.1f} W where 20.0 W were set"


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
    assert found[-2:] == [None, "the pin has 90.0 W where 10.0 W were set"]


def test_a_pin_that_does_not_obey_a_cut_is_told(outputs):
    found = pwm(outputs, ["set", 90], ["latch"], ["pass", 200], ["cut"], ["pass", 1001])
    assert found[-1] == "the pin has 90.0 W where 0.0 W were set"


def test_off_is_off(outputs):
    assert set(pwm(outputs, ["set", 90], ["latch"], ["off"], ["pass", 5000], ["pass", 5000])) == {None}


@pytest.mark.parametrize("frequency", [1, 19, 19.9])
def test_slower_than_20_hz_is_refused(outputs, frequency):
    with pytest.raises(Refused, match="not slower than 20 Hz"):
        pwm(outputs, frequency=frequency)
