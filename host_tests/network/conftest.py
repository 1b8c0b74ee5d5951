"""net/ and discovery with a simulated radio, answering at a level; nodes on a simulated network."""

from pathlib import Path

import pytest

from host_tests import harness
from host_tests.properties.served import Served

level = harness.level_fixture(*harness.LEVELS, "board-like")


@pytest.fixture(scope="session")
def linking(level):
    served = Served(level, Path(__file__).with_name("linking.py"))
    yield served
    served.close()


@pytest.fixture
def start_node(level):
    """start_node(node, speed=1, settings=None, **environment): a NodeProcess with a console, for one test alone."""
    running = []

    def start(node, speed=1, **kwds):
        running.append(harness.NodeProcess(level, node, speed, console=True, **kwds))
        return running[-1]

    yield start
    for process in running:
        process.stop()
