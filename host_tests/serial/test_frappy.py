"""A whole session of frappy's client over a serial line: the tests of host_tests/clients, at the end of a cable."""

import pytest
from frappy.errors import SECoPError

from host_tests import harness
from host_tests.clients import test_frappy

connect = test_frappy.connect

test_descriptive_data = test_frappy.test_descriptive_data
test_every_parameter_is_there_after_connect = test_frappy.test_every_parameter_is_there_after_connect
test_drive_until_it_arrived = test_frappy.test_drive_until_it_arrived
test_stop = test_frappy.test_stop
test_commands = test_frappy.test_commands


@pytest.fixture
def heater(lay):
    return lay("example_heater", speed=20)


def test_after_a_restart_it_has_to_connect_again(heater):
    """frappy's client does not know `error_closed`: what it asks is not answered, until it connects anew."""
    client = test_frappy.Client(heater)
    client.connect(try_period=10)
    heater.node.stop()
    heater.node.start()
    harness.wait(lambda: ("error_closed", None, None) in client.complaints)
    client.disconnect()
    client.connect(try_period=10)
    assert client.getParameter("heater", "target")[2] is None
    client.setParameter("heater", "target", 30)
    client.disconnect()
    assert not [c for c in client.complaints if isinstance(c, SECoPError)]
