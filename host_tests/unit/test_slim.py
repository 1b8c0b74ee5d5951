"""What is done to the firmware for a small heap leaves it the same program, line for line, and a user's file as it is."""

import ast
import subprocess

import pytest

from host_tests import harness
from tools.image import image, nodes, shake, texts

NODES = nodes.names()


def contents(**files):
    """p__q is p/q.py, p__init is p/__init__.py."""
    names = {name: name.replace("__", "/").replace("/init", "/__init__") + ".py" for name in files}
    return {names[name]: source.encode() for name, source in files.items()}


@pytest.mark.parametrize("node", NODES)
def test_every_line_of_the_firmware_stays_where_it_was(node):
    before = image.files(node)
    for name, content in image.slimmed(before).items():
        if name.endswith(".py"):
            assert len(content.splitlines()) == len(before[name].splitlines()), name
            ast.parse(content)


@pytest.mark.parametrize("node", NODES)
def test_it_is_smaller_and_stable(node):
    before, after = image.files(node), image.slimmed(image.files(node))
    assert sum(map(len, after.values())) < sum(map(len, before.values()))
    assert after == image.slimmed(image.files(node))
    assert after["description.json"] == before["description.json"] and after["stamp.py"] == before["stamp.py"]
    assert "texts.py" in after and after["texts"]


NODE = '''
print("a first statement that is an expression")
from secnode.datainfo import Double
from secnode.module import Parameter, Readable
from secnode.node import Node


class Probe(Readable):
    value = Parameter(Double(), description="what it measures")
    _lowest, _highest = 3, 7
    _query = "MEAS:VOLT:DC? 10, 0.001 and more\\n"

    def read_value(self, long_name_of_an_argument=1):
        """What was measured just now."""
        self.uart.write("MEAS:VOLT:DC? 10, 0.001 and more\\n")
        return open("a long name of a file", description="the description of something else")


def node(board):
    return Node(equipment_id="a.b", description="a node", modules=(Probe(name="p", description="a probe"),))
'''


def test_a_users_file_is_not_rewritten_but_for_its_descriptions(tmp_path):
    (tmp_path / "mine.py").write_text(NODE)
    before = image.files(str(tmp_path / "mine.py"))
    after = image.slimmed(before)["nodes/mine.py"].decode()
    assert after == before["nodes/mine.py"].decode()
    for text in ("what it measures", "a node", "a probe"):
        assert f'"{text}"' in NODE
    expected = NODE
    for text in ("what it measures", "a node", "a probe"):
        expected = expected.replace(f'"{text}"', '""')
    assert after == expected


# ---- modules that nothing imports


def shaken(own=("main.py",), **files):
    found = shake.shaken(contents(**files), set(own))
    return {name: content.decode() for name, content in found.items()}


def test_what_nobody_imports_goes_and_what_somebody_imports_stays_as_it_is():
    library = "from sensors import one\n\n\ndef used():\n    return 1\n\n\ndef unused():\n    return one\n"
    found = shaken(main="import library\nlibrary.used()\n", library=library, sensors="one = 1\n", other="z = 1\n")
    assert set(found) == {"main.py", "library.py", "sensors.py"}
    assert found["library.py"] == library


def test_an_import_inside_a_function_counts_and_a_package_is_kept_around_it():
    found = shaken(main="def run():\n    from p.q import late\n", p__init="", p__q__late="", p__q__init="", p__other="")
    assert set(found) == {"main.py", "p/__init__.py", "p/q/__init__.py", "p/q/late.py"}


def test_relative_imports_count():
    files = {
        "p__init": "from . import a\n",
        "p__a": "from .q.b import c\n",
        "p__q__b": "from ..e import s\n",
        "p__d": "",
        "p__e": "",
    }
    assert set(shaken(main="import p\n", **files)) == {"main.py", "p/__init__.py", "p/a.py", "p/q/b.py", "p/e.py"}


@pytest.mark.parametrize(
    "line, kept",
    [
        ('__import__("drivers.one")', {"drivers/one.py"}),
        ('__import__("drivers." + which)', {"drivers/one.py", "drivers/two.py"}),
        ("load = __import__", {"drivers/one.py", "drivers/two.py"}),
        ('exec("import drivers.two")', {"drivers/one.py", "drivers/two.py"}),
        ("import importlib", {"drivers/one.py", "drivers/two.py"}),
    ],
)
def test_where_a_users_file_may_import_anything_all_modules_stay(line, kept):
    files = {"drivers__one": "", "drivers__two": ""}
    assert set(shaken(main=line + "\n", **files)) == {"main.py"} | kept
    # in the firmware such a line is known
    assert set(shaken(main="import more\n", more=line + "\n", **files)) - {"main.py", "more.py"} <= {"drivers/one.py"}


def test_no_module_of_the_firmware_imports_what_nobody_sees_in_it_but_the_node():
    found = []
    for path in sorted(image.paths.FIRMWARE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | set(shake.imported(tree))
        if names & {"__import__", "exec", "eval", "importlib"}:
            found.append(path.relative_to(image.paths.FIRMWARE).as_posix())
    assert found == ["running.py"]


def test_buses_come_with_a_node_that_names_one():
    without = image.slimmed(image.files("example_heater", "RPI_PICO"), "RPI_PICO")
    assert not {"inputs.py", "buses.py", "drivers/i2c.py", "drivers/spi.py"} & set(without)
    node = str(image.paths.ROOT / "host_tests" / "nodes" / "platinum_heater.py")
    found = image.slimmed(image.files(node, "RPI_PICO"), "RPI_PICO")
    assert {"buses.py", "drivers/spi.py"} <= set(found) and "drivers/i2c.py" not in found


# ---- texts


TEXTS = '''"""Doc string."""
T = "a text of a module"


def f(x, y="a text of a default"):
    """Doc string."""
    uart.write("a text for an instrument")
    uart.write("a text for %s instruments" % x)
    raise E("this is %s the "
        "matter" % x, "short one", "nowordsbutlong", f"not {x} of these", b"nor bytes of these")
'''


IMPORT = '""; from texts import get'  # in place of the docstring


def test_texts_go_into_a_file(tmp_path):
    found = texts.taken_out(contents(m=TEXTS))
    code = found["m.py"].decode()
    assert code.splitlines()[0] == IMPORT
    assert "raise E(get(256)\n % x" in code and code.count("get(") == 1
    assert len(code.splitlines()) == len(TEXTS.splitlines())
    assert said("cpython", tmp_path, found["texts"]) == ["this is %s the matter"]


def test_a_file_may_have_the_name_by_which_texts_are_got():
    for own, name in (
        ("_text = get = bytearray(4)", "_text_"), ("def get(): pass", "_text"), ("import json as get", "_text"),
        ("from json import get", "_text"), ("def g(get): pass", "_text"), ("{}.get(1)", "get"),
    ):  # fmt: skip
        code = texts.taken_out(contents(m=f"{TEXTS}\n\n{own}\n"))["m.py"].decode()
        ending = "" if name == "get" else f" as {name}"
        assert code.splitlines()[0] == IMPORT + ending and f"raise E({name}(256)" in code
        assert f"\n{own}\n" in code


def test_what_is_no_firmware_keeps_its_texts():
    assert texts.taken_out(contents(m=TEXTS), {"m.py"}) == contents(m=TEXTS) | {"texts": b""}


def test_a_file_whose_first_statement_is_no_docstring_stays_as_it_is():
    source = 'print("a text that is said")\n\n\ndef f():\n    return "another text that is said"\n'
    assert texts.taken_out(contents(m=source))["m.py"].decode() == source


def test_the_same_text_is_there_once(tmp_path):
    found = texts.taken_out(
        contents(a='""\n\n\ndef f():\n    return "the same old °"\n', b='""\n\n\ndef f():\n    return "the same old °"\n')
    )
    assert said("cpython", tmp_path, found["texts"]) == ["the same old °"]


AWKWARD = [
    "\0\0 of nothing \0\0",
    "°°°° on and on °°°°",
    "aaaaaaaa aaaaaaaaa",
    "x" + " x" * 127,
    "a text, and a text, and a text",
]


def said(level, folder, found):
    """What a level finds in its file for each text that is in it, and for a place where none is."""
    (folder / "texts").write_bytes(found)
    places = [256]
    while places[-1] < len(found):
        places.append(places[-1] + 1 + found[places[-1]])
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\nfrom texts import get\n"
        f"for place in {places}: print(get(place).replace('\\n', '|'))"
    )
    (folder / "say.py").write_text(code)
    words = [harness.interpreter(level), "say.py", str(image.paths.FIRMWARE)]
    done = subprocess.run(words, cwd=folder, capture_output=True, encoding="utf-8", check=True)
    *texts, last = done.stdout.splitlines()
    assert last == f"text {places[-1]} is gone"
    return texts


def test_a_text_is_found_in_its_file(level, tmp_path):
    source = '""\n\n\ndef f():\n    return ' + ascii(AWKWARD)
    assert said(level, tmp_path, texts.taken_out(contents(m=source))["texts"]) == AWKWARD


def test_each_text_of_the_firmware_is_found(level, tmp_path):
    slim = image.slimmed(image.files("furnace"))
    found = set(said(level, tmp_path, slim["texts"]))
    node = {s.value.replace("\n", "|") for name, text in image.files("furnace").items() if name.endswith(".py")
            for s in ast.walk(ast.parse(text)) if isinstance(s, ast.Constant) and isinstance(s.value, str)}  # fmt: skip
    assert found <= node and len(found) > 150
    assert len(slim["texts"]) < 0.7 * sum(len(text.encode()) + 1 for text in found)
