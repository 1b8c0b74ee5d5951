"""Thermocouples the wrong way round, a cold junction that is not what it was, and every type's curve over its whole range."""

import pytest

from host_tests.harness import mentions
from host_tests.properties import coded
from host_tests.properties.served import Refused

every_chip = pytest.mark.parametrize("chip", ["MAX31856", "MAX31855"])


def make(ours, chip, **keywords):
    ours.ask("make", chip, "spi", ["."], [17], keywords)
    ours.ask("set", {"hot": 100.0, "cold_junction": 25.0})
    ours.ask("wait", 1000)


def reading(ours):
    return ours.read()[0]


@every_chip
def test_the_wrong_way_round_it_seems_to_cool_where_it_is_heated(ours, chip):
    make(ours, chip)
    assert reading(ours) == pytest.approx(100, abs=0.5)
    ours.ask("fault", "reversed")
    found = []
    for hot in (25.0, 60.0, 100.0, 150.0):
        ours.ask("set", {"hot": hot})
        ours.ask("wait", 1000)
        found.append(reading(ours))
    assert found[0] == pytest.approx(25, abs=0.5)
    assert found == sorted(found, reverse=True) and found[-1] < -95
    ours.ask("set", {"hot": 1100.0})
    ours.ask("wait", 1000)
    with pytest.raises(Refused) as refused:
        reading(ours)
    assert refused.value.kind in ("HardwareError", "OutOfRange")


def test_a_cold_junction_that_jumps_is_not_believed_for_a_while(ours):
    """No chip warms by 5 K from one reading to the next."""
    make(ours, "MAX31856")
    reading(ours)
    ours.ask("fault", "junction_off")
    for _ in range(2):
        ours.ask("wait", 500)
        with pytest.raises(Refused) as refused:
            reading(ours)
        assert refused.value.kind == "HardwareError" and mentions(refused.value.text, "5 K")
    ours.ask("fault", "none")
    ours.ask("wait", 500)
    assert reading(ours) == pytest.approx(100, abs=0.1)  # one bad reading leaves no trace
    ours.ask("fault", "junction_off")
    ours.ask("wait", 500)
    with pytest.raises(Refused):
        reading(ours)
    ours.ask("wait", 6000)
    assert reading(ours) == pytest.approx(75, abs=0.1)  # it stays so: whoever clears the error gets it
    for junction in (2.0, 4.0, 8.0):
        ours.ask("fault", "none")
        ours.ask("set", {"cold_junction": junction})
        ours.ask("wait", 500)
        reading(ours)  # warming is no jump


@pytest.mark.parametrize("kind", "KJNTSRE")
def test_a_curve_is_nists_over_its_whole_range(ours, kind):
    """Also with a board's floats; beyond its ends it goes on the same way."""
    worst, cold, rises = ours.ask("couple", kind)
    assert coded.decode(worst) < 0.08
    assert coded.decode(cold) < 0.05
    assert rises
