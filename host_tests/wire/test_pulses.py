"""Counters as a client sees them."""

import time

import pytest

from host_tests import harness
from host_tests.harness import split, value, wait

PULSES = harness.NODES / "pulses.py"


@pytest.fixture
def client(nodes):
    with nodes(PULSES).connect() as wire:
        yield wire


def test_a_flow(client):
    modules = split(client.ask("describe"))[2]["modules"]
    units = [modules[name]["accessibles"]["value"]["datainfo"].get("unit") for name in ("flow", "volume", "wild")]
    assert units == ["l/min", "l", "Hz"]
    wait(lambda: value(client, "flow") == pytest.approx(10, rel=0.05))
    assert value(client, "volume") > 0


def test_a_count_and_its_reset(client):
    """At the highest rate that is stated none is lost."""
    assert client.ask("do events:reset").startswith("done events:reset")
    begin = time.monotonic()
    before = value(client, "events")
    time.sleep(1)
    after = value(client, "events")
    assert after - before == pytest.approx((time.monotonic() - begin) * 200000, rel=0.1)


def test_too_fast_loses_some(client):
    """What an ESP32's counter holds, and how long MicroPython may take to look: docs/pins.md."""
    wait(lambda: value(client, "wild") > 0)
    assert value(client, "wild") < 200000
