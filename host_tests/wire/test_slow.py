"""A driver's method that holds up the board is named in the log, once."""

import re
import time

from host_tests import harness
from host_tests.harness import wait

SLOW = harness.NODES / "slow.py"


def said(node, what):
    return [int(ms) for ms in re.findall(rf"info slow: {what} held up the board for (\d+) ms", node.log)]


def test_it_is_logged_once_with_its_name(start_node):
    node = start_node(SLOW)
    with node.connect() as wire:
        for i in range(4):
            assert wire.ask(f"change slow:target {i}").startswith("changed slow:target")
        assert wire.ask("do slow:_go").startswith("done slow:_go")
        wait(lambda: said(node, "value"))
        for line in ("read fine:value", "do slow:_go"):
            wire.ask(line)
        time.sleep(0.5)
    for what, least in (("value", 60), ("target", 70), ("_go", 80)):
        (ms,) = said(node, what)
        assert ms >= least - 1, what
    assert "info fine" not in node.log
