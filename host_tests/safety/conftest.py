"""The heater's proofs run board-like too: a control loop that can't have memory heats no more."""

from host_tests import harness

level = harness.level_fixture(*harness.LEVELS, "board-like", "frozen")
