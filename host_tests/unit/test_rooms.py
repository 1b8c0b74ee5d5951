"""The firmware's rooms stay small, and a request goes down through them, not round and round."""

import ast
import re
from pathlib import Path

import pytest

from host_tests.properties.served import Served
from host_tests.unit import test_imports
from tools import paths

SCRIPT = Path(__file__).with_name("entering.py")
ROOMS = ("node.py", "requests.py", "calls.py", "updates.py", "session.py", "outbox.py", "serial.py", "keeping.py")
READ, CHANGE = "read lamp:value", "change lamp:target 7"
LINES, METHODS, ENTRIES = 350, 25, 2
# one table of data types, and one of an oven's parameters: each is one concept, and gets no clearer in pieces. The guard's
# thresholds are described where they are, which makes it longer than it ought to be
LONG_FILES = ("secnode/datainfo.py", "modules/oven.py", "control/guard.py")
FIRMWARE = sorted(paths.FIRMWARE.rglob("*.py"))


def name(path):
    return path.relative_to(paths.FIRMWARE).as_posix()


def methods(source):
    """{class: how many methods it has} of a source."""
    classes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]
    return {c.name: sum(isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef) for s in c.body) for c in classes}


@pytest.mark.parametrize("path", FIRMWARE, ids=name)
def test_a_file_and_its_classes_can_be_read_at_once(path):
    source = path.read_text("utf-8")
    if name(path) not in LONG_FILES:
        assert len(source.splitlines()) <= LINES
        for found, count in methods(source).items():
            assert count <= METHODS, found


def test_the_count_would_notice():
    source = "class A:\n    x = 1\n    def a(self): pass\n    async def b(self): pass\nclass B: pass\n"
    assert methods(source) == {"A": 2, "B": 0}
    assert {name(path) for path in FIRMWARE} >= {f"secnode/{room}" for room in ROOMS} | set(LONG_FILES)


@pytest.fixture(scope="module")
def entering():
    served = Served("cpython", SCRIPT)
    yield served
    served.close()


@pytest.mark.parametrize(
    ("line", "answer", "through"),
    [
        (READ, "reply lamp:value [5", {"requests.py", "calls.py", "updates.py", "outbox.py"}),
        (CHANGE, "changed lamp:target [7", {"requests.py", "calls.py", "updates.py", "outbox.py"}),
    ],
)
def test_a_request_enters_each_room_at_most_twice(entering, line, answer, through):
    got, entered, _ = entering.ask("entered", line)
    assert got.startswith(answer)
    assert through <= set(entered), "the way that it is known to go"
    assert {room: n for room, n in entered.items() if room in ROOMS and n > ENTRIES} == {}
    assert entered["requests.py"] == entered["calls.py"] == 1


# ---- the pictures of docs/architecture.md


def picture(heading):
    """The boxes of the picture below a heading, and its arrows, pairs of boxes."""
    text = (paths.ROOT / "docs" / "architecture.md").read_text("utf-8").partition(heading + "\n")[2]
    lines = text.partition("```mermaid\n")[2].partition("```")[0].splitlines()[1:]
    ends = [re.split(r" (?:-- .+ )?--> ", re.sub(r"[(\[]+.*[)\]]+", "", line.strip())) for line in lines]
    arrows = {(a.strip(), b.strip()) for a, *more in ends for many in more for b in many.split("&")}
    return {box for a, *more in ends for many in (a, *more) for box in map(str.strip, many.split("&"))}, arrows


def test_the_picture_of_the_rooms_is_true():
    boxes, arrows = picture("# How it is laid out, and why")
    assert set(test_imports.PARTS) <= boxes
    one = {"running": "main", "network": "machine"}  # in one box
    true = set()
    for path in FIRMWARE:
        part = path.relative_to(paths.FIRMWARE).parts[0].removesuffix(".py")
        for _, wanted in test_imports.imports(path):
            true.add((one.get(part, part), one.get(wanted, wanted)))
    true = {(a, b) for a, b in true if a != b and {a, b} <= boxes}
    assert arrows == true


def test_the_picture_of_a_requests_way_is_true(entering):
    boxes, arrows = picture("## The way of a request")
    steps = [step.replace(".py", "").split() for line in (READ, CHANGE) for step in entering.ask("entered", line)[2]]
    true = {(a, b) for a, b in steps if {a + ".py", b + ".py"} <= set(ROOMS)}
    assert {(a, b) for a, b in arrows if {a + ".py", b + ".py"} <= set(ROOMS)} == true
    assert {("client", "transport"), ("transport", "session"), ("outbox", "transport"), ("calls", "driver")} <= arrows
