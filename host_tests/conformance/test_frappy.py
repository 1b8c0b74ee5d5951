"""What `secnode check-node` finds in frappy's demo nodes; each line was checked by hand, and docs/check.md tells of them."""

import pytest

from host_tests.conformance.demo import NODES, Demo
from tools.__main__ import main

# what every node of frappy-core 0.20.9 has; JSON that is none, and data behind an action that is none, end in its receiver
OF_ALL = {
    "no_such_action with:some data: the error has to be ProtocolError, not InternalError",
    "the error has to be BadJSON, not InternalError",
}
MORE = {
    "magnet": {"mf:status: the status RAMPING is 302, and SECoP's RAMPING is 370"},
    "datatypes": {
        "types:value: something that should never happen: InternalError: ConfigError: parameter 'value' not initialized",
        "types:_struct: something that should never happen: InternalError: ConfigError: parameter 'struct' not initialized",
    },
    "test": {"commands: the property interface_classes is missing"},
}


@pytest.mark.parametrize("name", NODES)
def test_a_demo_node_of_frappy(capsys, name):
    with Demo(name) as node:
        code = main(["check-node", node.address, "--quiet"])
    found = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("error", "warning"))]
    expected = OF_ALL | MORE.get(name, set())
    assert code == 1 and len(found) == len(expected), found
    for words in expected:
        assert [line for line in found if words in line], (words, found)
