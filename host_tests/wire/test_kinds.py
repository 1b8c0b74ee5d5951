"""A driver's value of another kind than its data type is an error that names both; one out of range is sent, and logged."""

import re
import time

import pytest

from host_tests import harness

NODE = harness.NODES / "kinds.py"
SHOWN = {  # what the text says of each
    "_double": ("_double", "'1.5'"),
    "_int": ("_int", "2.7"),
    "_bool": ("_bool", "'off'"),
    "_enum": ("_enum", "'open'"),
    "_string": ("_string", "5"),
    "_array": ("_array", "'2'"),
    "_struct": ("_struct: p", "True"),
}


@pytest.fixture
def node(nodes):
    return nodes(NODE)


@pytest.fixture
def wire(node):
    with node.connect() as wire:
        wire.ask("change k:_right false")
        wire.ask("change k:_beyond false")
        yield wire


@pytest.mark.parametrize("name", SHOWN)
def test_a_wrong_kind_is_no_reading(wire, name):
    action, _, (kind, text, _) = harness.split(wire.ask(f"read k:{name}"))
    assert (action, kind) == ("error_read", "HardwareError")
    parameter, value = SHOWN[name]
    assert text.startswith(parameter + ": ") and value in text
    wire.ask("change k:_right true")
    assert wire.ask(f"read k:{name}").startswith(f"reply k:{name} [")


@pytest.mark.parametrize(
    "name,value",
    [
        ("_double", 3.0),
        ("_int", 2),
        ("_bool", True),
        ("_enum", 1),
        ("_string", "text"),
        ("_array", [1, 2]),
        ("_struct", {"p": 1.0}),
    ],
)
def test_what_stands_for_the_kind_is_taken(wire, name, value):
    wire.ask("change k:_right true")
    found = harness.split(wire.ask(f"read k:{name}"))[2][0]
    assert found == value and type(found) is type(value)


def test_who_is_active_gets_an_error_update(wire):
    wire.ask("change k:_right true")
    time.sleep(0.3)
    wire.ask("activate")
    wire.send("change k:_right false")
    line, _ = wire.until("error_update k:_bool ", timeout=5)
    assert harness.split(line)[2][0] == "HardwareError"


@pytest.mark.parametrize("name", SHOWN)
def test_a_driver_that_sets_it_is_told(wire, name):
    _, _, (kind, text, _) = harness.split(wire.ask(f'do k:_set "{name}"'))
    assert kind == "HardwareError" and text.startswith(SHOWN[name][0] + ": ") and SHOWN[name][1] in text


def test_a_result_of_another_kind(wire):
    _, _, (kind, text, _) = harness.split(wire.ask("do k:_result"))
    assert kind == "HardwareError" and "_result" in text and "'5'" in text


def test_a_value_outside_its_limits_is_sent_and_logged_once_in_a_row(start_node):
    node = start_node(NODE)
    with node.connect() as wire:
        for times in (1, 2):
            wire.ask("change k:_beyond true")
            time.sleep(0.5)  # some polls
            assert harness.split(wire.ask("read k:_level"))[2][0] == 12.5
            assert harness.split(wire.ask("read k:_levels"))[2][0] == [1.0, 12.5]
            wire.ask("change k:_beyond false")
            time.sleep(0.3)
            assert harness.split(wire.ask("read k:_level"))[2][0] == 9.5
            assert len(re.findall(r"\b_level .*: 12\.5", node.log)) == times
            assert len(re.findall(r"\b_levels .*: .*12\.5", node.log)) == times
