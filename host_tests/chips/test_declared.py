"""Every driver of a chip declares what docs/sensors.md says of it, has a model and an oracle."""

import re

import pytest

from host_tests import harness
from host_tests.chips import table
from host_tests.chips.test_oracle import CASES
from tools import __main__ as program
from tools import paths
from tools.image import stated

DECLARED = {path.stem: found for path in (paths.FIRMWARE / "drivers").glob("*.py") if (found := table.declared(path))}


def test_the_page_is_of_the_present_drivers():
    """python -m host_tests.chips.table writes it."""
    assert table.PAGE.read_text("utf-8") == table.page()


@pytest.mark.parametrize("name", DECLARED)
def test_a_driver_has_all(name):
    assert set(stated.KEYS) <= set(DECLARED[name]), "a line of its docstring is missing"
    assert (paths.BOARDS / "HOST" / "chips" / f"model_{name}.py").exists()
    assert name in [case.chip.lower() for case in CASES], "nobody else's driver reads its model"


@pytest.mark.parametrize("name", DECLARED)
def test_a_driver_says_how_long_a_reading_takes(name):
    """As `secnode describe` adds it up."""
    ms, blocks = stated.takes(f"x\n\n    reading: {DECLARED[name]['reading']}\n")
    assert 0 < blocks <= ms < 1000


def test_the_poll_time_of_a_node(capsys):
    """Of a SHT4x with three quantities that is read once, an ADS1115's channel, and whatever else is in these."""
    assert program.main(["describe", str(harness.NODES / "chips.py")]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("{")
    assert err.startswith("polling: ") and err.count("\n") == 1
    assert re.findall(r"[\d.]+ (?:readings|ms|%)", err) == ["7 readings", "45.9 ms", "6.3 ms", "0.63 %"]
    assert program.main(["describe", "vector_magnet"]) == 0  # no driver in it says anything
    assert "polling" not in capsys.readouterr().err


def test_every_oracle_has_its_driver():
    assert {case.chip.lower() for case in CASES} <= set(DECLARED)
