"""The firmware's data types, answering at a level."""

from pathlib import Path

import pytest

from host_tests.properties.served import Served


@pytest.fixture(scope="session")
def types(level):
    served = Served(level, Path(__file__).with_name("driver.py"))
    yield served
    served.close()
