"""A node of the user's own: what its TOML file may say, and the definition that follows."""

import ast
import json

import pytest

from host_tests.harness import mentions
from tools.image import image, nodes, own, source
from tools.image.compose import writing
from tools.problem import Problem

NODE = """
node = "example_heater"  # of mine
equipment_id = "mylab_heater"

[modules.outside]
name = "room"
description = 'the "room" of Anna, 20 °C'

[modules.heater]
r25 = 5000
maximum = 100
target_max = 80.5
"""


@pytest.fixture
def file(tmp_path):
    def write(text, name="mine.toml"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.mark.parametrize("node", nodes.names())
def test_each_node_says_what_can_be_said(node):
    found = own.places(source.read(image.node_file(node)))
    assert {"equipment_id", "description"} < set(found)
    names = [key for key in found if key.endswith(".name")]
    assert [found[key].value for key in names] == list(json.loads(image.describe(node))["modules"])
    for key, place in found.items():
        assert place.kind.parse(place.value) == place.value, key
        assert place.question


def test_a_heater_has_sensor_heater_and_limits():
    found = {
        key.removeprefix("heater."): place.value for key, place in own.places(source.read(image.node_file("oven"))).items()
    }
    expected = {"r25": 10000, "beta": 3950, "resistance": 5.76, "supply": 24, "minimum": -10, "maximum": 130}
    expected.update(target_min=0, target_max=120, maxheaterpower=50)
    assert expected.items() <= found.items()
    assert "sensor.r25" not in found  # it is the heater's


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"oven"\n[modules.heater]\nfrequency = 25000', "frequency=25000"),
        (
            '"relay_oven"\n[modules.heater]\nperiod = 0.5\nmains = 60\nsupply = 120\nresistance = 144',
            "resistance=144, supply=120, period=0.5, mains=60",
        ),
        ('"oven"\n[modules.heater]\nfrequency = 19', ("heater.frequency", "20 to 100000 Hz")),
        ('"oven"\n[modules.heater]\nfrequency = 99.5', ("heater.frequency", "20 to 100000 Hz")),
        ('"relay_oven"\n[modules.heater]\nperiod = 0.4', ("heater.period", "0.5 to 60 s")),
        ('"relay_oven"\n[modules.heater]\nmains = 55', ("heater.mains", "50 or 60 Hz")),
        ('"relay_oven"\n[modules.heater]\nmains = true', ("heater.mains", "50 or 60 Hz")),
        ('"relay_oven"\n[modules.heater]\nfrequency = 100', ("heater.frequency", "relay_oven")),
        ('"relay_oven"\n[modules.heater]\nresistance = 5290', ("heater.maxheaterpower", "50 W")),
    ],
)
def test_an_outputs_settings_can_be_said(file, text, words):
    path = str(file("node = " + text))
    if isinstance(words, str):
        image.describe(path)
        assert words in image.node_file(path).read_text("utf-8")
        return
    with pytest.raises(Problem) as e:
        image.node_file(path)
    assert mentions(str(e.value), *words)


def test_description_and_definition_are_made_of_it(file):
    path = file(NODE)
    report = json.loads(image.describe(str(path)))
    assert report["equipment_id"] == "mylab_heater"
    assert list(report["modules"]) == ["room", "heater"]
    assert report["modules"]["room"]["description"] == 'the "room" of Anna, 20 °C'
    assert report["modules"]["heater"]["accessibles"]["target"]["datainfo"]["max"] == 80.5
    made = image.node_file(str(path))
    assert made.name == "mine.py"
    found = {key: place.value for key, place in own.places(made.read_text("utf-8")).items()}
    assert (found["heater.r25"], found["room.r25"], found["heater.maximum"]) == (5000, 10000, 100)
    base = source.read(image.node_file("example_heater"))
    assert len(made.read_text("utf-8").splitlines()) == len(base.splitlines())  # a traceback's lines are the base's
    assert "nodes/mine.py" in image.files(str(path))


def test_a_definition_of_ones_own_is_a_base_too(file):
    text = source.read(image.node_file("outside")).replace('"introduction_node"', '"base"')
    file(text, "thermo.py")
    path = file('node = "thermo.py"\n[modules.outside]\nbeta = 3435\n')
    assert json.loads(image.describe(str(path)))["equipment_id"] == "base"
    assert "3435" in image.node_file(str(path)).read_text("utf-8")


def test_what_is_no_plain_value_can_not_be_said():
    """Nothing is guessed: a name from elsewhere, a sum, a loop."""
    source = """
def node(board):
    made = [Thermometer(Divider(1, Beta(R, 3950)), name=name) for name in "ab"]
    return Node(equipment_id="x" + str(board), description="d", modules=made)
"""
    assert list(own.places(source)) == ["description"]
    assert own.places("def node(board):\n    return make()\n") == own.places("x = 1\n") == {}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("node = 1", ("mine.toml", "node")),
        ("", ("mine.toml", "node")),
        ("node = ", ("mine.toml", "TOML")),
        ('node = "nix"', ("'nix'", "outside", "oven")),
        ('node = "other.toml"', ("other.toml",)),
        ('node = "outside"\nfirmware = "x"', ("firmware", "outside", "equipment_id")),
        ('node = "outside"\n[outside]\nname = "x"', ("outside", "[modules.<name>]")),
        ('node = "outside"\n[modules]\noutside = 1', ("outside", "table")),
        ('node = "outside"\nmodules = 1', ("modules", "table")),
        ('node = "outside"\n[modules.outside]\nr25 = "x"', ("outside.r25", "10 to 10000000 Ω")),
        ('node = "outside"\n[modules.outside]\nr25 = true', ("outside.r25", "10 to 10000000 Ω")),
        ('node = "outside"\n[modules.outside]\nr25 = nan', ("outside.r25", "10 to 10000000 Ω")),
        ('node = "outside"\n[modules.outside]\nname = "9"', ("outside.name", "1 to 63")),
        ('node = "outside"\ndescription = " "', ("description",)),
        ('node = "outside"\ndescription = "a\\nb"', ("description",)),
        ('node = "oven"\n[modules.sensor]\nname = "HEATER"', ("sensor.name", "heater")),
        ('node = "oven"\n[modules.heater]\nmaximum = 90', ("heater.target_max", "120", "heater.maximum", "90")),
        ('node = "oven"\n[modules.heater]\nresistance = 57.6', ("heater.maxheaterpower", "50 W")),
    ],
)
def test_what_is_wrong_is_said(file, text, named):
    with pytest.raises(Problem) as e:
        image.node_file(str(file(text)))
    assert mentions(str(e.value), *named)


def test_a_name_with_a_dot_can_not_be_imported(file):
    with pytest.raises(Problem, match=r"my\.node\.toml.*\bdot\b"):
        image.node_file(str(file('node = "outside"', "my.node.toml")))


def test_no_such_file(tmp_path):
    with pytest.raises(Problem, match=r"mine\.toml: `secnode configure .*mine\.toml`"):
        image.node_file(str(tmp_path / "mine.toml"))


def test_saving_keeps_the_users_comments(file):
    mine = own.Own(file(NODE))
    mine.values["heater.beta"] = 3435
    mine.values["description"] = "Anna's"
    del mine.values["heater.r25"]
    mine.save()
    text = mine.path.read_text("utf-8")
    assert 'node = "example_heater"  # of mine' in text and "r25" not in text
    assert own.Own(mine.path).values == mine.values
    assert list(mine.path.parent.iterdir()) == [mine.path]


def test_a_module_of_which_nothing_is_said_is_left_out(file):
    mine = own.Own(file(NODE))
    mine.values = {"equipment_id": "mylab_heater", "heater.r25": 5000}
    mine.save()
    assert "outside" not in mine.path.read_text("utf-8")
    assert own.Own(mine.path).values == mine.values
    mine.values = {}
    mine.save()
    assert own.Own(mine.path).values == {} and "heater]" not in mine.path.read_text("utf-8")


def test_a_new_file(tmp_path):
    mine = own.Own(tmp_path / "a" / "new.toml")
    mine.base = "oven"
    mine.values = {"equipment_id": "x", "heater.r25": 5, "sensor.name": 'quote"\\'}
    mine.save()
    again = own.Own(mine.path)
    assert (again.base, again.values) == ("oven", mine.values)


def test_texts_can_not_become_code(file):
    text = "'); import os #\\\""
    path = file(f"node = \"outside\"\ndescription = '''{text}'''\n")
    tree = ast.parse(image.node_file(str(path)).read_text("utf-8"))
    assert text in [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    assert json.loads(image.describe(str(path)))["description"] == text


def test_mistakes_are_told_with_line_and_column(file):
    path = file('node = "oven"\nsecop = "3.0"\n\n[modules.heater]\nr25 = "x"\nfrequenzy = 99\n')
    with pytest.raises(Problem) as e:
        image.node_file(str(path))
    first, second, third = str(e.value).splitlines()
    assert first.startswith(f"{path}:2:9: ") and mentions(first, "secop", "'1.0'", "'2.0'")
    assert second.startswith(f"{path}:5:7: ") and mentions(second, "heater.r25", "10 to 10000000 Ω")
    assert third.startswith(f"{path}:6:13: ") and mentions(third, "heater.frequenzy", "oven")


def test_it_is_written_by_the_same_as_composed_files(file):
    """As Python has it, in the linters' quotes."""
    path = file('node = "oven"\ndescription = "it\'s mine"\n')
    assert 'description="it\'s mine"' in image.node_file(str(path)).read_text("utf-8")
    assert writing._py is source.python
