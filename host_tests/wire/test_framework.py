"""What host_tests/nodes/bench.py does with the framework: data types, commands, drivers that fail or take their time."""

import json
import time

import pytest

from host_tests.harness import error_class, split

from .conftest import BENCH


def change(wire, specifier, value):
    """Change a parameter, read it back, and give what it is."""
    action, _, (used, _) = split(wire.ask(f"change {specifier} {json.dumps(value)}"))
    assert action == "changed"
    assert split(wire.ask(f"read {specifier}"))[2][0] == used
    return used


@pytest.mark.parametrize(
    ("parameter", "values"),
    [
        ("_double", (0, -1000, 1000, 0.5, 12.25)),
        ("_free", (3e38, -3e38, 1e-30, 0)),
        ("_scaled", (0, 2500, 1255, 1, 3, 29, 57)),
        ("_int", (-10, 10, 0)),
        ("_bool", (True, False)),
        ("_enum", (0, 1, 5)),
        ("_string", ("", "12345678", 'a"b\\c', "a/b")),
        ("_text", ("", "21 °C", "日本", "\U0001f600", "line\nbreak\ttab", "\u2028")),
        ("_blob", ("AA==", "AAECAw==", "+/8=")),
        ("_array", ([1], [9, 0, 5])),
        ("_tuple", ([1, "a"], [9, ""])),
        ("_struct", ({"p": 100, "pair": {"x": 9, "y": 0}}, {"p": 0.5, "pair": {"x": 0, "y": 9}})),
        ("_points", ([], [{"x": 1, "y": 2}], [{"x": 1, "y": 2}, {"x": 3, "y": 4}, {"x": 5, "y": 6}])),
        ("_matrix", ({"len": [0, 0], "blob": ""}, {"len": [1, 2], "blob": "AAECAw=="}, {"len": [3, 1], "blob": "AAECAwQF"})),
    ],
)
def test_data_types(wire, parameter, values):
    for value in values:
        used = change(wire, "types:" + parameter, value)
        assert used == (pytest.approx(value, rel=5e-7) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    ("parameter", "sent", "used"),
    [
        ("_int", "5.0", 5),
        ("_int", "1e1", 10),
        ("_int", "-0", 0),
        ("_double", "7", 7),
        ("_double", "5e-1", 0.5),
        ("_scaled", "12.0", 12),
        ("_enum", '"ON"', 1),
        ("_enum", "5.0", 5),
        ("_text", r'"\u00b0\ud83d\ude00\n\/"', "°\U0001f600\n/"),
    ],
)
def test_what_is_meant_counts(wire, parameter, sent, used):
    line = wire.ask(f"change types:{parameter} {sent}")
    value = split(line)[2][0]
    assert value == used
    # a whole number goes out as one
    assert type(value) is type(used) or parameter == "_double"


def test_optional_members_keep_their_value(wire):
    change(wire, "types:_struct", {"p": 50, "pair": {"x": 1, "y": 2}})
    assert change(wire, "types:_struct", {"pair": {"x": 3}}) == {"p": 50, "pair": {"x": 3, "y": 2}}
    assert change(wire, "types:_struct", {"p": 5, "pair": {"x": 4, "y": 6}}) == {"p": 5, "pair": {"x": 4, "y": 6}}


def test_optional_members_inside_an_array(start_node):
    """All members are there in what goes out, also of an element that is new."""
    with start_node(BENCH).connect() as wire:
        change(wire, "types:_points", [{"x": 1, "y": 2}])
        wire.send('change types:_points [{"x": 3}, {"x": 4}]')
        changed = wire.line()
        # whatever comes of it, the connection works
        wire.send("activate types")
        wire.until("active types", timeout=5)
        action, _, data = split(changed)
        assert action == "changed"
        assert data[0] == [{"x": 3, "y": 2}, {"x": 4, "y": 0}]


@pytest.mark.parametrize("number", ["99.9", "0.96", "-0.1", "9.7", "1e-07", "0.0001", "1e+16", "16777216.0"])
def test_a_number_comes_back_in_the_digits_it_was_sent_in(wire, number):
    assert wire.ask(f"change types:_free {number}").startswith(f"changed types:_free [{number}, ")
    assert wire.ask("read types:_free").startswith(f"reply types:_free [{number}, ")


@pytest.mark.parametrize(
    "number", ["3.723504314e106", "1e129", "-3e127", "1.5e126", "9.25e121", "0.1e40", "1" + "0" * 38 + "9.5"]
)
def test_a_number_beyond_single_precision_is_refused(wire, number):
    """MicroPython from 1.26 on would take some of them as 0 or not a number."""
    assert wire.ask("change types:_free 1.5").startswith("changed ")
    assert error_class(wire.ask(f"change types:_free {number}")) == "RangeError"
    assert change(wire, "types:_double", 2) == 2
    assert wire.ask("read types:_free").startswith("reply types:_free [1.5, ")


@pytest.mark.parametrize("number", ["1e-128", "3e-129", "1e-46", "-1e-400"])
def test_a_number_too_small_for_single_precision_is_zero(wire, number):
    assert split(wire.ask(f"change types:_free {number}"))[2][0] == 0


@pytest.mark.parametrize(
    ("request_line", "result"),
    [
        ("_nothing", None),
        ("_double 21", 42),
        ('_join [4, "all"]', "4all"),
        ('_divide {"a": 8, "b": 4}', [2, True]),
        ('_divide {"a": 1}', [0.5, False]),
        ("_sum [1, 2, 3]", {"sum": 6, "n": 3}),
        ("_sum []", {"sum": 0, "n": 0}),
    ],
)
def test_commands(wire, request_line, result):
    action, specifier, data = split(wire.ask("do calc:" + request_line))
    assert (action, specifier) == ("done", "calc:" + request_line.split(" ")[0])
    assert data[0] == result


def test_command_that_fails(bench, wire):
    assert error_class(wire.ask("do calc:_break")) == "InternalError"
    assert "ZeroDivisionError" in bench.log
    assert split(wire.ask('do calc:_divide {"a": 1, "b": 2}'))[2][0] == [0.5, False]


@pytest.mark.parametrize("value", [{"a": 8, "b": 4}, {"a": 8}])
def test_check_of_a_command_runs_nothing(wire, value):
    action, specifier, data = split(wire.ask("check calc:_divide " + json.dumps(value)))
    assert (action, specifier) == ("checked", "calc:_divide")
    assert data == [value, {}]


def test_communicator(wire):
    assert split(wire.ask('do echo:communicate "*idn? °"'))[2][0] == "*IDN? °"
    # longer than a client's output buffer
    assert split(wire.ask(f'do echo:communicate "{"a" * 900}"'))[2][0] == "A" * 900


def test_value_used_differs_from_value_asked(bench):
    with bench.connect() as wire:
        wire.ask("change stepper:target 1")  # whatever other tests left: only a value that changes is told
        wire.send("activate stepper")
        wire.until("active stepper")
        wire.send("change stepper:target 7")
        line, before = wire.until("changed stepper:target ")
        assert split(line)[2][0] == 6
        told = {split(update)[1]: split(update)[2][0] for update in before}
        assert told == {"stepper:value": 6, "stepper:target": 6}


def test_long_values_reach_everybody(bench):
    """An update that is longer than a client's buffer goes out whole as well."""
    text = "é" * 480
    with bench.connect() as asking, bench.connect() as watching:
        for wire in (asking, watching):
            wire.send("activate types")
            wire.until("active types")
        for i in range(5):
            asking.send(f'change types:_text "{i}{text}"')
            line, before = asking.until("changed types:_text ")
            assert split(line)[2][0] == f"{i}{text}"
            assert [split(update)[2][0] for update in before] == [f"{i}{text}"]
            line, _ = watching.until("update types:_text ")
            assert split(line)[2][0] == f"{i}{text}"
        assert asking.ask('change types:_text ""').startswith("changed ")


def test_drivable(wire):
    wire.send("activate motor")
    wire.until("active motor")
    wire.send("change motor:target 45")
    wire.until("changed motor:target [45")
    status, before = wire.until("update motor:status ")
    assert split(status)[2][0] == [100, ""]
    # the value has arrived when the status says so
    values = [split(line)[2][0] for line in before if line.startswith("update motor:value ")]
    assert values[-1] == 45
    assert values == sorted(values, reverse=values[0] > 45)
    assert split(wire.ask("read motor"))[2][0] == 45


def test_lamp(wire):
    for percent in (0, 50, 100):
        assert wire.ask(f"change lamp:target {percent}").startswith("changed lamp:target [")
        time.sleep(0.05)  # a pin takes up a new duty two periods later at most
        assert split(wire.ask("read lamp:value"))[2][0] == pytest.approx(percent, abs=0.01)
    assert error_class(wire.ask("change lamp:target 100.5")) == "RangeError"
