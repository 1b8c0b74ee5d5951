"""Fixtures: a wire test takes `level` and `node` (or `start_node`) and runs at every level that is there."""

import json
import os
import tempfile

import pytest
from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase

from host_tests import harness
from tools import paths

# in CI the same examples every time; elsewhere new ones, and those that failed again
_examples = DirectoryBasedExampleDatabase(str(paths.build_dir() / "hypothesis"))
settings.register_profile("here", max_examples=300, deadline=None, database=_examples)
settings.register_profile("ci", max_examples=300, deadline=None, derandomize=True, database=None)
settings.load_profile("ci" if harness.in_ci() else "here")

# nodes that a test starts by hand (`make run`) keep their values here, and find none of earlier days
_kept = tempfile.TemporaryDirectory(prefix="secnode-")
os.environ["SECNODE_SETTINGS"] = os.path.join(_kept.name, "settings.json")


level = harness.level_fixture(*harness.LEVELS)


@pytest.fixture(scope="session")
def _running():
    """Nodes that run, by what was wished for."""
    running = {}
    yield running
    for process in running.values():
        process.stop()


# of a module, since each may have a `level` of its own: kept for the session it would be of whatever level came before
@pytest.fixture(scope="module")
def nodes(level, _running):
    """Starts nodes: nodes(name_or_path, speed=1, clients=None, settings=None) gives a NodeProcess, the same for the same wish.

    `settings` is what its settings.json holds at start.
    """
    for key in [key for key in _running if key[0] != level]:
        _running.pop(key).stop()

    def start(node, speed=1, clients=None, settings=None):
        key = level, str(node), speed, clients, json.dumps(settings)
        if key not in _running:
            _running[key] = harness.NodeProcess(level, node, speed, clients, settings)
        return _running[key]

    return start


@pytest.fixture
def start_node(level):
    """As `nodes`, but a node that belongs to one test alone."""
    running = []

    def start(node, speed=1, clients=None, settings=None, **more):
        running.append(harness.NodeProcess(level, node, speed, clients, settings, **more))
        return running[-1]

    yield start
    for process in running:
        process.stop()
