"""Contacts, outputs, PWM and transmitters by themselves: every limit of NAMUR NE 43, bouncing, what is read back."""

from pathlib import Path

import pytest

from host_tests import harness
from host_tests.properties import coded
from host_tests.properties.served import Refused, Served

level = harness.level_fixture(*harness.LEVELS, "board-like")

LOOP = {"shunt": 150, "low": 0, "high": 160, "unit": "l"}
TABLE = {"shunt": 150, "table": [[20, 1000], [4, 0], [8, 100]]}


@pytest.fixture(scope="module")
def signals(level):
    served = Served(level, Path(__file__).with_name("signals.py"))
    yield served
    served.close()


def convert(signals, kind, keywords, volts, later=False):
    found = signals.ask("convert", kind, keywords, [coded.encode(float(v)) for v in volts], later)
    return [coded.decode(answer[0]) if len(answer) == 1 else answer for answer in found]


def milliamps(signals, values, later=False, **keywords):
    return convert(signals, "CurrentLoop", {**LOOP, **keywords}, [0.15 * ma for ma in values], later)


@pytest.mark.parametrize("later", [False, True], ids=["plain", "a coroutine"])
def test_a_current_loop(signals, later):
    assert milliamps(signals, (4, 12, 20, 3.81, 20.49), later) == pytest.approx([0, 80, 160, -1.9, 164.9], abs=0.01)


@pytest.mark.parametrize(
    ("ma", "error", "words"),
    [
        (0, "HardwareError", "next to no current: the wire is open"),
        (0.99, "HardwareError", "next to no current: the wire is open"),
        (1.01, "HardwareError", "1.0 mA: the transmitter says that it is broken"),
        (3.59, "HardwareError", "3.6 mA: the transmitter says that it is broken"),
        (3.65, "OutOfRange", "3.6 mA is below the range of the signal"),
        (3.79, "OutOfRange", "3.8 mA is below the range of the signal"),
        (20.51, "OutOfRange", "20.5 mA is above the range of the signal"),
        (20.9, "OutOfRange", "20.9 mA is above the range of the signal"),
        (21.01, "HardwareError", "21.0 mA: the transmitter says that it is broken, or it is shorted"),
        (24, "HardwareError", "24.0 mA: the transmitter says that it is broken, or it is shorted"),
    ],
)
def test_what_a_current_says_of_faults(signals, ma, error, words):
    (found,) = milliamps(signals, [ma])
    assert found[0] == error and found[1][4:] == words[4:] and found[1][:2] == words[:2]


def test_a_table_draws_straight_lines(signals):
    values = convert(signals, "CurrentLoop", TABLE, [0.15 * ma for ma in (4, 6, 8, 14, 20, 20.4, 3.9)])
    assert values == pytest.approx([0, 50, 100, 550, 1000, 1030, -2.5], abs=0.02)


def test_a_table_may_fall(signals):
    keywords = {"shunt": 150, "table": [[4, 50], [20, -50]]}
    assert convert(signals, "CurrentLoop", keywords, [0.6, 1.8, 3.0]) == pytest.approx([50, 0, -50], abs=1e-4)


@pytest.mark.parametrize(
    ("keywords", "volts", "wanted"),
    [
        ({"ratio": 4}, (0, 1.25, 2.5), [0, 50, 100]),
        ({"ratio": 4, "low": -5, "high": 5}, (0, 2.5), [-5, 5]),
        ({"ratio": 4, "span": [2, 10]}, (0.5, 1.5, 2.5), [0, 50, 100]),
        ({"span": [0, 3]}, (0, 3, 3.09), [0, 100, 103]),
        ({"ratio": 4}, (2.6,), [["OutOfRange", "10.4 V is above the range of the signal"]]),
        ({"ratio": 4, "span": [2, 10]}, (0.02,), [["HardwareError", "next to no voltage: the wire is open"]]),
        ({"ratio": 4, "span": [2, 10]}, (0.44,), [["HardwareError", "1.8 V: the transmitter says that it is broken"]]),
    ],
)
def test_voltages(signals, keywords, volts, wanted):
    for found, value in zip(convert(signals, "VoltageSignal", keywords, volts), wanted, strict=True):
        assert found == (pytest.approx(value, abs=1e-3) if isinstance(value, (int, float)) else value)


@pytest.mark.parametrize(
    ("kind", "keywords", "words"),
    [
        ("CurrentLoop", {"shunt": 165}, "its ADC sees 3.3 V, which is 20 mA of this signal, and it has to see 21 mA"),
        ("CurrentLoop", {"shunt": 0}, "the shunt has to be above 0 Ohm"),
        ("CurrentLoop", {"shunt": 150, "span": [20, 4]}, "the span of the signal has to rise from 0 or more"),
        ("CurrentLoop", {"shunt": 150, "table": [[4, 0], [4, 1], [20, 2]]}, "the table has 4 mA twice"),
        ("CurrentLoop", {"shunt": 150, "table": [[5, 0], [20, 1]]}, "the table has to go from 4 to 20 mA"),
        ("CurrentLoop", {"shunt": 150, "table": [[4, 0]]}, "the table has to go from 4 to 20 mA"),
        ("VoltageSignal", {"ratio": 3}, "its ADC sees 3.3 V, which is 9.9 V of this signal, and it has to see 10.31 V"),
        ("VoltageSignal", {"ratio": 0}, "the ratio has to be above 0"),
    ],
)
def test_what_makes_no_sense_is_told(signals, kind, keywords, words):
    with pytest.raises(Refused, match=words) as refused:
        convert(signals, kind, keywords, [])
    assert refused.value.kind == "ValueError"


def test_the_voltage_at_a_pin(signals):
    def volts(codes, **keywords):
        return coded.decode(signals.ask("pin_voltage", codes, **keywords)) if not keywords else None

    assert volts([32768]) == pytest.approx(1.65, abs=1e-3)
    # wild conversions leave no trace, up to a quarter of them
    assert volts([20000] * 6 + [0, 65535]) == pytest.approx(20000 / 65535 * 3.3, abs=1e-3)
    assert coded.decode(signals.ask("pin_voltage", [1500000], True)) == pytest.approx(1.5, abs=1e-4)
    for codes, uv, most in (([65535], False, "3.28"), ([2600000], True, "2.45")):
        with pytest.raises(Refused, match=f"more than {most} V at the pin") as refused:
            signals.ask("pin_voltage", codes, uv)
        assert refused.value.kind == "OutOfRange"


# ---- contacts and outputs


@pytest.mark.parametrize("begin", [0, -30, 1 << 31], ids=["", "as the ticks come round", "after weeks"])
def test_a_contact_counts_once_it_has_stayed(signals, begin):
    steps = [[10, 0], [10, 1], [10, 1], [9, 1], [1, 1], [10, 0], [10, 0], [5, 1], [10, 0], [10, 0], [10, 0]]
    wanted = [False, False, False, False, True, True, True, True, True, True, False]
    assert signals.ask("contact", 1, 20, steps, begin) == wanted
    assert signals.ask("contact", 0, 20, steps, begin) == [not on for on in wanted]


def test_without_debounce_it_counts_at_once(signals):
    assert signals.ask("contact", 1, 0, [[1, 0], [1, 1], [1, 0]]) == [False, True, False]


@pytest.mark.parametrize(("on", "debounce"), [(2, 20), (1, -1), (1, 60001)])
def test_a_contact_that_makes_no_sense(signals, on, debounce):
    with pytest.raises(Refused) as refused:
        signals.ask("contact", on, debounce, [])
    assert refused.value.kind == "ValueError"


@pytest.mark.parametrize("on", [0, 1])
@pytest.mark.parametrize("safe", [False, True])
def test_an_output(signals, on, safe):
    off = 1 - on
    at_rest = [on if safe else off, safe]
    *found, error = signals.ask("output", on, safe)
    assert found == [at_rest, [on, True], [off, False], [on, True], at_rest]
    wrong, right = ("low", "high") if at_rest[0] else ("high", "low")
    text = f"the pin is {wrong} where it should be {right}: it is shorted, or something else drives it"
    assert error == ["HardwareError", text]


@pytest.mark.parametrize("inverted", [False, True])
def test_an_analogue_output(signals, inverted):
    values = (0, 2.5, 10, -1, 11)
    *found, end = signals.ask("by_pwm", 10, [coded.encode(float(v)) for v in values], inverted)
    for (duty, back), value in zip(found, (0, 2.5, 10, 0, 10), strict=True):
        share = round(value / 10 * 65535)
        assert duty == (65535 - share if inverted else share)
        assert coded.decode(back) == pytest.approx(value, abs=2e-4)
    assert end == [65535 if inverted else 0, 1]


@pytest.mark.parametrize(
    ("has", "ms", "said"),
    [
        (0, 2, ""),  # within two periods of 1 kHz it may have the former one
        (0, 4, "the pin has a duty of 0.0 % where 50.0 % were set"),
        (0, 1 << 29, "the pin has a duty of 0.0 % where 50.0 % were set"),
        (65535, 1000, "the pin has a duty of 100.0 % where 50.0 % were set"),
        (33000, 1000, ""),
    ],
)
def test_a_pin_that_has_another_duty_than_was_set(signals, has, ms, said):
    assert signals.ask("wrong_duty", 5, has, ms, 32768) == [said, ""]


def test_a_reading_keeps_no_memory(signals, level):
    kept, between = signals.ask("taken", "CurrentLoop", {"shunt": 150})
    assert kept == 0
    if level == "board-like":
        assert between <= 288  # what docs/pins.md says
