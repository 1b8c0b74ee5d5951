"""Nodes with instruments at their UARTs."""

from host_tests import harness

level = harness.level_fixture(*harness.LEVELS, "board-like")
