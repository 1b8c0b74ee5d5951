"""What the tests of hostile clients share."""

from pathlib import Path

from host_tests.properties.served import fixture

places = fixture(Path(__file__).with_name("places.py"), "session")
