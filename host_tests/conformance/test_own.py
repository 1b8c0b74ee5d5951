"""Every node that ships passes `secnode check-node`, in both versions of SECoP, at every level; and is what was described."""

import json

import pytest

from host_tests import harness
from tools import secop
from tools.__main__ import main
from tools.conformance import talking
from tools.image import image
from tools.image import nodes as shipped

level = harness.level_fixture(*harness.LEVELS, "board-like")


@pytest.fixture
def check(monkeypatch, capsys):
    monkeypatch.setattr(talking, "_WATCH", 0.25)  # at 20 times the speed modules are polled 20 times a second
    monkeypatch.setattr(talking, "_QUIET", 0.1)

    def check(node, *options):
        code = main(["check-node", node.uri, "--strict", *options])
        return code, capsys.readouterr().out

    return check


@pytest.mark.parametrize("version", secop.OURS)
@pytest.mark.parametrize("name", shipped.names())
def test_every_shipped_node_conforms(start_node, tmp_path, check, name, version):
    file = tmp_path / f"{name}.toml"
    file.write_text(f'node = "{name}"\nsecop = "{version}"\n')
    node = start_node(str(file), speed=20)
    with node.connect() as wire:
        assert wire.ask("*IDN?") == secop.IDENTIFICATIONS[version]
        report = json.loads(wire.ask("describe").removeprefix("describing . "))
    assert report == json.loads(image.describe(name, version=version))
    code, out = check(node, "--drive")
    assert code == 0 and " checks: 0 errors, 0 warnings" in out and f",v{version}," in out, out


@pytest.mark.parametrize("name", ["version2", "kinds", "output", "kept", "ten"])
def test_so_do_nodes_with_all_there_is(nodes, check, name):
    code, out = check(nodes(harness.NODES / f"{name}.py"))
    assert code == 0, out
