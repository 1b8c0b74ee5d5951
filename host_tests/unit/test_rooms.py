"""The firmware's rooms stay small, and a request goes down through them, not round and round."""

import ast
from pathlib import Path

import pytest

from host_tests.properties.served import Served
from tools import paths

SCRIPT = Path(__file__).with_name("entering.py")
ROOMS = ("node.py", "requests.py", "calls.py", "updates.py", "session.py", "outbox.py", "serial.py", "keeping.py")
LINES, METHODS, ENTRIES = 350, 25, 2
# one table of data types, and one of an oven's parameters: each is one concept, and gets no clearer in pieces
LONG_FILES = ("secnode/datainfo.py", "modules/oven.py")
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
        ("read lamp:value", "reply lamp:value [5", {"requests.py", "calls.py", "updates.py", "outbox.py"}),
        ("change lamp:target 7", "changed lamp:target [7", {"requests.py", "calls.py", "updates.py", "outbox.py"}),
    ],
)
def test_a_request_enters_each_room_at_most_twice(entering, line, answer, through):
    got, entered = entering.ask("entered", line)
    assert got.startswith(answer)
    assert through <= set(entered), "the way that it is known to go"
    assert {room: n for room, n in entered.items() if room in ROOMS and n > ENTRIES} == {}
    assert entered["requests.py"] == entered["calls.py"] == 1
