"""What the tests of hostile clients share."""

from pathlib import Path

import pytest

from host_tests.properties.served import Served


@pytest.fixture(scope="session")
def places(level):
    """places.py at a level."""
    served = Served(level, Path(__file__).with_name("places.py"))
    yield served
    served.close()
