"""Pulses: none is lost up to the rate that is stated, whatever the processor does; and what rate they have."""

from pathlib import Path

import pytest

from host_tests import harness
from host_tests.properties import coded
from host_tests.properties.served import Refused, fixture

level = harness.level_fixture(*harness.LEVELS, "board-like")
WRAP = 1 << 30


counting = fixture(Path(__file__).with_name("counting.py"))


@pytest.mark.parametrize("hz", [10, 1000, 99999, 250000])
@pytest.mark.parametrize("duty", [0.45, 0.5, 0.55])
def test_pio_loses_no_pulse(counting, hz, duty):
    """By its program, cycle for cycle, while the processor is busy for 20 ms, or looks again and again."""
    ms = 20 if hz > 100 else 250
    for looks in (0, 7, 100):
        came, counted, us, since = counting.ask("pio", hz, duty, ms, looks)
        assert counted == came
        assert us == pytest.approx(ms * 1000 + 1000, abs=3)  # its clock goes right, pulses or not
        last = (came - 1) / hz * 1e6 + 300
        assert since == pytest.approx(us - last, abs=4)


def test_above_that_it_may_lose_some(counting):
    came, counted, _, _ = counting.ask("pio", 900000, 0.5, 20, 0)
    assert counted < came


def test_a_pin_that_is_high_at_the_start_is_no_pulse(counting):
    came, counted, _, _ = counting.ask("pio", 1000, 0.5, 10, 3, 1)
    assert counted == came


def rates(counting, exact, pulses, reads, **options):
    *found, end = counting.ask(
        "rates", exact, pulses, reads, *[options.get(k) or 0 for k in ("begin", "before")], options.get("kw")
    )
    return [coded.decode(rate) for rate, _, _ in found], [coded.decode(total) for _, total, _ in found], end


def every(ms, until, begin=1):
    return [begin + i * ms for i in range(int((until - begin) / ms) + 1)]


@pytest.mark.parametrize("begin", [0, WRAP - 2500, 5 * WRAP // 1000], ids=["", "ms come round", "us come round"])
@pytest.mark.parametrize("before", [0, WRAP - 3], ids=["", "counts come round"])
@pytest.mark.parametrize("exact", [True, False])
def test_a_rate(counting, exact, begin, before):
    found, totals, _ = rates(counting, exact, every(137, 10000), every(1000, 10000, 1000), begin=begin, before=before)
    hz = 1000 / 137
    assert found[2:] == pytest.approx([hz] * 8, abs=0.01 if exact else 1)
    assert totals == [len([t for t in every(137, 10000) if t <= read]) for read in every(1000, 10000, 1000)]


def test_a_longer_window_has_finer_steps(counting):
    found, _, _ = rates(counting, False, every(137, 60000), every(1000, 60000, 1000), kw={"window": 10})
    assert found[-1] == pytest.approx(1000 / 137, abs=0.11)


@pytest.mark.parametrize("exact", [True, False])
def test_it_comes_to_rest(counting, exact):
    """Slower at once, as far as it can be told, and 0 after a while; then it begins again."""
    pulses = every(100, 5000) + every(100, 40000, 30000)
    reads = every(500, 40000, 500)
    found, _, _ = rates(counting, exact, pulses, reads)
    by_time = dict(zip(reads, found, strict=True))
    assert by_time[5000] == pytest.approx(10, abs=0.1 if exact else 1)
    if exact:
        assert by_time[7000] == pytest.approx(1 / 2.1, rel=0.05)
    assert by_time[16000] == by_time[29500] == 0
    assert by_time[33000] == pytest.approx(10, abs=0.1 if exact else 1)


def test_it_is_read_after_hours(counting):
    hour = 3600000
    found, totals, _ = rates(counting, True, every(60000, hour, 1000), [1000, 2000, hour])
    assert found[-1] == pytest.approx(1 / 60, rel=0.02) and totals[-1] == 60


def test_units(counting):
    keywords = {"per_pulse": 1 / 450, "unit": "l", "per": "min"}
    found, totals, end = rates(counting, True, every(100, 5000), [1000, 3000, 5000], kw=keywords)
    assert found[-1] == pytest.approx(10 / 450 * 60, rel=1e-3)
    assert totals[-1] == pytest.approx(50 / 450, rel=1e-6)
    assert end == [0, "l/min", "l"]
    assert rates(counting, True, [], [1])[2] == [0, "Hz", ""]


@pytest.mark.parametrize("keywords", [{"per": "day"}, {"per_pulse": 0}, {"window": 0}, {"slowest": 1000}])
def test_what_makes_no_sense(counting, keywords):
    with pytest.raises(Refused) as refused:
        rates(counting, True, [], [1], kw=keywords)
    assert refused.value.kind == "ValueError"


def test_a_unit_of_an_esp32(counting):
    assert counting.ask("unit") == [[2, "pin", 1], 1234, True]


def test_a_reading_keeps_no_memory(counting, level):
    for kind in ("unit", "pio"):
        kept, between = counting.ask("taken", kind)
        assert kept == 0
        if level == "board-like":
            print(kind, between)
            assert between <= 448  # what docs/pins.md says
