"""What the serial tests share: nodes at the end of a cable."""

import pytest

from host_tests import harness
from host_tests.hostile.conftest import places  # noqa: F401 - a fixture
from host_tests.serial.cable import Cable, Wire


class Laid:
    """A node and the cable to it, as harness.NodeProcess is for TCP."""

    def __init__(self, level, node, speed=1, baudrate=115200, **more):
        self.cable = Cable(baudrate)
        self.node = harness.NodeProcess(level, node, speed, uart=self.cable.uart, SECNODE_BAUDRATE=str(baudrate), **more)
        self.name = self.cable.name
        self.uri = f"serial://{self.name}?baudrate={baudrate}"

    def connect(self):
        """A client that finds the line fresh. There can be one at a time."""
        return Wire(self.name).begin()

    def stop(self):
        self.node.stop()
        self.cable.close()


@pytest.fixture(scope="module")
def lines(level):
    """As `nodes`, over a cable: lines(node, speed=1) gives a Laid, one and the same for the same wish."""
    laid = {}

    def lay(node, speed=1):
        if (node, speed) not in laid:
            laid[node, speed] = Laid(level, node, speed)
        return laid[node, speed]

    yield lay
    for line in laid.values():
        line.stop()


@pytest.fixture
def lay(level):
    """Lays a cable to a node that belongs to one test alone."""
    laid = []

    def start(node, *args, **more):
        laid.append(Laid(level, node, *args, **more))
        return laid[-1]

    yield start
    for line in laid:
        line.stop()


@pytest.fixture
def bench(lines):
    """The node of host_tests/nodes/bench.py, over a cable."""
    return lines(harness.NODES / "bench.py")


@pytest.fixture
def wire(bench):
    """A fresh client of bench."""
    with bench.connect() as wire:
        yield wire
