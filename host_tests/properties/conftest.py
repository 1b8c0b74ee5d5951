"""The firmware's data types, answering at a level."""

from pathlib import Path

import pytest

from host_tests import harness
from host_tests.properties.served import Served

level = harness.level_fixture(*harness.LEVELS, "board-like")


@pytest.fixture(scope="session")
def types(level):
    served = Served(level, Path(__file__).with_name("driver.py"))
    yield served
    served.close()
