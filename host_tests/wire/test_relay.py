"""The node `relay_oven` as its clients see it: a heater that is on for a share of each two seconds."""

import time

import pytest

from host_tests import harness

SPEED = 20


@pytest.fixture(scope="module")
def relay(nodes):
    return nodes("relay_oven", speed=SPEED)


@pytest.fixture
def wire(relay):
    with relay.connect() as wire:
        yield wire
        assert wire.ask("do heater:control_off").startswith("done")


def test_it_arrives_and_stays(wire):
    assert wire.ask("change heater:target 45").startswith("changed")
    harness.wait(lambda: harness.value(wire, "heater:status")[0] == 100)
    for _ in range(20):
        assert harness.value(wire, "heater:value") == pytest.approx(45, abs=0.6)
        time.sleep(0.05)
    assert harness.value(wire, "heater:status") == [100, "at target"]


def test_open_loop_gives_what_is_set_on_average(wire):
    assert wire.ask("change heater_power:target 20").startswith("changed")
    found = []
    for _ in range(20):
        time.sleep(0.1)
        found.append(harness.value(wire, "heater_power:value"))
    assert sum(found) / len(found) == pytest.approx(20, abs=2)
    assert wire.ask("do heater_power:control_off").startswith("done")
    assert harness.value(wire, "heater_power:value") == 0


def test_what_it_may_have_at_most(wire):
    assert harness.error_class(wire.ask("change heater:_maxheaterpower 101")) == "RangeError"
    assert wire.ask("change heater:_maxheaterpower 10").startswith("changed")
    assert harness.error_class(wire.ask("check heater_power:target 11")) == "Impossible"
    assert wire.ask("change heater:_maxheaterpower 50").startswith("changed")
