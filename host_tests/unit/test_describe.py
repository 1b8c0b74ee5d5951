"""A mistake in a node definition is told when the node is described: a line each, with file, module and parameter."""

import json
import os
import re
import subprocess
import sys

import pytest

from host_tests import harness
from tools import paths
from tools.__main__ import main
from tools.image import image, nodes
from tools.problem import Problem

HEAD = """from secnode.datainfo import Array, Blob, Bool, Double, Enum, Int, Matrix, Scaled, String, Struct, Tuple
from secnode.limits import Limit
from secnode.module import *
from secnode.node import Node

"""
NODE = """

def node(board):
    return Node(equipment_id="org.lab", description="a lab", modules=({modules},))
"""
LAMP = 'Lamp(name="lamp", description="a lamp"{more})'
VALUE = "value = Parameter(Double(0, 100, unit='%'), description='light')"
TARGET = "target = Parameter(Double(0, 100, unit='%'), readonly=False, description='wanted light')"
STOP = "def do_stop(self): pass"


def source(*body, base="Readable", more="", modules=LAMP):
    """A node file with one class; `body` lines begin with VALUE unless one defines it."""
    lines = list(body)
    if base != "Module" and not any(line.startswith("value =") for line in lines):
        lines.insert(0, VALUE)
    return HEAD + f"\nclass Lamp({base}):\n    " + "\n    ".join(lines) + "\n" + NODE.format(modules=modules.format(more=more))


COMMUNICATOR = source("pass", base="Communicator").replace(VALUE, "pass")
IDLE_ALONE = "status = Parameter(status_type('IDLE'), description='status', default=(IDLE, ''))"


def parameter(datainfo, **more):
    """A class's line with a custom parameter `_x`."""
    arguments = "".join(f", {key}={value!r}" for key, value in more.items())
    return source(f"_x = Parameter({datainfo}, description='x'{arguments})")


LAMP_VALUE = "module lamp, parameter value"
X = "module lamp, parameter _x"

MISTAKES = {
    # id: (source, [(where, what), ...])
    "module twice": (
        source(modules=LAMP.format(more="") + ', Lamp(name="LAMP", description="another one")'),
        [("module LAMP", "used before")],
    ),
    "parameter twice": (
        source("_x = Parameter(Bool(), description='x')", "_X = Parameter(Bool(), description='X')"),
        [("module lamp, parameter _X", "used before")],
    ),
    "module name no identifier": (
        source(modules=LAMP.format(more="").replace('"lamp"', '"my lamp"')),
        [("module my lamp", "name")],
    ),
    "module name too long": (
        source(modules=LAMP.format(more="").replace('"lamp"', f'"{"l" * 64}"')),
        [("module " + "l" * 64, "63")],
    ),
    "custom name without underscore": (
        source("power = Parameter(Double(), description='power')"),
        [("module lamp, parameter power", "_power")],
    ),
    "custom command without underscore": (
        source("blink = Command(description='blink')", "def do_blink(self): pass"),
        [("module lamp, command blink", "_blink")],
    ),
    "no description of a module": (source(modules='Lamp(name="lamp")'), [("module lamp", "no description")]),
    "no description of a parameter": (source("_x = Parameter(Bool())"), [(X, "no description")]),
    "empty description": (source("_x = Parameter(Bool(), description=' ')"), [(X, "description")]),
    "no description of a command": (
        source("_go = Command()", "def do__go(self): pass"),
        [("module lamp, command _go", "no description")],
    ),
    "no description of the node": (source().replace('description="a lab"', 'description=""'), [("", "no description")]),
    "no equipment_id": (source().replace('"org.lab"', '""'), [("", "no equipment_id")]),
    "no data type": (source("_x = Parameter(None, description='x')"), [(X, "no data type")]),
    "a Readable without data type of its value": (source("value = Readable.value"), [(LAMP_VALUE, "no data type")]),
    "a data type not made": (source("_x = Parameter(Double, description='x')"), [(X, "data type")]),
    "min above max": (parameter("Double(5, 3)"), [(X, "min (5) is above max (3)")]),
    "min above max in a member": (parameter("Array(Int(5, 3), 2)"), [(X + ", members", "min (5) is above max (3)")]),
    "min above max in an argument": (
        source("_go = Command(Struct({'a': Int(5, 3)}), description='go')", "def do__go(self, a): pass"),
        [("module lamp, command _go, argument, member a", "min (5) is above max (3)")],
    ),
    "a limit that is no number": (parameter("Double('low', 3)"), [(X, "min ('low')")]),
    "a limit beyond single precision": (parameter("Double(0, 1e39)"), [(X, "max (1e+39)")]),
    "int without limits": (parameter("Int(None, None)"), [(X, "needs min and max")]),
    "int without arguments": (parameter("Int()"), [("", "min")]),
    "int too large": (parameter("Int(0, 2**25)"), [(X, "2**24")]),
    "int with a broken limit": (parameter("Int(0, 1.5)"), [(X, "whole")]),
    "scaled without scale": (parameter("Scaled(0, 0, 10)"), [(X, "scale")]),
    "enum names twice": (parameter("Enum({'ON': 1, 'on': 2})"), [(X, "'on' twice")]),
    "enum values twice": (parameter("Enum(ON=1, START=1)"), [(X, "1 twice")]),
    "enum without members": (parameter("Enum({})"), [(X, "members")]),
    "enum of texts": (parameter("Enum(ON='1')"), [(X, "ON")]),
    "minchars above maxchars": (parameter("String(3, minchars=4)"), [(X, "minchars (4) is above maxchars (3)")]),
    "minbytes below 0": (parameter("Blob(3, minbytes=-1)"), [(X, "minbytes (-1)")]),
    "minlen above maxlen": (parameter("Array(Bool(), 1, minlen=2)"), [(X, "minlen (2) is above maxlen (1)")]),
    "tuple without members": (parameter("Tuple()"), [(X, "members")]),
    "struct without members": (parameter("Struct({})"), [(X, "members")]),
    "optional that is no member": (parameter("Struct({'a': Bool()}, optional=('b',))"), [(X, "'b'")]),
    "bad elementtype": (parameter("Matrix('f4', ['x'], [3])"), [(X, "'f4'")]),
    "matrix of unequal dimensions": (parameter("Matrix('<f4', ['x'], [3, 3])"), [(X, "dimension")]),
    "bad fmtstr": (parameter("Double(fmtstr='%d')"), [(X, "'%d'")]),
    "negative resolution": (parameter("Double(absolute_resolution=-1)"), [(X, "absolute_resolution")]),
    "unit that is no text": (parameter("Double(unit=5)"), [(X, "unit")]),
    "unknown property of a data type": (parameter("Double(colour='red')"), [(X, "'colour'")]),
    "unknown property of a parameter": (parameter("Double()", colour="red"), [(X, "'colour'")]),
    "unknown property of a module": (source(more=", colour='red'"), [("module lamp", "'colour'")]),
    "unknown property of the node": (source().replace("modules=", "colour='red', modules="), [("", "'colour'")]),
    "property None": (parameter("Double()", group=None), [(X, "'group' is None")]),
    "property that is no JSON": (source(more=", _it={1}"), [("module lamp", "JSON")]),
    "property not finite": (source(more=", _it=float('nan')"), [("module lamp", "JSON")]),
    "visibility wrong": (parameter("Double()", visibility="all"), [(X, "visibility")]),
    "visibility of a module wrong": (source(more=", visibility=3"), [("module lamp", "visibility")]),
    "group equal to a module": (source(more=", group='LAMP'"), [("module lamp", "'LAMP'")]),
    "group equal to a parameter": (parameter("Double()", group="value"), [("module lamp", "'value'")]),
    "default out of range": (parameter("Double(0, 1)", default=2), [(X, "2")]),
    "default of another type": (parameter("Int(0, 1)", default="one"), [(X, "one")]),
    "default not finite": (parameter("Double()", default=float("inf")).replace("=inf", "=float('inf')"), [(X, "inf")]),
    "constant out of range": (parameter("Double(0, 1)", constant=2), [(X, "constant 2")]),
    "constant with write_": (
        source("_x = Parameter(Double(), description='x', constant=1)", "def write__x(self, value): pass"),
        [(X, "constant")],
    ),
    "write_ of what is readonly": (
        source("_x = Parameter(Double(), description='x')", "def write__x(self, value): pass"),
        [(X, "readonly")],
    ),
    "checkable but readonly": (parameter("Double()", checkable=True), [(X, "readonly")]),
    "keep of what is readonly": (parameter("Double()", keep=True), [(X, "nothing to keep: clients can't change")]),
    "keep of a constant": (parameter("Double()", constant=1, keep=True), [(X, "nothing to keep: a constant")]),
    "keep of a readonly limit": (
        source(TARGET, "target_min = Limit(readonly=True, keep=True)", base="Writable"),
        [("module lamp, parameter target_min", "nothing to keep")],
    ),
    "keep of a command": (
        source("_go = Command(description='go', keep=True)", "def do__go(self): pass"),
        [("module lamp, command _go", "no value to keep")],
    ),
    "keep of a text without end": (
        parameter("Tuple(Int(0, 9), String())", readonly=False, keep=True),
        [(X, "without maxchars")],
    ),
    "more kept than there is room for": (
        source("_x = Parameter(Blob(1600), description='x', readonly=False, keep=True)", modules=f"{LAMP}, {LAMP}").replace(
            '"lamp"', '"light"', 1
        ),
        [("", "room for 3072")],
    ),
    "read_ of nothing": (source("def read_valeu(self): return 1"), [("module lamp", "read_valeu")]),
    "write_ of nothing": (source("def write_valeu(self, value): pass"), [("module lamp", "write_valeu")]),
    "do_ of nothing": (source("def do_stop(self): pass"), [("module lamp", "do_stop")]),
    "check_ of nothing": (source("def check_valeu(self, value): pass"), [("module lamp", "check_valeu")]),
    "read_ of a command": (
        source("_go = Command(description='go')", "def do__go(self): pass", "def read__go(self): pass"),
        [("module lamp", "read__go")],
    ),
    "command without do_": (source("_go = Command(description='go')"), [("module lamp, command _go", "do__go")]),
    "Drivable without do_stop": (source(TARGET, base="Drivable"), [("module lamp", "do_stop")]),
    "Communicator without do_communicate": (COMMUNICATOR, [("module lamp", "do_communicate")]),
    "target readonly": (
        source("target = Parameter(Double(), description='wanted light')", base="Writable"),
        [("module lamp", "target")],
    ),
    "status of another type": (
        source("status = Parameter(Bool(), description='status')"),
        [("module lamp", "tuple of an enum")],
    ),
    "status of a Drivable without BUSY": (
        source(TARGET, IDLE_ALONE, STOP, base="Drivable"),
        [("module lamp", "BUSY")],
    ),
    "pollinterval of 0": (source("pollinterval = 0"), [("module lamp", "pollinterval")]),
    "a limit of nothing": (source("_y_min = Limit()"), [("module lamp, parameter _y_min", "")]),
    "syntax error": (HEAD + "\nclass Lamp(Readable)\n    pass\n", [("node.py:7", "':'")]),
    "exception": (HEAD + "\nlamps = 1 / 0\n", [("node.py:7", "ZeroDivisionError")]),
    "exception in node()": (source().replace("return Node", "lamp = lamps[0]\n    return Node"), [("node.py:12", "NameError")]),
    "exception in a module": (
        source("def __init__(self, **kwds):", "    super().__init__(**kwds)", "    self.adc = 1 / 0"),
        [("node.py:11", "ZeroDivisionError")],
    ),
    "missing import": ("import nonesuch\n", [("node.py:1", "nonesuch")]),
    "no node()": (HEAD, [("", "node(board)")]),
    "node() that gives nothing": (source().replace("return Node", "Node"), [("", "")]),
    "no modules": (source().replace(LAMP.format(more="") + ",", ""), [("", "no modules")]),
}  # fmt: skip


def describe(file, cwd=paths.ROOT, **env):
    return subprocess.run(
        [sys.executable, "-B", "-m", "tools", "describe", str(file)],
        capture_output=True, encoding="utf-8", cwd=cwd, env={**os.environ, **env},
    )  # fmt: skip


@pytest.fixture
def described(capsys):
    """described(file) gives (exit code, stdout, stderr) of `secnode describe FILE`, here."""

    def describe(file):
        code = main(["describe", str(file)])
        return code, *capsys.readouterr()

    return describe


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_in_a_line(tmp_path, described, mistake):
    text, expected = MISTAKES[mistake]
    file = tmp_path / "node.py"
    file.write_text(text)
    code, out, err = described(file)
    lines = err.removeprefix("secnode describe: ").splitlines()
    assert code == 2, out
    assert out == ""
    assert "Traceback" not in err
    assert len(lines) == len(expected), err
    for line, (where, what) in zip(lines, expected, strict=True):
        assert str(file) in line
        assert where in line and what in line, line


def test_all_mistakes_are_told_at_once(tmp_path):
    file = tmp_path / "node.py"
    file.write_text(source("_x = Parameter(Double(5, 3))", "def read_valeu(self): pass", more=", colour='red'"))
    lines = describe(file).stderr.splitlines()
    assert len(lines) == 4  # min above max, no description, read_valeu, colour


def test_the_sources_that_the_mistakes_are_put_in_are_right(tmp_path):
    for name, text in (
        ("readable", source()),
        ("parameter", parameter("Double(0, 5)", default=1, group="other", visibility="expert")),
        ("drivable", source(TARGET, STOP, base="Drivable")),
    ):
        file = tmp_path / f"{name}.py"
        file.write_text(text)
        said = describe(file).stderr.splitlines()
        assert all(line.startswith("note: ") for line in said), said


@pytest.mark.parametrize("missing", ["minimum=-10,", "maximum=130,"])
def test_a_heater_without_limits_is_refused(tmp_path, missing):
    text = (paths.FIRMWARE / "nodes" / "oven.py").read_text("utf-8")
    assert missing in text
    (tmp_path / "oven.py").write_text(text.replace(missing, ""))
    done = subprocess.run(
        [sys.executable, "-m", "tools", "describe", str(tmp_path / "oven.py")], cwd=paths.ROOT, capture_output=True, text=True
    )
    assert (
        done.returncode == 2
        and harness.mentions(done.stderr, "ValueError", "minimum", "maximum")
        and "Traceback" not in done.stderr
    )


def test_a_file_that_is_not_there():
    done = describe("nonesuch.py")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "nonesuch.py" in done.stderr


def test_what_a_constant_costs_is_told(tmp_path):
    """It is no mistake, but clients that read everything end there."""
    file = tmp_path / "lamp.py"
    file.write_text(parameter("Double()", constant=2))
    done = describe(file)
    assert done.returncode == 0 and json.loads(done.stdout)
    assert len([line for line in done.stderr.splitlines() if ": a constant" in line]) == 1
    for words in ("module lamp, parameter _x", "constant", "secop-ophyd", "fastcs-secop", "read__x"):
        assert words in done.stderr


# ---- nodes that are right


@pytest.mark.parametrize("node", nodes.names())
def test_nodes_that_ship_have_no_constants(node):
    for module in json.loads(image.describe(node))["modules"].values():
        assert not [name for name, a in module["accessibles"].items() if "constant" in a]


@pytest.mark.parametrize("node", nodes.names())
def test_the_same_node_gives_the_same_bytes(node):
    one, two, three = (describe(node, PYTHONHASHSEED=seed).stdout for seed in ("1", "2", "2"))
    assert one == two == three
    assert one.count("\n") == 1


def accessibles(report):
    for module_name, module in report["modules"].items():
        for name, accessible in module["accessibles"].items():
            yield f"{module_name}:{name}", module, name, accessible


def everything(value, where=""):
    """Every value inside a JSON value, with its place."""
    yield where, value
    if isinstance(value, (dict, list)):
        for key, v in value.items() if isinstance(value, dict) else enumerate(value):
            yield from everything(v, f"{where}/{key}")


def datainfo_is_valid(d, where):
    """By the tables of datainfo.rst: what is mandatory is there, and nothing that is unknown."""
    mandatory, optional = {
        "double": ((), ("unit", "min", "max", "fmtstr", "absolute_resolution", "relative_resolution")),
        "scaled": (("scale", "min", "max"), ("unit", "fmtstr", "absolute_resolution", "relative_resolution")),
        "int": (("min", "max"), ("unit",)),
        "bool": ((), ()),
        "enum": (("members",), ()),
        "string": ((), ("minchars", "maxchars", "isUTF8")),
        "blob": (("maxbytes",), ("minbytes",)),
        "array": (("members", "maxlen"), ("minlen",)),
        "tuple": (("members",), ()),
        "struct": (("members",), ("optional",)),
        "matrix": (("elementtype", "names", "maxlen"), ()),
        "command": ((), ("argument", "result")),
    }[d["type"]]
    assert set(mandatory) <= set(d), where
    assert all(key in (*mandatory, *optional, "type") or key.startswith("_") for key in d), where
    for low, high in (("min", "max"), ("minchars", "maxchars"), ("minbytes", "maxbytes"), ("minlen", "maxlen")):
        assert d.get(low, -3.4e38) <= d.get(high, 3.4e38), where
    if "fmtstr" in d:
        assert re.fullmatch(r"%\.\d{1,2}[efg]", d["fmtstr"]), where
    if d["type"] == "enum":
        assert len({name.lower() for name in d["members"]}) == len(set(d["members"].values())) == len(d["members"]) > 0, where
    inner = d.get("members", [])
    if d["type"] in ("array", "tuple", "struct"):
        inner = {"array": lambda: [inner], "tuple": lambda: inner, "struct": lambda: list(inner.values())}[d["type"]]()
        for member in inner:
            datainfo_is_valid(member, where)
    for key in ("argument", "result"):
        if key in d:
            datainfo_is_valid(d[key], where)


CLASSES = {"Readable": 1, "Writable": 2, "Drivable": 3, "Communicator": 1}
NEEDED = {
    "Readable": ("value", "status"),
    "Writable": ("value", "status", "target"),
    "Drivable": ("value", "status", "target", "stop"),
    "Communicator": ("communicate",),
}
PREDEFINED = (
    "value status target pollinterval ramp setpoint time_to_target mode controlled_by control_active offset goal roi "
    "stop go hold prepare shutdown reset clear_errors control_off communicate get_data"
).split()


@pytest.fixture(scope="module", params=nodes.names())
def report(request):
    return json.loads(image.describe(request.param))


def test_nothing_is_null_and_no_description_is_empty(report):
    for where, value in everything(report):
        assert value is not None, where
        assert not where.endswith("/description") or value.strip(), where
    for where, thing in [("node", report), *report["modules"].items(), *((w, a) for w, _, _, a in accessibles(report))]:
        assert thing["description"], where


def test_names_are_unique_and_custom_ones_have_an_underscore(report):
    for names in (report["modules"], *(m["accessibles"] for m in report["modules"].values())):
        assert len({name.lower() for name in names}) == len(names)
        assert all(re.fullmatch(r"[A-Za-z_]\w{0,62}", name, re.ASCII) for name in names)
    for where, module, name, _ in accessibles(report):
        base = re.sub("_(min|max|limits|enable)$", "", name)
        assert name.startswith("_") or name in PREDEFINED or (base != name and base in module["accessibles"]), where


def test_modules_have_what_their_class_needs(report):
    for name, module in report["modules"].items():
        ranks = [CLASSES[c] for c in module["interface_classes"] if c in CLASSES]
        assert ranks == sorted(ranks, reverse=True), name
        assert isinstance(module["features"], list) and module["implementation"], name
        assert "meaning" not in module, name
        for c in module["interface_classes"]:
            assert set(NEEDED.get(c, ())) <= set(module["accessibles"]), name


def test_statuses_are_a_tuple_of_enum_and_string(report):
    for where, module, name, accessible in accessibles(report):
        if name == "status":
            code, text = accessible["datainfo"]["members"]
            assert (accessible["datainfo"]["type"], code["type"], text["type"]) == ("tuple", "enum", "string"), where
            assert all(0 <= c < 500 for c in code["members"].values()), where
            if "Drivable" in module["interface_classes"]:
                assert any(300 <= c < 400 for c in code["members"].values()), where


def test_readonly_is_said_of_every_parameter_and_of_no_command(report):
    for where, _, name, accessible in accessibles(report):
        assert ("readonly" in accessible) == (accessible["datainfo"]["type"] != "command"), where
        assert accessible.get("readonly", False) is False or name != "target", where


def test_data_types_are_as_in_the_tables(report):
    for where, _, _, accessible in accessibles(report):
        datainfo_is_valid(accessible["datainfo"], where)


def test_visibility_is_what_old_and_new_clients_take(report):
    for where, value in everything(report):
        assert not where.endswith("/visibility") or value in ("user", "advanced", "expert"), where


def test_what_nothing_ever_sets_is_named(capsys):
    image.describe(str(harness.NODES / "unset.py"))
    said = capsys.readouterr().err
    named = {line.split("module ")[1].split(":")[0] for line in said.splitlines() if line.startswith("note: ")}
    assert named == {
        "never, parameter value",
        "never, parameter _fixed",
        "drives, parameter value",
        "nothing, parameter value",
    }, said


def test_the_shipped_nodes_have_no_such_values(capsys):
    for name in nodes.names():
        image.describe(name)
    assert "note: " not in capsys.readouterr().err


# ---- modules of one class


SHARED = """
class Supply(Writable):
    value = Parameter(Double(unit="V"), description="voltage")
    target = Parameter(Double(0, 50, unit="V"), readonly=False, description="voltage")
    target_min = Limit(default=5, keep=True)
    target_max = Limit(readonly=True, group="safety", description="no more than this")


def node(board):
    def supply(name, **more):
        return Supply(name=name, description="a supply", **more)

    def target(datainfo):
        return {"target": Parameter(datainfo, readonly=False, description="voltage")}

    return Node(equipment_id="lab", description="a lab", modules=(
        supply("small", **target(Double(0, 20, unit="V"))), supply("steps", **target(Int(3, 7))),
        supply("first"), supply("scaled", **target(Scaled(0.5, 0, 60, unit="V"))), supply("second")%s))
"""


def test_a_limit_of_a_class_is_of_each_module(tmp_path):
    """With the data type, the range and the properties that it has there, whatever module was made before."""
    file = tmp_path / "supply.py"
    file.write_text(HEAD + SHARED % "")
    modules = json.loads(image.describe(str(file)))["modules"]
    for name, module in modules.items():
        accessibles = module["accessibles"]
        low, high = accessibles["target_min"], accessibles["target_max"]
        assert low["datainfo"] == high["datainfo"] == accessibles["target"]["datainfo"], name
        assert (low["readonly"], high["readonly"]) == (False, True)
        assert (high["group"], high["description"]) == ("safety", "no more than this")
        assert list(accessibles) == ["value", "status", "target", "target_min", "target_max"], name
    assert {name: module["accessibles"]["target"]["datainfo"]["max"] for name, module in modules.items()} == {
        "small": 20, "steps": 7, "first": 50, "scaled": 60, "second": 50,
    }  # fmt: skip


def test_what_has_no_limits_is_told_of_its_own_module_alone(tmp_path):
    """Not the module that was made before it, and not the ones after."""
    file = tmp_path / "supply.py"
    file.write_text(
        HEAD + SHARED % ', supply("words", **target(String())), supply("last"), supply("low", **target(Double(0, 3)))'
    )
    with pytest.raises(Problem) as problem:
        image.describe(str(file))
    lines = str(problem.value).splitlines()
    where = f"{file}: module "
    assert len(lines) == 3 and all(line.startswith(where + "words, parameter target_m") for line in lines[:2]), lines
    assert lines[2].startswith(f"{where}low, parameter target_min: ") and harness.mentions(lines[2], "5.0", "0 and 3"), lines
