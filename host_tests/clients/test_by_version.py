"""Which client takes a node of which version of SECoP: the table in docs/connect.md."""

import asyncio
import json

import pytest

from host_tests.clients import test_frappy, test_ophyd
from tools import secop
from tools.image import image

session = test_ophyd.session
NODES = ("example_heater", "outside", "pulse_counter")

versions = pytest.mark.parametrize("version", secop.OURS)
names = pytest.mark.parametrize("name", NODES)


@pytest.fixture
def node(start_node, tmp_path, name, version):
    file = tmp_path / f"{name}.toml"
    file.write_text(f'node = "{name}"\nsecop = "{version}"\n')
    return start_node(str(file), speed=20)


def parameters(name, version):
    for module, described in json.loads(image.describe(name, version=version))["modules"].items():
        for parameter, accessible in described["accessibles"].items():
            if accessible["datainfo"]["type"] != "command":
                yield module, parameter


@versions
@names
def test_frappys_client(node, name, version):
    client = test_frappy.Client(node)
    client.connect(try_period=10)
    try:
        for module, parameter in parameters(name, version):
            found = client.readParameter(module, parameter.removeprefix("_"))  # as it names them
            assert found.readerror is None, (module, parameter)
        if name == "pulse_counter":
            client.execCommand("detector", "go")
            assert client.readParameter("detector", "status").value[0] >= 100
    finally:
        client.disconnect()


@versions
@names
def test_secop_ophyd(node, session, name, version):
    async def what(device):
        for module, parameter in parameters(name, version):
            await getattr(getattr(device, module), parameter.removeprefix("_")).get_value()
        return {**await device.read(), **await device.read_configuration()}

    assert session(node, what)


@versions
@names
def test_fastcs_secop(node, name, version):
    fastcs_secop = pytest.importorskip("fastcs_secop", reason="fastcs-secop is not there: it needs Python 3.12 or newer")
    connections = pytest.importorskip("fastcs.connections")

    async def attributes():
        settings = connections.IPConnectionSettings(ip="127.0.0.1", port=node.port)
        quirks = fastcs_secop.SecopQuirks(raw_tuple=True, raw_struct=True, max_description_length=40)
        controller = fastcs_secop.SecopController(fastcs_secop.SecopControllerSettings(settings, quirks))
        await controller.initialise()
        return {(module, key) for module, sub in controller.sub_controllers.items() for key in sub.attributes}

    assert set(parameters(name, version)) <= asyncio.run(attributes())
