"""What is copied to a board: firmware without descriptions, and a description that no other firmware serves."""

import ast
import shutil
import subprocess

import pytest

from host_tests import harness
from tools import paths
from tools.build import micropython
from tools.emulator import host
from tools.image import image, nodes
from tools.image.emptied import emptied
from tools.problem import Problem

FIRMWARE = {p.relative_to(paths.FIRMWARE).as_posix(): p.read_text("utf-8") for p in sorted(paths.FIRMWARE.rglob("*.py"))}
_HEAD = "from secnode.module import Command, Module, Parameter\nfrom secnode.node import Node\n"
SOURCES = {
    "one line": 'p = Parameter(x, description="light output", unit="%")\n',
    "nested calls": 'n = Node((Parameter(Module(description="inner one"), description="outer one"), '
    'Module(description="third one")))\n',
    "implicitly concatenated": 'p = Parameter(\n    description="first part "\n    "second part",\n    unit="K",\n)\nl = 1\n',
    "in parentheses": 'p = Parameter(\n    description=(\n        "first part "\n        "second part"\n    ),\n)\nlast = 1\n',
    "triple quotes": 'p = Parameter(description="""first part\nsecond part\nthird part""", unit="K")\nlast = 1\n',
    "continued by a backslash": 'p = Parameter(description="first part " \\\n    "second part", unit="K")\nlast = 1\n',
    "beyond ASCII before it": 'p = Parameter(unit="°C", description="wärmer als außen") ; q = "°"\n',
    "beyond ASCII, several lines": 'p = Parameter(unit="°C", description="wärmer "\n  "als außen", group="Öl") ; q = "°"\n',
    "raw and bytes beside it": 'p = Parameter(b"x", description=r"back\\slash part", c=b"y")\n',
    "two on a line": 'p = (Parameter(description="first part"), Parameter(description="second part"))\n',
    "several lines, two of them": 'p = (Parameter(description="first "\n"part"), '
    'Parameter(description="second "\n"part"), 7)\nlast = 1\n',
    "a name is no text": 'text = "kept"\np = Parameter(description=text)\n',
    "no call": 'text = "kept"\nd = {"description": "kept"}\n',
    "comment between": 'p = Parameter(description="first part "  # why\n    "second part")  # and this\nlast = 1\n',
    "windows line ends": 'p = Parameter(\r\n    description="first part "\r\n    "second part",\r\n)\r\nlast = 1\r\n',
    "nothing": "",
}  # fmt: skip
# whose description each is: what a call means is looked up, and left alone where that is not sure
MEANT = {
    "from secnode.module import Parameter as P\nP(x, 'yes')\nP(x, description='yes')\nCommand(1, 2, 'yes')\n": True,
    "import secnode.module\nsecnode.module.Command(None, None, 'yes')\n": True,
    "from secnode import module, node\nmodule.Parameter(x, 'yes')\nnode.Node(description='yes')\n": True,
    "from secnode.limits import Limit\nLimit('yes')\nLimit(description='yes')\n": True,
    "def f():\n    from secnode.node import Node as N\n    return N('yes', description='yes')\n".replace(
        "N('yes', ", "N("
    ): True,
    "from modules.thermometer import Thermometer\nThermometer(1, description='yes')\n": True,
    "class A(Module):\n    pass\n\n\nclass B(A):\n    pass\n\n\nB(name='b', description='yes')\n": True,
    "from helper import Base\n\n\nclass B(Base):\n    pass\n\n\nB(description='yes')\nBase(description='yes')\n": True,
    "class Plain:\n    pass\n\n\nclass B(Plain, Module):\n    pass\n\n\nB(description='yes')\n": True,
    "log(description='no')\nself.log(description='no')\nuart.Parameter(x, 'no')\n": False,
    "def Parameter(x, description):\n    pass\n\n\nParameter(x, description='no')\nParameter(x, 'no')\n": False,
    "def f(Node):\n    Node(description='no')\n": False,
    "for Node in things:\n    Node(description='no')\n": False,
    "class Node:\n    pass\n\n\nNode(description='no')\n": False,
    "from mine import Command\nCommand(1, 2, 'no')\n": False,
    "from mine import *\nNode(description='no')\n": False,
    "import secnode.datainfo\nsecnode.datainfo.Double(description='no')\n": False,
    "Parameter(*more, 'no')\n": False,
    "class A(Module):\n    def __init__(self, description):\n        self.x = description\n\n\nA(description='no')\n": False,
    "class A(Module):\n    def __init__(self, **k):\n        self.told = k['description']\n\n\nA(description='no')\n": False,
    "from helper import Keeps\n\n\nclass A(Keeps, Module):\n    pass\n\n\nA(description='no')\n": False,
    "from unknown import Mixin\n\n\nclass A(Mixin, Module):\n    pass\n\n\nA(description='no')\n": False,
    "class A(Module, metaclass=M):\n    pass\n\n\nA(description='no')\n": False,
    "@changed\nclass A(Module):\n    pass\n\n\nA(description='no')\n": False,
    "class A(A):\n    pass\n\n\nA(description='no')\n": False,
}
HELPER = """
from secnode.module import Readable


class Base(Readable):
    pass


class Keeps:
    def __init__(self, **more):
        self.description = more.pop("description")
"""


class _Emptied(ast.NodeTransformer):
    """Descriptions become empty; f-strings and names stay."""

    def visit_keyword(self, node):
        self.generic_visit(node)
        if node.arg == "description" and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            node.value = ast.Constant("")
        return node


def lines_of(tree):
    """Where each statement and each name stands, what is inside descriptions left out."""
    return [
        (type(n).__name__, n.lineno) for n in ast.walk(tree) if isinstance(n, (ast.stmt, ast.Name, ast.Call, ast.keyword))
    ]  # fmt: skip


def check(name, source):
    found = emptied(FIRMWARE | {"helper.py": HELPER, name: source})[name]
    compile(found, "found", "exec")
    before, after = ast.parse(source), ast.parse(found)
    assert len(found.splitlines()) == len(source.splitlines())
    assert lines_of(after) == lines_of(before)
    return found


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_descriptions_go_and_nothing_else(source):
    found = check("nodes/mine.py", _HEAD + source)
    assert ast.dump(ast.parse(found)) == ast.dump(_Emptied().visit(ast.parse(_HEAD + source)))
    for word in ("part", "first", "light", "inner", "outer", "third", "wärmer", "außen"):
        assert word not in found


@pytest.mark.parametrize("source", MEANT)
def test_a_description_goes_where_it_is_sure_whose_it_is(source):
    found = check("nodes/mine.py", _HEAD + source)
    assert found == _HEAD + (source.replace("'yes'", '""') if MEANT[source] else source)


@pytest.mark.parametrize("name", FIRMWARE)
def test_the_firmware_without_descriptions_is_the_same_program(name):
    found = check(name, FIRMWARE[name])
    assert ast.dump(_Emptied().visit(ast.parse(found))) == ast.dump(_Emptied().visit(ast.parse(FIRMWARE[name])))


@pytest.mark.parametrize("node", nodes.names())
def test_what_is_copied_holds_no_description(node):
    contents = image.files(node)
    description = contents["description.json"].decode()
    for name, content in contents.items():
        for call in ast.walk(ast.parse(content)) if name.endswith(".py") else ():
            for keyword in getattr(call, "keywords", ()):
                if keyword.arg == "description" and isinstance(keyword.value, ast.Constant):
                    assert keyword.value.value == "", (name, keyword.value.value)
    assert '"description":""' not in description


@pytest.mark.parametrize("node", nodes.names())
def test_an_image_is_stable(node):
    assert image.files(node) == image.files(node)
    folder = image.build(node)
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()}
    image.build(node)
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()} == before


def test_an_image_has_one_node_and_its_fingerprint():
    contents = image.files("outside")
    assert [name for name in contents if name.startswith("nodes/")] == ["nodes/__init__.py", "nodes/outside.py"]
    fingerprint = contents["description.json"].splitlines()[-1]
    assert fingerprint in contents["stamp.py"]
    assert fingerprint != image.files("example_heater")["description.json"].splitlines()[-1]


def test_a_compiled_image_is_the_same_program_with_its_line_numbers(tmp_path):
    try:
        cross = micropython.cross()
    except Problem as e:
        if harness.in_ci():
            raise
        pytest.skip(f"level board-like is missing here: {e}")
    contents = image.files("outside")
    found = image.compiled({**contents, "late.py": b"\n\n\ndef f():\n    return 1 // 0\n"}, cross)
    as_source = {"boot.py", "main.py", "description.json", "discovery.json", "outputs.txt", "panel"}
    assert {name for name in found if not name.endswith(".mpy")} == as_source
    there = {name for name, content in contents.items() if content}  # an empty file says nothing that its folder does not
    assert {name[:-4] for name in found if name.endswith(".mpy")} == {name[:-3] for name in there - as_source} | {"late"}
    assert image.build("outside", mpy_cross=cross) == image.build("outside", mpy_cross=cross)
    (tmp_path / "late.mpy").write_bytes(found["late.mpy"])
    command = [harness.interpreter("board-like"), "-c", "import late; late.f()"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert 'File "late.mpy", line 5, in f' in done.stderr
    with pytest.raises(Problem, match="wrong.py"):
        image.compiled({"wrong.py": b"def"}, cross)


# ---- a description that is not the firmware's own


def start(level, folder):
    """Power on an image that is expected to refuse; gives what ended."""
    return subprocess.run(
        host.command(harness.interpreter(level), folder), env=host.environment(port=harness.free_port()),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=20,
    )  # fmt: skip


def other(folder):
    shutil.copy(image.build("outside") / "description.json", folder / "description.json")


def older(folder):
    file = folder / "description.json"
    file.write_bytes(file.read_bytes()[:-17] + b"0123456789abcdef\n")


def without_end(folder):
    file = folder / "description.json"
    file.write_bytes(file.read_bytes()[:-1])


def half(folder):
    file = folder / "description.json"
    file.write_bytes(file.read_bytes()[:500])


def empty(folder):
    (folder / "description.json").write_bytes(b"")


def missing(folder):
    (folder / "description.json").unlink()


@pytest.mark.parametrize("spoil", [other, older, without_end, half, empty, missing], ids=lambda f: f.__name__)
def test_a_node_with_another_description_refuses_to_start(level, tmp_path, spoil):
    folder = tmp_path / "image"
    # as it is on a board: it could not compile all of it
    mpy_cross = micropython.cross() if level in harness.HEAPS else None
    shutil.copytree(image.build("example_heater", mpy_cross=mpy_cross), folder)
    spoil(folder)
    done = start(level, folder)
    assert done.returncode == 2, done.stdout
    lines = done.stdout.splitlines()
    assert len(lines) == 1, done.stdout
    assert "description.json" in lines[0]
