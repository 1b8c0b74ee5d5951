"""What the wire tests share: the node `bench`, and a client of it."""

import pytest

from host_tests import harness

BENCH = harness.NODES / "bench.py"

level = harness.level_fixture(*harness.LEVELS, "board-like", "frozen")


@pytest.fixture
def bench(nodes, level):
    """The node of host_tests/nodes/bench.py, with room for clients that have just left where there is memory for it."""
    return nodes(BENCH, clients=3 if level == "frozen" else 8)


@pytest.fixture
def wire(bench):
    """A fresh client of bench."""
    with bench.connect() as wire:
        yield wire
