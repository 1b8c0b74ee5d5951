"""frappy's client and secop-ophyd's devices on the Lake Shore nodes."""

import pytest

from host_tests.clients.test_frappy import connect  # noqa: F401 - a fixture
from host_tests.clients.test_ophyd import session  # noqa: F401 - a fixture
from tools.emulator import stand_ins


@pytest.fixture(params=["lakeshore331", "lakeshore336"])
def controller(request, start_node):
    instrument = stand_ins.BEHIND[request.param]()
    lines, environment = instrument.where()
    yield start_node(request.param, lines=lines, **environment)
    instrument.close()


def test_frappys_client_drives_it(controller, connect):  # noqa: F811
    client = connect(controller)
    assert client.getParameter("loop", "value", trycache=False).value == pytest.approx(295, abs=20)
    assert client.setParameter("heater_range", "target", 3).value == 3
    assert client.setParameter("loop", "target", 300.0).value == 300.0
    assert client.getParameter("loop", "status", trycache=False).value[0] == 300
    client.execCommand("loop", "stop")
    assert client.getParameter("loop", "status", trycache=False).value[0] == 100


def test_ophyd_drives_it(controller, session):  # noqa: F811
    async def what(node):
        await node.heater_range.target.set(3)
        status = node.loop.set(296.0)
        await node.loop.target.read()
        await status
        return (await node.loop.read())[node.loop.value.name]["value"], await node.read()

    value, readings = session(controller, what)
    assert value == pytest.approx(296, abs=0.2) and len(readings) > 3
