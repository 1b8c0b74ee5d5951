"""Nodes at the end of a cable with a bridge before them, for those who come by TCP."""

import subprocess
import sys

import pytest

from host_tests import harness
from host_tests.serial.conftest import Laid
from tools.client.upstream import FAULT

BENCH = harness.NODES / "bench.py"


class Bridge:
    """A node at the end of a cable, and a bridge to it; as a harness.NodeProcess for those who come by TCP."""

    def __init__(self, level, node, speed=1, **more):
        self.laid = Laid(level, node, speed, **more)
        self.cable = self.laid.cable
        self.port = harness.free_port()
        self.uri = f"127.0.0.1:{self.port}"
        self.process = start(self.cable.name, self.port)
        self.process.stdout.readline()

    @property
    def log(self):
        return self.laid.node.log

    def connect(self, timeout=10):
        return harness.Wire(("127.0.0.1", self.port), timeout)

    def stop(self):
        self.process.terminate()
        self.said = self.process.communicate(timeout=10)[0]
        self.laid.stop()


def start(*words):
    command = [sys.executable, "-u", "-m", "tools", "bridge", *map(str, words[:1]), "--port", *map(str, words[1:])]
    return subprocess.Popen(command, cwd=harness.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture(scope="module")
def bridges():
    """bridges(node, speed): one and the same for the same wish. What the bridge does has nothing to do with the level."""
    running = {}

    def lay(node, speed=1):
        if (node, speed) not in running:
            running[node, speed] = Bridge("micropython", node, speed)
        return running[node, speed]

    yield lay
    for bridge in running.values():
        bridge.stop()
        assert "Traceback" not in bridge.said and FAULT not in bridge.said, bridge.said


@pytest.fixture
def own_bridge():
    """A bridge and a node that belong to one test alone."""
    running = []

    def lay(node, speed=1, **more):
        running.append(Bridge("micropython", node, speed, **more))
        return running[-1]

    yield lay
    for bridge in running:
        bridge.stop()
        assert "Traceback" not in bridge.said and FAULT not in bridge.said, bridge.said


@pytest.fixture
def bench(bridges):
    return bridges(BENCH)
