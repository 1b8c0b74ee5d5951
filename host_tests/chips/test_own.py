"""What docs/driver.md says of a chip of one's own, and of a model for it, runs as it stands there."""

import re

from host_tests import harness
from host_tests.harness import split
from tools import paths

level = harness.level_fixture(*harness.LEVELS, "board-like")

NODE = """
from drivers.chip import Chip
from modules.quantity import Quantity
from secnode.node import Node


def node(board):
    chip = TMP117(board.i2c("i2c0"))
    return Node("x", "x", (Quantity(chip.temperature, name="t", description="t"),))
"""


def test_a_chip_of_ones_own(start_node, tmp_path):
    section = (
        (paths.ROOT / "docs" / "driver.md").read_text("utf-8").partition("## A chip of one's own\n")[2].partition("\n## ")[0]
    )
    blocks = re.findall("```python\n(.*?)```", section, re.S)
    assert len(blocks) == 2
    path = tmp_path / "mine.py"
    path.write_text("\n\n".join([*blocks, NODE]))
    node = start_node(path, console=True)
    with node.connect() as wire:
        assert split(wire.ask("read t:value"))[2][0] == 25.0
        wire.ask("activate")
        node.type("fault tmp117 absent")
        _, _, data = split(wire.until("error_update t:value")[0])
        assert data[:2] == ["CommunicationFailed", "TMP117 at i2c0, address 0x48: it does not answer (ENODEV)"]
        node.type("fault none")
        wire.until("update t:value")
