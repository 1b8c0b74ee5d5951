"""The clock and the control arithmetic, answering at a level."""

from pathlib import Path

import pytest

from host_tests import harness
from host_tests.properties.served import Served

level = harness.level_fixture(*harness.LEVELS, "board-like")


@pytest.fixture(scope="session")
def arithmetic(level):
    served = Served(level, Path(__file__).with_name("arithmetic.py"))
    yield served
    served.close()
