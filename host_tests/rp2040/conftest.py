"""The level rp2040: real firmware on an emulated chip. `make test-rp2040` runs it; `make test` leaves it out."""

from pathlib import Path

import pytest

from host_tests import harness
from host_tests.rp2040 import flashed
from tools.build import pico
from tools.problem import Problem


def pytest_collection_modifyitems(items):
    for item in (item for item in items if item.path.is_relative_to(Path(__file__).parent)):
        # of the wall's time, which is the PC's affair; what the tests wait for is limited in the chip's
        item.add_marker(pytest.mark.timeout(1800))


@pytest.fixture(scope="session")
def level():
    try:
        pico.firmware()
        pico.emulator()
    except Problem as e:
        if harness.in_ci():
            raise
        pytest.skip(f"level rp2040 is missing here: {e}")
    return "rp2040"


@pytest.fixture(scope="session")
def nodes(level):
    """As in host_tests/conftest.py: nodes(name_or_path, speed=1) gives a board, the same for the same node.

    With `network` it has one, and clients come over TCP.
    """
    running = {}

    def start(node, speed=1, clients=None, network=False):
        which = str(node), network
        if which not in running:
            running[which] = flashed.Node(node, network=network)
        running[which].speed = speed
        return running[which]

    yield start
    for node in running.values():
        node.stop()


@pytest.fixture
def fresh(level):
    """fresh(name) gives a board with a node that is one test's alone, just switched on.

    For `image`, `instrument` and `network` see flashed.Node.
    """
    running = []

    def start(node="example_heater", image=None, instrument=None, network=False):
        running.append(flashed.Node(node, image=image, instrument=instrument, network=network))
        return running[-1]

    yield start
    for node in running:
        node.stop()


_found = []


@pytest.fixture
def found():
    """found(name, value, unit): a figure for the summary."""

    def note(name, value, unit="ms after it"):
        _found.append((name, value, unit))

    return note


def pytest_terminal_summary(terminalreporter):
    for name, value, unit in _found:
        terminalreporter.write_line(f"  {name}: {value:.1f} {unit}")
