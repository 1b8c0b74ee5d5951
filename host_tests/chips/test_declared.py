"""Every driver of a chip declares what docs/sensors.md says of it, has a model and an oracle."""

import pytest

from host_tests.chips import table
from host_tests.chips.test_oracle import CASES
from tools import paths

DECLARED = {path.stem: found for path in (paths.FIRMWARE / "drivers").glob("*.py") if (found := table.declared(path))}


def test_the_page_is_of_the_present_drivers():
    """python -m host_tests.chips.table writes it."""
    assert table.PAGE.read_text("utf-8") == table.page()


@pytest.mark.parametrize("name", DECLARED)
def test_a_driver_has_all(name):
    assert set(table.KEYS) <= set(DECLARED[name]), "a line of its docstring is missing"
    assert (paths.BOARDS / "HOST" / "chips" / f"model_{name}.py").exists()
    assert name in [case.chip.lower() for case in CASES], "nobody else's driver reads its model"


def test_every_oracle_has_its_driver():
    assert {case.chip.lower() for case in CASES} <= set(DECLARED)
