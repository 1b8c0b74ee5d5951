"""Contacts, outputs, PWM and transmitters by themselves: every limit of NAMUR NE 43, bouncing, what is read back."""

import re
from pathlib import Path

import pytest

from host_tests import harness
from host_tests.properties import coded
from host_tests.properties.served import Refused, fixture

level = harness.level_fixture(*harness.LEVELS, "board-like")

LOOP = {"shunt": 150, "low": 0, "high": 160, "unit": "l"}
TABLE = {"shunt": 150, "table": [[20, 1000], [4, 0], [8, 100]]}


signals = fixture(Path(__file__).with_name("signals.py"))


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
        (0, "HardwareError", r"current.*\bopen\b"),
        (0.99, "HardwareError", r"current.*\bopen\b"),
        (1.01, "HardwareError", r"1\.\d mA.*\btransmitter\b"),
        (3.59, "HardwareError", r"3\.\d mA.*\btransmitter\b"),
        (3.65, "OutOfRange", r"3\.\d mA.*\bbelow\b"),
        (3.79, "OutOfRange", r"3\.\d mA.*\bbelow\b"),
        (20.51, "OutOfRange", r"20\.\d mA.*\babove\b"),
        (20.9, "OutOfRange", r"2\d\.\d mA.*\babove\b"),
        (21.01, "HardwareError", r"21\.\d mA.*\btransmitter\b.*\bshorted\b"),
        (24, "HardwareError", r"24\.\d mA.*\btransmitter\b.*\bshorted\b"),
    ],
)
def test_what_a_current_says_of_faults(signals, ma, error, words):
    (found,) = milliamps(signals, [ma])
    assert found[0] == error and re.search(words, found[1])


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
        ({"ratio": 4}, (2.6,), [["OutOfRange", "10.4 V", "above"]]),
        ({"ratio": 4, "span": [2, 10]}, (0.02,), [["HardwareError", "voltage", "open"]]),
        ({"ratio": 4, "span": [2, 10]}, (0.44,), [["HardwareError", "1.8 V", "transmitter"]]),
    ],
)
def test_voltages(signals, keywords, volts, wanted):
    for found, value in zip(convert(signals, "VoltageSignal", keywords, volts), wanted, strict=True):
        if isinstance(value, list):
            kind, *named = value
            assert found[0] == kind and harness.mentions(found[1], *named)
        else:
            assert found == pytest.approx(value, abs=1e-3)


@pytest.mark.parametrize(
    ("kind", "keywords", "named"),
    [
        ("CurrentLoop", {"shunt": 165}, ("ADC", "3.3 V", "20 mA", "21 mA")),
        ("CurrentLoop", {"shunt": 0}, ("shunt", "0 Ohm")),
        ("CurrentLoop", {"shunt": 150, "span": [20, 4]}, ("span", "rise")),
        ("CurrentLoop", {"shunt": 150, "table": [[4, 0], [4, 1], [20, 2]]}, ("table", "4 mA", "twice")),
        ("CurrentLoop", {"shunt": 150, "table": [[5, 0], [20, 1]]}, ("table", "4 to 20 mA")),
        ("CurrentLoop", {"shunt": 150, "table": [[4, 0]]}, ("table", "4 to 20 mA")),
        ("VoltageSignal", {"ratio": 3}, ("ADC", "3.3 V", "9.9 V", "10.31 V")),
        ("VoltageSignal", {"ratio": 0}, ("ratio", "0")),
    ],
)
def test_what_makes_no_sense_is_told(signals, kind, keywords, named):
    with pytest.raises(Refused) as refused:
        convert(signals, kind, keywords, [])
    assert refused.value.kind == "ValueError" and harness.mentions(refused.value.text, *named)


def test_the_voltage_at_a_pin(signals):
    def volts(codes, **keywords):
        return coded.decode(signals.ask("pin_voltage", codes, **keywords)) if not keywords else None

    assert volts([32768]) == pytest.approx(1.65, abs=1e-3)
    # wild conversions leave no trace, up to a quarter of them
    assert volts([20000] * 6 + [0, 65535]) == pytest.approx(20000 / 65535 * 3.3, abs=1e-3)
    assert coded.decode(signals.ask("pin_voltage", [1500000], True)) == pytest.approx(1.5, abs=1e-4)
    for codes, uv, most in (([65535], False, "3.28"), ([2600000], True, "2.45")):
        with pytest.raises(Refused, match=rf"\b{most} V\b") as refused:
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
    assert error[0] == "HardwareError" and re.search(rf"\b{wrong}\b.*\b{right}\b", error[1])


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
    ("has", "ms", "named"),
    [
        (0, 2, ()),  # within two periods of 1 kHz it may have the former one
        (0, 4, ("0.0 %", "50.0 %")),
        (0, 1 << 29, ("0.0 %", "50.0 %")),
        (65535, 1000, ("100.0 %", "50.0 %")),
        (33000, 1000, ()),
    ],
)
def test_a_pin_that_has_another_duty_than_was_set(signals, has, ms, named):
    said, mended = signals.ask("wrong_duty", 5, has, ms, 32768)
    assert bool(said) == bool(named) and harness.mentions(said, *named) and mended == ""


def test_a_reading_keeps_no_memory(signals, level):
    kept, between = signals.ask("taken", "CurrentLoop", {"shunt": 150})
    assert kept == 0
    if level == "board-like":
        assert between <= 288  # what docs/pins.md says
