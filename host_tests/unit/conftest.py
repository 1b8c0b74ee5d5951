"""The clock and the control arithmetic, answering at a level."""

from pathlib import Path

from host_tests import harness
from host_tests.properties.served import fixture

level = harness.level_fixture(*harness.LEVELS, "board-like")


arithmetic = fixture(Path(__file__).with_name("arithmetic.py"), "session")
