"""What docs/driver.md says of a chip of your own, and docs/testing.md of tests for it, runs as it stands there."""

import os
import re
import subprocess
import sys

import pytest

from host_tests import harness
from host_tests.harness import mentions, split
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
OUTPUTS = """
from modules.analogue_output import AnalogueOutput
from secnode.node import Node


def node(board):
    dac = DAC4(board.i2c("i2c0"))
    names = "a", "b", "c", "d"
    outputs = [AnalogueOutput(of, name=name, description="x") for name, of in zip(names, dac.outputs)]
    return Node(equipment_id="x", description="x", modules=outputs)


class Model:
    said = {}

    def write(self, data):
        self.said[data[0]] = data[1] << 8 | data[2]
        print("said", sorted(self.said.items()))
        return True


def simulate(attach):
    attach("i2c0", 0x4C, Model())
"""


def blocks(page, heading):
    """The pieces of Python below a heading."""
    section = (paths.ROOT / "docs" / page).read_text("utf-8").partition(f"# {heading}\n")[2].partition("\n## ")[0]
    return re.findall("```python\n(.*?)```", section, re.S)


CHIP, MODEL = blocks("driver.md", "A chip of your own")
[DAC] = blocks("driver.md", "Several outputs")
[TEST] = blocks("testing.md", "Test your driver")


def test_a_chip_of_ones_own(start_node, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("\n\n".join([CHIP, MODEL, NODE]))
    node = start_node(path, console=True)
    with node.connect() as wire:
        assert split(wire.ask("read t:value"))[2][0] == 25.0
        wire.ask("activate")
        node.type("fault tmp117 absent")
        _, _, data = split(wire.until("error_update t:value")[0])
        assert data[0] == "CommunicationFailed" and mentions(data[1], "TMP117", "i2c0", "0x48", "ENODEV")
        node.type("fault none")
        wire.until("update t:value")


def test_a_chip_is_as_short_as_the_page_says():
    lines = [line for line in CHIP.splitlines() if line.strip() and not line.startswith(("from", "import"))]
    assert len(lines) <= 16
    assert len([line for line in MODEL.partition("def simulate")[0].splitlines() if line.strip()]) <= 10


def test_several_outputs(start_node, tmp_path):
    path = tmp_path / "four.py"
    path.write_text("\n\n".join([DAC, OUTPUTS]))
    node = start_node(path, console=True)
    with node.connect() as wire:
        assert wire.ask("change b:target 2.5").startswith("changed b:target [2.5")
        assert wire.ask("change d:target 5").startswith("changed d:target [5")
        assert split(wire.ask("read b:value"))[2][0] == 2.5
        harness.wait(lambda: "(17, 32768)" in node.log and "(19, 65535)" in node.log)
        node.type("fault dac4 absent")
        harness.wait(lambda: "absent:" in node.log)
        answer = wire.ask("change b:target 1")
        assert split(answer)[2][0] == "CommunicationFailed" and "DAC4 at i2c0, address 0x4c" in answer


# ---- the plugin for pytest, as a lab has it: installed, and elsewhere


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A folder with a node and the page's test, and the environment of a pytest there that finds secnode installed."""
    folder = tmp_path_factory.mktemp("lab")
    packages = tmp_path_factory.mktemp("packages")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", packages, str(harness.ROOT)],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (folder / "mine.py").write_text("\n\n".join([CHIP, MODEL, NODE]))
    (folder / "test_mine.py").write_text(TEST)
    env = {**os.environ, "PYTHONPATH": str(packages), "XDG_CACHE_HOME": str(packages / "cache")}
    env = {name: value for name, value in env.items() if not name.startswith("PYTEST_")}
    return folder, env


def run(lab, *files):
    folder, env = lab
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=110)
    return done.returncode, done.stdout


def test_a_labs_own_test(lab):
    code, said = run(lab, "test_mine.py")
    assert code == 0 and "1 passed" in said, said


def test_what_a_labs_test_finds(lab):
    """A node with a mistake, a fault that there is none of, a value that does not come, what is kept."""
    folder, _ = lab
    (folder / "wrong.py").write_text(NODE.replace("TMP117(", "TMP118("))
    (folder / "test_rest.py").write_text(
        "import pytest\n\n"
        "def test_mistake(secnode_node):\n    secnode_node('wrong.py')\n\n"
        "def test_no_fault(secnode_node):\n    node = secnode_node('mine.py')\n"
        "    with pytest.raises(ValueError, match='i2c0'):\n        node.fault('tmp118 absent')\n"
        "    assert node.read('t') == 25\n\n"
        "def test_never(secnode_node):\n    secnode_node('mine.py').wait('t', lambda value: value > 30, seconds=0.3)\n\n"
        "def test_shipped(secnode_node):\n    node = secnode_node('example_heater', speed=10)\n"
        "    assert node.change('heater', 40) == 40\n    assert node.read('heater:target') == 40\n    node.do('heater:stop')\n"
        "    node.restart()\n    assert node.read('outside') < 40\n    assert 'heater' in node.description['modules']\n"
        "    assert 'Traceback' not in node.log\n"
    )
    code, said = run(lab, "test_rest.py")
    assert code == 1 and "2 failed, 2 passed" in said, said
    assert re.search(r"wrong\.py:8: NameError: .*'TMP118'", said)
    assert re.search(r"\bt(:value)? .*\b25\.0 .*\b0\.3 s", said)
