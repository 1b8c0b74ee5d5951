"""Settings are declared once, in the docstring of the class that has them, and what asks for them reads them there."""

import ast

import pytest

from tools import paths
from tools.__main__ import main
from tools.image import declared, image, own
from tools.kinds import Choice, Number
from tools.problem import Problem

DRIVER = '''"""A flow meter."""


class FlowMeter:
    """A flow meter with a paddle wheel at `pin`.

        pulses: 1 to 1000, whole; flow meter: pulses of a litre
        gate: 0.1 to 60 s; flow meter: time that it counts for
        edge: "rising" or "falling"; flow meter: which edge counts
        mains: 50 or 60 Hz
        pin: where it is connected

    Raises ValueError for what nobody has.
    """

    low, high = 0, 100

    def __init__(self, pin, pulses, gate=1.5, *, edge="rising", mains=50):
        self._pulses = pulses

    def read(self):
        return 4.5


class BetterMeter(FlowMeter):
    """The same with a better wheel.

        gate: 0.01 to 60 s; flow meter: time that it counts for
        wheel: 1 to 9 mm; flow meter: size of its wheel
    """

    def __init__(self, pin, pulses, gate=0.5, wheel=4, **kwds):
        super().__init__(pin, pulses, gate, **kwds)
'''
NODE = """
from flow import {name} as Meter
from modules.thermometer import Thermometer
from secnode.datainfo import Double
from secnode.module import Parameter
from secnode.node import Node


def node(board):
    return Node(
        equipment_id="lab.flow",
        description="the flow of the cooling water",
        modules=(
            Thermometer(
                Meter({arguments}),
                name="flow",
                value=Parameter(Double(unit="l/min"), description="flow"),
                description="the paddle wheel",
            ),
        ),
    )
"""


@pytest.fixture
def lab(tmp_path):
    """lab(name, arguments) gives the folder of a node, flowing.py, with a driver beside it."""

    def write(name="FlowMeter", arguments='3, 450, 2, edge="falling"', driver=DRIVER):
        (tmp_path / "flow.py").write_text(driver, "utf-8")
        (tmp_path / "flowing.py").write_text(NODE.format(name=name, arguments=arguments), "utf-8")
        return tmp_path

    return write


def places(folder):
    return own.places((folder / "flowing.py").read_text("utf-8"), folder)


def test_a_driver_of_ones_own(lab):
    found = {key: (place.value, place.kind, place.question) for key, place in places(lab()).items() if "flow." in key}
    assert found == {
        "flow.name": ("flow", *found["flow.name"][1:]),
        "flow.description": ("the paddle wheel", *found["flow.description"][1:]),
        "flow.pulses": (450, Number(1, 1000, "", True), "flow meter: pulses of a litre"),
        "flow.gate": (2, Number(0.1, 60, "s"), "flow meter: time that it counts for"),
        "flow.edge": ("falling", Choice(("rising", "falling")), "flow meter: which edge counts"),
    }


def test_a_class_has_what_its_bases_have(lab):
    found = places(lab("BetterMeter", "3, 450, 0.05, 7, mains=60"))
    assert {key.partition(".")[2]: found[key].value for key in found if "flow." in key} == {
        "name": "flow", "description": "the paddle wheel", "pulses": 450, "gate": 0.05, "wheel": 7, "mains": 60,
    }  # fmt: skip
    assert found["flow.gate"].kind.low == 0.01  # its own, where both declare it
    assert found["flow.mains"].question == "mains"


def test_it_is_asked_for_checked_and_put_in(lab, capsys, monkeypatch):
    monkeypatch.chdir(lab())
    (lab() / "my.toml").write_text('node = "flowing.py"\n[modules.flow]\npulses = 500\nedge = "rising"\n')
    assert main(["configure", "--keys", "my.toml"]) == 0
    said = capsys.readouterr().out.splitlines()
    for key, words in {"pulses": "500  (1 to 1000)", "gate": "2  (0.1 to 60 s)", "edge": "rising  (rising or falling)"}.items():
        assert f"  {'flow.' + key:28}{words}" in said
    made = image.node_file("my.toml").read_text("utf-8")
    assert 'Meter(3, 500, 2, edge="rising")' in made
    for wrong in ("pulses = 4.5", "gate = 61", 'edge = "both"'):
        (lab() / "my.toml").write_text(f'node = "flowing.py"\n[modules.flow]\n{wrong}\n')
        with pytest.raises(Problem, match="flow." + wrong.partition(" ")[0]):
            image.node_file("my.toml")


def test_a_line_that_begins_as_a_setting_and_is_none_is_told(lab):
    with pytest.raises(Problem, match="FlowMeter, gate: '0.1 - 60 s'"):
        places(lab(driver=DRIVER.replace("0.1 to 60 s", "0.1 - 60 s")))


CLASSES = [
    pytest.param(path, definition.name, id=f"{path.stem}.{definition.name}")
    for path in sorted((paths.FIRMWARE / "drivers").glob("*.py"))
    for definition in ast.parse(path.read_text("utf-8")).body
    if isinstance(definition, ast.ClassDef)
]


@pytest.mark.parametrize(("path", "name"), CLASSES)
def test_what_the_firmware_declares_holds_its_own_defaults(path, name):
    for key, setting in declared.Sources(ast.parse(path.read_text("utf-8"))).declared(name).settings.items():
        assert setting.question != key, f"{key} has no question"
        if setting.default is not None:
            assert setting.kind.parse(setting.default) == setting.default


def test_what_the_drivers_of_a_gas_line_declare():
    found = own.places((paths.FIRMWARE / "nodes" / "gas_line.py").read_text("utf-8"))
    assert {key: place.value for key, place in found.items() if key.partition(".")[2] not in ("", "name", "description")} == {
        "pressure.shunt": 100, "pressure.high": 10, "level.ratio": 4.3, "flow.full": 10,
    }  # fmt: skip


def test_no_tool_knows_a_driver_by_its_name():
    """What is special about a driver stands where it is defined."""
    names = {name for _, name in (param.values for param in CLASSES)} - {"Table"}
    for path in (paths.ROOT / "tools").rglob("*.py"):
        if path.parent.name in ("image", "verbs") and path.name not in ("structure.py", "declared.py"):
            words = {node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)}
            assert not names & words, path
