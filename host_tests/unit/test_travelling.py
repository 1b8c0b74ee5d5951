"""What travels with a node, and what is told of a board's lacks."""

import shutil

import pytest

from tools import paths
from tools.image import image
from tools.problem import Problem

HEAD = "from secnode.datainfo import Int\nfrom secnode.module import Parameter, Readable\nfrom secnode.node import Node\n"
BODY = """

class P(Readable):
    value = Parameter(Int(0, 9), description="x")

    def read_value(self):
%s
        return 1


def node(board):
    return Node(equipment_id="a.b", description="x", modules=(P(name="p", description="y"),))
"""


def write(folder, head="", inside="        pass", **files):
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "mine.py").write_text(head + HEAD + BODY % inside)
    return str(folder / "mine.py")


def test_what_is_imported_travels_and_nothing_else(tmp_path):
    node = write(
        tmp_path,
        "import a\n",
        "        from p.q import late",
        a="from b import x\n",
        b="x = 1\n",
        p__q="late = 1\n",
        c="",
        p__r="",
    )
    names = set(image.files(node)) - set(image.files("outside"))
    assert names == {"nodes/mine.py", "a.py", "b.py", "p/q.py"}
    assert image.files(node)["a.py"] == b"from b import x\n"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("settings", "a name of the firmware's own"),
        ("random", "a module of MicroPython"),
        ("onewire", "a module of MicroPython"),
    ],
)
def test_a_name_that_is_taken_is_told(tmp_path, name, said):
    with pytest.raises(Problem, match=said):
        image.files(write(tmp_path, f"import {name}\n", **{name: "x = 1\n"}))


def test_a_name_that_only_cpython_has_is_no_collision(tmp_path):
    assert "logging.py" in image.files(write(tmp_path, "from logging import x\n", logging="x = 1\n"))


@pytest.mark.parametrize(
    ("board", "head", "inside", "said"),
    [
        ("ESP32_GENERIC", "import rp2\n", "        pass", "ESP32_GENERIC has no module rp2"),
        ("RPI_PICO", "import esp32\n", "        pass", "RPI_PICO has no module esp32"),
        ("RPI_PICO", "import network\n", "        pass", "RPI_PICO has no module network"),
        ("RPI_PICO", "", "        import datetime", "RPI_PICO has no module datetime"),
        ("HOST", "import datetime\n", "        pass", "HOST has no module datetime"),
        ("RPI_PICO_W", "from machine import DAC\n", "        pass", "the machine of RPI_PICO_W has no DAC"),
        ("ESP32_GENERIC_C3", "import machine\nmachine.DAC\n", "        pass", "the machine of ESP32_GENERIC_C3 has no DAC"),
        ("RPI_PICO_W", "", "        from machine import TouchPad", "the machine of RPI_PICO_W has no TouchPad"),
    ],
)
def test_what_a_board_lacks_is_told_with_its_name(tmp_path, board, head, inside, said):
    with pytest.raises(Problem, match=said):
        image.describe(write(tmp_path, head, inside), board)


def test_what_may_fail_may_be_asked_for(tmp_path):
    head = "try:\n    import esp32\nexcept ImportError:\n    esp32 = None\nimport utime\n"
    assert image.describe(write(tmp_path, head), "RPI_PICO")


def test_a_board_of_ones_own(tmp_path):
    shutil.copytree(paths.BOARDS / "RPI_PICO_W", tmp_path / "mine")
    with pytest.raises(Problem, match='"build": "RPI_PICO_W"'):
        image.describe("outside", str(tmp_path / "mine"))
    json = tmp_path / "mine" / "board.json"
    json.write_text(json.read_text().replace('"like"', '"build": "RPI_PICO_W", "like"'))
    contents = image.for_board("outside", str(tmp_path / "mine"))
    assert "board.mpy" in contents and "nodes/outside.mpy" in contents
