"""The clock and the control arithmetic, answering at a level."""

from pathlib import Path

import pytest

from host_tests.properties.served import Served


@pytest.fixture(scope="session")
def arithmetic(level):
    served = Served(level, Path(__file__).with_name("arithmetic.py"))
    yield served
    served.close()
