"""A node of SECoP 2.0 beside one of 1.0, on the wire: what the board says is what the PC has described."""

import json

import pytest

from host_tests import harness
from tools import secop
from tools.image import image
from tools.image import nodes as shipped

NODE = str(harness.NODES / "version2.py")


@pytest.mark.parametrize("level", ["frozen"], indirect=True)  # the others: host_tests/conformance/test_own.py
@pytest.mark.parametrize("version", secop.OURS)
@pytest.mark.parametrize("name", shipped.names())
def test_every_shipped_node_is_of_either_version(start_node, tmp_path, name, version):
    file = tmp_path / f"{name}.toml"  # the implementation of a class in it has the file's name
    file.write_text(f'node = "{name}"\nsecop = "{version}"\n')
    with start_node(str(file)).connect() as wire:
        assert wire.ask("*IDN?") == secop.IDENTIFICATIONS[version]
        report = json.loads(wire.ask("describe").removeprefix("describing . "))
    assert report == json.loads(image.describe(name, version=version))


def test_a_node_of_2_0_answers_as_one(nodes):
    with nodes(NODE).connect() as wire:
        assert wire.ask("*IDN?") == "ISSE,SECoP,,v2.0"
        report = json.loads(wire.ask("describe").removeprefix("describing . "))
        assert report["systems"]["magnet"]["modules"] == {"B": "field", "T": "coil"} and len(report["schemata"]) == 2
        assert "secop" not in report
        assert wire.ask("do field:prepare").startswith("done field:prepare")
        assert harness.value(wire, "field:status") == [150, "the switch is open"]
        assert wire.ask("do field:go").startswith("done field:go")
        assert harness.value(wire, "field:status")[0] == 300
        assert wire.ask("do field:hold").startswith("done field:hold")
        assert harness.value(wire, "field:status") == [150, "paused"]
