"""What the versions of SECoP want of a description: tools/secop.py, `secnode describe --secop`, and mistakes in it."""

import json
import re

import pytest

from host_tests import harness
from host_tests.unit.test_describe import parameter, source
from tools import paths, secop
from tools.__main__ import main
from tools.image import image, nodes
from tools.problem import Problem

NODE = str(harness.NODES / "version2.py")


def described(tmp_path, text, version=None):
    file = tmp_path / "mine.py"
    file.write_text(text)
    return json.loads(image.describe(str(file), version=version))


def of_version_2(text):
    return text.replace("return Node(", 'return Node(secop="2.0", ')


def lamp(tmp_path, text, version=None):
    return described(tmp_path, text, version)["modules"]["lamp"]


@pytest.mark.parametrize("name", nodes.names())
def test_a_node_that_says_nothing_is_of_1_0(name):
    """As before there was a choice: nothing of 2.0 is in it, and saying 1.0 changes no byte."""
    text = image.describe(name)
    assert image.version_of(name) == "1.0" and image.describe(name, version="1.0") == text
    assert not re.search('"visibility":"[wr-]{3}"|"systems"|"schemata"|"secop"', text)


@pytest.mark.parametrize("name", nodes.names())
def test_2_0_differs_in_what_the_table_says_alone(name):
    before, after = (json.loads(image.describe(name, version=version)) for version in secop.OURS)
    for where, old, new in secop.differences(before, after):
        if where[-1] in ("acquisition_channels", "_acquisition_channels"):  # 1.0 has it as a custom one
            assert (new if where[-1][0] != "_" else old) == before["modules"][where[1]]["_acquisition_channels"]
            continue
        assert where[-1] == "visibility" and new in secop.VISIBILITIES[old], where
        readonly = (before["modules"][where[1]]["accessibles"][where[3]] if len(where) == 5 else {}).get("readonly")
        assert new == secop.VISIBILITIES[old][bool(readonly)], where


def test_a_node_of_2_0_has_what_it_says():
    report = json.loads(image.describe(NODE))
    field, coil = report["modules"]["field"], report["modules"]["coil"]
    assert field["interface_classes"] == ["Magnet", "Drivable"] and field["features"] == ["HasOffset"]
    assert field["meaning"] == {"function": "magneticfield_regulation", "importance": 40}
    assert coil["visibility"] == "ww-" and coil["meaning"]["belongs_to"] == "sample"
    seen = {name: a.get("visibility") for name, a in field["accessibles"].items()}
    assert {name: text for name, text in seen.items() if text} == {"target": "wwr", "offset": "w--", "_current": "r--"}
    assert field["accessibles"]["value"]["meaning"] == {"function": "magneticfield", "importance": 10}
    codes = field["accessibles"]["status"]["datainfo"]["members"][0]["members"]
    assert codes == {name: secop.CODES[name] for name in codes} and codes["PREPARED"] == 150 and len(codes) == 6


def test_the_difference_is_shown(capsys):
    assert main(["describe", "oven", "--secop", "2.0"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == json.loads(image.describe("oven", version="2.0"))
    assert "*IDN?: ISSE,SECoP,V2019-09-16,v1.0 -> ISSE,SECoP,,v2.0  (messages/identification.rst)" in err
    assert '  heater:_plant: visibility "expert" -> "r--"  (descriptive.rst)' in err
    assert main(["describe", "oven", "--secop", "1.0"]) == 0
    assert "already" in capsys.readouterr().err


def test_only_a_node_says_its_version(tmp_path, capsys):
    assert main(["describe", "oven", "--secop", "2.0", "--write", str(tmp_path)]) == 2
    assert harness.mentions(capsys.readouterr().err, "secop=", "--secop") and not list(tmp_path.iterdir())


def test_what_2_0_alone_can_say_is_refused_in_1_0():
    with pytest.raises(Problem) as e:
        image.describe(NODE, version="1.0")
    said = str(e.value)
    for words in ("property 'systems' from 2.0", "property 'schemata' from 2.0", "target: the visibility", "needs secop='2.0'"):
        assert words in said, said


@pytest.mark.parametrize("where", ["of the class", "of the module"])
def test_no_property_of_a_class_is_dropped(tmp_path, where):
    given = {"interface_classes": ("TemperatureSensor",), "features": ["HasOffset"], "group": "lamps", "implementor": "me"}
    lines = [f"{key} = {value!r}" for key, value in given.items()] if where == "of the class" else ["pass"]
    more = "".join(f", {key}={value!r}" for key, value in given.items()) if where == "of the module" else ""
    module = lamp(tmp_path, source(*lines, more=more))
    assert module["interface_classes"] == ["TemperatureSensor", "Readable"] and module["features"] == ["HasOffset"]
    assert (module["group"], module["implementor"]) == ("lamps", "me")


def test_no_class_hides_the_names_of_those_above_it(tmp_path):
    """The module's own come first, then those of its class, then those of the classes above."""
    text = source("interface_classes = ['Pyrometer']", "features = ('HasOffset',)", more=", interface_classes=('Mine',)")
    text = text.replace(
        "class Lamp(Readable)", "class Sensor(Readable):\n    interface_classes = ('Sensor',)\n\n\nclass Lamp(Sensor)"
    )
    assert "(Sensor)" in text
    assert lamp(tmp_path, text)["interface_classes"] == ["Mine", "Pyrometer", "Sensor", "Readable"]


def test_channels_in_both_versions(tmp_path):
    before, after = (json.loads(image.describe("pulse_counter", version=version)) for version in secop.OURS)
    channels = {"t": "timer", "counts": "counts"}
    assert after["modules"]["detector"]["acquisition_channels"] == channels
    assert before["modules"]["detector"]["_acquisition_channels"] == channels
    for report in (before, after):
        assert report["modules"]["detector"]["interface_classes"] == ["AcquisitionController", "Readable"]
        assert report["modules"]["timer"]["interface_classes"] == ["AcquisitionChannel", "Readable"]


def test_the_difference_of_channels_is_shown(capsys):
    assert main(["describe", "pulse_counter", "--secop", "2.0"]) == 0
    said = capsys.readouterr().err
    assert 'detector: acquisition_channels null -> {"t": "timer", "counts": "counts"}  (descriptive.rst)' in said


def test_a_helper_that_is_called_like_a_property_is_none(tmp_path):
    module = lamp(tmp_path, source("def group(self): pass", "@property", "def meaning(self): return 3"))
    assert "group" not in module and "meaning" not in module


def test_a_base_class_is_named_once(tmp_path):
    assert lamp(tmp_path, source(more=", interface_classes=['Sensor', 'Readable']"))["interface_classes"] == [
        "Sensor",
        "Readable",
    ]


@pytest.mark.parametrize(
    ("given", "version", "expected"),
    [
        ("('temperature', 10)", "1.0", ["temperature", 10]),
        ("{'function': 'temperature', 'importance': 10}", "1.0", ["temperature", 10]),
        ("('temperature', 10)", "2.0", {"function": "temperature", "importance": 10}),
        ("{'link': 'https://example.org/x'}", "2.0", {"link": "https://example.org/x"}),
    ],
)
def test_a_meaning_is_as_the_version_has_it(tmp_path, given, version, expected):
    assert lamp(tmp_path, source(more=f", meaning={given}"), version)["meaning"] == expected


SYSTEM = '{"description": "s", "system": "S", "modules": {"A": "lamp"}}'
HAND = "_x = Parameter(Double(0, 9), readonly=False, description='x')"


def limited(name, datainfo, more=""):
    return source(HAND, f"{name} = Parameter({datainfo}, readonly=False, description='by hand'{more})")


MISTAKES = {
    "limits of one number": (limited("_x_limits", "Double(0, 9)"), "has to be a tuple of two, the lowest and the highest _x"),
    "limits of three": (limited("_x_limits", "Tuple(*[Double(0, 9)] * 3)"), "has to be a tuple of two"),
    "limits of whole numbers": (limited("_x_limits", "Tuple(*[Int(0, 9)] * 2)"), "the data type of _x, double, not int"),
    "a min of another type": (limited("_x_min", "String()"), "the data type of _x, double, not string"),
    "a max of something that is no number": (
        source("_x = Parameter(Bool(), description='x')", "_x_max = Parameter(Double(), default=1, description='by hand')"),
        "limits are for numbers, and _x is none",
    ),
    "an enable that is a number": (limited("_x_enable", "Int(0, 1)"), "a bool, or an enum of OFF (0) and ON (1)"),
    "an enable of other names": (limited("_x_enable", "Enum(YES=1, NO=0)"), "a bool, or an enum of OFF (0) and ON (1)"),
    "limits the wrong way round": (
        limited("_x_limits", "Tuple(*[Double(0, 9)] * 2)", ", default=(8, 2)"),
        "it begins with 8 above 2",
    ),
    "limits of a Limit the wrong way round": (
        source(HAND, "_x_limits = Limit(default=(8, 2))"),
        "it begins with 8 above 2",
    ),
    "a min above the max": (
        source(HAND, "_x_min = Limit(default=8)", "_x_max = Limit(default=2)"),
        "it begins with 8 above 2",
    ),
    "no such version": (
        source().replace("return Node(", 'return Node(secop="3.0", '),
        "secop has to be one of '1.0', '2.0', not '3.0'",
    ),
    "a version that is a number": (source().replace("return Node(", "return Node(secop=2, "), "not 2"),
    "interface_classes that are one text": (source("interface_classes = 'Magnet'"), "has to be a list of names, not 'Magnet'"),
    "features that are no names": (source(more=", features=[1]"), "features has to be a list of names"),
    "an access string in 1.0": (parameter("Double()", visibility="wr-"), "or with secop='2.0' one of www"),
    "no access string": (of_version_2(parameter("Double()", visibility="rwr")), "has to be one of user, advanced, expert, www"),
    "a link in 1.0": (source(more=", meaning={'link': 'x'}"), "says more than its function and importance"),
    "a meaning without importance": (source(more=", meaning={'function': 'ph'}"), "importance together"),
    "an importance without function": (of_version_2(source(more=", meaning={'link': 'x', 'importance': 3}")), "together"),
    "a belongs_to without function": (
        of_version_2(source(more=", meaning={'link': 'x', 'belongs_to': 'sample'}")),
        "beside a function",
    ),
    "a key without link": (
        of_version_2(source(more=", meaning={'function': 'ph', 'importance': 1, 'key': 'x'}")),
        "beside a link",
    ),
    "an importance too large": (source(more=", meaning=('ph', 51)"), "whole number from 0 to 50"),
    "a meaning of three": (source(more=", meaning=('ph', 5, 1)"), "a function and its importance"),
    "a meaning with another key": (of_version_2(source(more=", meaning={'funktion': 'ph'}")), "has no key funktion"),
    "a meaning of a parameter": (of_version_2(parameter("Double()", meaning={"function": 3, "importance": 1})), "no text"),
    "a sensor that regulates": (source(more=", meaning=('temperature_regulation', 10)"), "for a Writable or Drivable"),
    "systems in 1.0": (source().replace("Node(", f"Node(systems={{'s': {SYSTEM}}}, "), "'systems' from 2.0 on"),
    "a system of the name of a module": (
        of_version_2(source().replace("Node(", f"Node(systems={{'LAMP': {SYSTEM}}}, ")),
        "a module has this name",
    ),
    "a system of a module that is not there": (
        of_version_2(source().replace("Node(", f"Node(systems={{'s': {SYSTEM.replace('lamp', 'candle')}}}, ")),
        "A is 'candle'",
    ),
    "a system without description": (
        of_version_2(source().replace("Node(", "Node(systems={'s': {'system': 'S', 'modules': {}}}, ")),
        "description is missing",
    ),
    "schemata without SECoP's": (
        of_version_2(source().replace("Node(", "Node(schemata=['https://example.org/x.yaml'], ")),
        "has to hold that of SECoP itself",
    ),
    "schemata that are no URLs": (of_version_2(source().replace("Node(", "Node(schemata=['x'], ")), "a list of URLs"),
    "a channel that is not there": (
        of_version_2(source(more=", acquisition_channels={'t': 'x'}")),
        "the channel t is 'x', and the node has no such module",
    ),
    "a channel that is none": (
        source(more=", acquisition_channels={'t': 'lamp'}"),
        "the channel t is lamp, which is no AcquisitionChannel",
    ),
    "channels that are a list": (
        of_version_2(source(more=", acquisition_channels=['lamp']")),
        "has to be modules by their roles",
    ),
    "no channels": (of_version_2(source(more=", acquisition_channels={}")), "has to be modules by their roles"),
    "a class that it is not": (source(more=", interface_classes=['Writable']"), "of the class Writable, which needs target"),
    "an acquisition that does not go": (
        of_version_2(source("interface_classes = ('Acquisition',)")),
        "of the class Acquisition, which needs go",
    ),
    "a base class that is not the last": (
        source(more=", interface_classes=['Readable', 'Sensor']"),
        "the last of its interface_classes has to be Readable",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told(tmp_path, mistake):
    text, words = MISTAKES[mistake]
    with pytest.raises(Problem) as e:
        described(tmp_path, text)
    lines = str(e.value).splitlines()
    assert len(lines) == 1 and "mine.py" in lines[0] and words in lines[0], lines


def test_the_table_has_what_the_firmware_knows(tmp_path):
    """One table: its identification of 1.0 is the firmware's, and each status code that a node can ask for is in it."""
    text = (paths.FIRMWARE / "secnode" / "node.py").read_text("utf-8")
    assert secop.IDENTIFICATIONS["1.0"] in text
    names = ", ".join(map(repr, secop.CODES))
    module = lamp(tmp_path, source(f"status = Parameter(status_type({names}), description='s', default=(100, ''))"))
    assert module["accessibles"]["status"]["datainfo"]["members"][0]["members"] == secop.CODES


def test_a_file_of_ones_own_says_its_version(tmp_path):
    (tmp_path / "thermo.py").write_text(of_version_2(source()).replace('"2.0"', '"1.0"'))
    for base, said in (('"thermo.py"', "2.0"), ('"oven"', "2.0"), ('"oven"', "1.0")):
        file = tmp_path / "mine.toml"
        file.write_text(f'node = {base}\nsecop = "{said}"\n')
        assert image.version_of(str(file)) == said
    file.write_text('node = "oven"\nsecop = 2.0\n')
    with pytest.raises(Problem, match=r"\bsecop\b.*'1\.0', '2\.0'"):
        image.describe(str(file))
