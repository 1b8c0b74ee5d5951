"""A dead man whose timer does not tick would cut nothing: a heater does not go on without it."""

import time

import pytest

from host_tests import harness

SPEED = 10


@pytest.fixture
def wire(nodes):
    with nodes(str(harness.NODES / "timeless.py"), speed=SPEED).connect() as wire:
        yield wire
        wire.ask("do timers:_start")
        wire.ask("do heater:control_off")


def test_no_heat_without_the_dead_mans_timer(wire):
    assert wire.ask("change heater:target 60").startswith("changed")
    time.sleep(5 / SPEED)
    assert harness.value(wire, "heater:status")[0] // 100 == 3, "with its timer it heats"
    assert wire.ask("do timers:_stop").startswith("done")
    harness.wait(lambda: harness.value(wire, "heater:status")[0] == 400)
    assert harness.mentions(harness.value(wire, "heater:status")[1], "timer")
    # as long as that is so, it never heats for long
    assert wire.ask("do heater:clear_errors").startswith("done")
    assert wire.ask("change heater:target 60").startswith("changed")
    harness.wait(lambda: harness.value(wire, "heater:status")[0] == 400)
    assert wire.ask("do timers:_start").startswith("done")
    assert wire.ask("do heater:clear_errors").startswith("done")
    assert wire.ask("change heater:target 60").startswith("changed")
    time.sleep(10 / SPEED)
    assert harness.value(wire, "heater:status")[0] // 100 == 3
