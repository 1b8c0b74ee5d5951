"""`secnode check-node` by a serial line."""

import pytest

from tools.__main__ import main
from tools.conformance import talking


@pytest.mark.parametrize("node", ["pulse_counter"])
def test_a_node_on_a_cable_conforms(monkeypatch, capsys, lay, node):
    monkeypatch.setattr(talking, "_WATCH", 0.25)
    code = main(["check-node", lay(node, speed=20).name, "--strict", "--drive"])
    out = capsys.readouterr().out
    assert code == 0 and " checks: 0 errors, 0 warnings" in out, out
