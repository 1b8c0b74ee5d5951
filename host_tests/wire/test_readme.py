"""The README's own sensor, as it stands there, in a file of its own: on the wire, and in frappy's client."""

import re

import pytest
from frappy.client import SecopClient

from host_tests import harness


@pytest.fixture(scope="module")
def light(level, tmp_path_factory):
    text = (harness.ROOT / "README.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    file = tmp_path_factory.mktemp("lab") / "light.py"
    file.write_text(code)
    process = harness.NodeProcess(level, file)
    yield process
    process.stop()


def test_size():
    """A new sensor is a class of about fifteen lines and an entry in a node."""
    text = (harness.ROOT / "README.md").read_text("utf-8")
    (code,) = re.findall(r"^class Light.*?(?=^def node)", text, re.DOTALL | re.MULTILINE)
    assert len([line for line in code.splitlines() if line]) <= 15


def test_on_the_wire(light):
    with light.connect() as wire:
        _, specifier, (value, qualifiers) = harness.split(wire.ask("read light:value"))
        assert specifier == "light:value" and 0 < value < 100 and qualifiers["t"] > 1.7e9
        _, _, report = harness.split(wire.ask("describe"))
        assert report["equipment_id"] == "mylab_light"
        assert report["modules"]["light"]["accessibles"]["value"]["datainfo"] == {
            "type": "double", "unit": "%", "min": 0, "max": 100,
        }  # fmt: skip
        wire.send("activate")
        assert wire.until("active")[1]
        assert wire.until("update light:value")  # polled, without being asked


def test_in_frappys_client(light):
    client = SecopClient(f"127.0.0.1:{light.port}", log=None)
    try:
        client.connect()
        value, t, error = client.getParameter("light", "value")
        assert error is None and 0 < value < 100 and t > 1.7e9
    finally:
        client.disconnect()
