"""Faults of sensor, wire, heater and software: the heater goes off in time, with a status that names what was seen."""

import json
import subprocess

import pytest

from host_tests import harness
from tools import run
from tools.common import paths

_SPEED = 100


@pytest.fixture(scope="session")
def trial(level):
    """trial(fault, target=60, after=10, seconds=90) -> what happened."""
    folder, _ = harness.power_on(level, "example_heater", slim=False)
    script = harness.ROOT / "host_tests" / "safety" / "trial.py"

    def go(fault, target=60, after=10, seconds=90):
        words = [folder, paths.BOARDS / "HOST", paths.SHIMS, target, fault, after, seconds]
        done = subprocess.run(
            [harness.interpreter(level), str(script), *map(str, words)],
            env=run.environment(speed=_SPEED), capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return go


@pytest.mark.parametrize("after", [10, 70], ids=["heating", "holding"])
@pytest.mark.parametrize(
    ("fault", "words", "within"),
    [
        ("sensor_open", "sensor or its wire is open", 6),
        ("sensor_short", "sensor or its wire is shorted", 6),
        ("heater_open", "does not warm", 90),
        ("sensor_off", "does not warm", 50),
        ("sensor_stuck", "", 80),
        ("control_hangs", "did not decide anything", 8),
        ("loop_hangs", "did not decide anything", 8),
        ("guard_dies", "the guard itself failed: Broken", 6),
    ],
)
def test_off_in_time(trial, fault, words, within, after):
    found = trial(fault, after=after)
    assert found["off"] is not None, found
    code, text = found["status"]
    assert code == 400 and words in text, found
    assert found["off"] < within and found["level"] == 0
    assert found["peak"] < 135


def test_a_control_that_dies_takes_the_heat_with_it(trial):
    found = trial("control_dies", seconds=8)
    assert found["level"] == 0 and found["status"][0] == 400


def test_a_shorted_transistor_is_told(trial):
    """Software can't switch it off any more: the wiring needs a thermal cut-out, and the text says so."""
    found = trial("transistor_short", after=70)
    assert found["status"][0] == 400 and "Cut the supply" in found["status"][1]


@pytest.mark.parametrize("fault", ["adc_glitch", "supply_sag", "none"])
def test_what_is_no_danger_does_not_stop_it(trial, fault):
    found = trial(fault, after=10, seconds=110)
    assert found["off"] is None and found["status"][0] in (100, 300), found
    assert abs(found["block"] - 60) < 1 and found["peak"] < 63


def test_a_drift_ends_at_the_maximum(trial):
    """It can't be told from a temperature; what the sensor says is kept, and nothing more."""
    found = trial("sensor_drift", after=70, seconds=100)
    assert found["status"][0] in (100, 300, 400) and found["peak"] < 80


def test_a_dead_man_needs_one_and_a_half_seconds(trial):
    found = trial("loop_hangs", after=10)
    assert found["heated"] > 0.3
    # it was off while the loop still hung, long before anything could look at it
    assert found["level"] == 0 and found["off"] <= 5.5


def test_a_lower_power_limit_holds_at_once(nodes):
    """Not a fault: the guard must not find the old power above the new limit."""
    with nodes("example_heater", speed=20).connect() as wire:
        try:
            assert wire.ask("change heater:_maxheaterpower 100").startswith("changed")
            for _ in range(10):
                wire.ask("change heater:target 110")
                wire.lines(0.05)
                assert wire.ask("change heater:_maxheaterpower 0").startswith("changed")
                wire.lines(0.05)
                assert harness.split(wire.ask("read heater:status"))[2][0][0] == 300
                assert wire.ask("change heater:_maxheaterpower 100").startswith("changed")
        finally:
            wire.ask("change heater:_maxheaterpower 50")
            wire.ask("do heater:stop")
