"""net/ and discovery with a simulated radio, answering at a level; nodes on a simulated network."""

from pathlib import Path

import pytest

from host_tests import harness
from host_tests.properties.served import fixture

# what is wrong with a network, as the firmware says it behind "error Wi-Fi: " or "error Ethernet: "
DEAF = "connected, but nothing gets through any more"
NO_NETWORK = "no access point of this name is in reach"
REFUSED = "the access point refuses the password"
LOST = "the connection is lost"
NO_LINK = "no link: the cable, or what is at its other end"
NO_ADDRESS = "linked, but nobody gives an address: a DHCP server, or ethernet.address"

level = harness.level_fixture(*harness.LEVELS, "board-like")


linking = fixture(Path(__file__).with_name("linking.py"), "session")


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
