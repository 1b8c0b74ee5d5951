"""`check` and the `change` or `do` that follows never disagree: over every checkable accessible of every node."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from host_tests import harness
from host_tests.properties import values
from tools.image import image

NODES = {
    "example_heater": "example_heater", "oven": "oven", "vector_magnet": "vector_magnet",
    "bench": harness.NODES / "bench.py", "limits": harness.NODES / "limits.py",
}  # fmt: skip
_BY_STATUS = ("IsBusy", "IsError", "Disabled")


def checkables():
    """(node, module, accessible, its datainfo) of all that is checkable."""
    found = []
    for key, node in NODES.items():
        for module, m in json.loads(image.describe(str(node)))["modules"].items():
            for name, a in m["accessibles"].items():
                if a.get("checkable"):
                    found.append((key, module, name, a["datainfo"]))
    return found


CHECKABLES = checkables()


@st.composite
def requests(draw):
    """(node, "module:accessible", is it a command, data)."""
    node, module, name, datainfo = draw(st.sampled_from(CHECKABLES))
    is_command = datainfo["type"] == "command"
    if is_command:
        datainfo = datainfo.get("argument")
    data = None
    if datainfo:
        value = draw(st.one_of(near(datainfo), values.anything(datainfo)))
        data = draw(st.sampled_from([None, "{", "[1,", "nul"])) if draw(st.integers(0, 30)) == 0 else values.render(value)
    return node, f"{module}:{name}", is_command, data


def near(datainfo):
    """Values that the data type allows, most of them of the size that people take, where dynamic limits matter."""
    if datainfo["type"] == "double":
        small = st.floats(-150, 150) | st.integers(-150, 150)
        low, high = datainfo.get("min", -150), datainfo.get("max", 150)
        return small.filter(lambda v: low <= v <= high) | values.valid(datainfo)
    if datainfo["type"] == "tuple":
        return st.tuples(*map(near, datainfo["members"])).map(list)
    if datainfo["type"] == "array":
        members = datainfo["members"]
        some = st.floats(-3, 3).map(lambda v: round(v, 3)) if members["type"] == "double" else near(members)
        return st.lists(some, min_size=datainfo.get("minlen", 0), max_size=datainfo["maxlen"])
    return values.valid(datainfo)


@pytest.fixture(scope="module")
def wires(nodes):
    # the magnet takes its time to a field; others would only be polled more often
    opened = {key: nodes(node, speed=20 if key == "vector_magnet" else 1).connect() for key, node in NODES.items()}
    opened["vector_magnet"].ask("change mf:ramp 60")
    yield opened
    for wire in opened.values():
        wire.close()


def report(line):
    """What counts of an answer: (class or None, value or closest_valid)."""
    _, _, data = harness.split(line)
    error = harness.error_class(line)
    return (error, data[2].get("closest_valid")) if error else (None, data[0])


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(request=requests())
def test_check_and_change_agree(wires, request):
    node, specifier, is_command, data = request
    wire = wires[node]
    tail = f"{specifier} {data}" if data is not None else specifier
    line = wire.ask(f"check {tail}")
    verdict = report(line)
    # asked again it says the same, byte for byte: nothing was changed by asking
    assert wire.ask(f"check {tail}") == line
    assert line.startswith(("checked " if verdict[0] is None else "error_check ") + specifier + " ")
    if verdict[0] is None:
        assert harness.split(line)[2][1] == {}
    if verdict[1] is not None and verdict[0]:
        assert verdict[0] == "Impossible"
        closest = wire.ask(f"check {specifier} {json.dumps(verdict[1])}")
        assert closest.startswith("checked "), (line, closest)
    result = report(wire.ask(f"{'do' if is_command else 'change'} {tail}"))
    if verdict[0] is None:
        assert result[0] is None or result[0] in _BY_STATUS
        if result[0] is None and not is_command:
            assert result[1] == verdict[1]  # the value as it would be used
    else:
        assert result == verdict


def test_nothing_is_left_out():
    """The property above is worth what is checkable: at least this."""
    found = {f"{module}:{name}" for _, module, name, _ in CHECKABLES}
    assert {"heater:target", "heater:_maxheaterpower", "heater:_examplecommand", "mf:target", "mf:_maxfield"} <= found


def test_a_warm_magnet_has_the_zero_field_alone(nodes):
    with nodes("vector_magnet", speed=20).connect() as wire:
        wire.ask("change mf:_maxfield 2.6832815729997477")
        request = "check mf:target [0.1, 0.0, 0.0]"
        assert wire.ask(request).startswith("checked ")
        try:
            wire.ask("change cryo:target 20")
            settle(wire, "cryo")
            assert report(wire.ask(request)) == ("Impossible", [0.0, 0.0, 0.0])
            assert report(wire.ask("change mf:target [0.1, 0.0, 0.0]"))[0] == "Impossible"
            assert wire.ask("check mf:target [0, 0, 0]").startswith("checked ")
        finally:
            wire.ask("change cryo:target 4.2")
            settle(wire, "cryo")
            wire.ask("do mf:clear_errors")
        assert wire.ask(request).startswith("checked ")


def settle(wire, module):
    """Wait until a module is no longer BUSY."""
    wire.send(f"activate {module}")
    wire.until(f"update {module}:status [[100")
    wire.ask(f"deactivate {module}")
