"""What hangs at pins, as a client sees it: values, names of states, what did not move, and what a broken wire looks like."""

import time

import pytest

from host_tests import harness
from host_tests.harness import mentions, split

PINS = harness.NODES / "pins.py"


@pytest.fixture(scope="module")
def pins(level):
    process = harness.NodeProcess(level, PINS, console=True)
    yield process
    process.stop()


@pytest.fixture
def client(pins):
    with pins.connect() as wire:
        wire.ask("activate")
        yield wire
        broken(pins, "none")


def broken(pins, fault, pin=None):
    """Break a pin, or mend all; waits until the simulated board has read that."""
    words = "none: " if pin is None else f"{fault}: "
    before = pins.log.count(words)
    pins.type(f"fault {fault}" if pin is None else f"fault pin{pin} {fault}")
    deadline = time.monotonic() + 20
    while pins.log.count(words) == before:
        assert time.monotonic() < deadline, pins.log
        time.sleep(0.02)


def value(wire, name):
    return split(wire.ask("read " + name))[2][0]


def until(wire, specifier, wanted, *named):
    """Read the parameter until it has that value; a code or an error's class where its text is to mention something."""
    deadline = time.monotonic() + 20
    while True:
        data = split(wire.ask("read " + specifier))[2]
        code, text = (data[0] if isinstance(data[0], list) else data[:2]) if named else (data[0], "")
        if code == wanted and mentions(text, *named):
            return text
        assert time.monotonic() < deadline, f"{specifier}: {data}, not {wanted}"
        time.sleep(0.02)


def test_states_have_the_names_that_the_node_gives_them(client, pins):
    modules = split(client.ask("describe"))[2]["modules"]
    members = {name: m["accessibles"]["value"]["datainfo"]["members"] for name, m in modules.items() if name not in NUMBERS}
    assert members == {
        "door": {"open": 0, "closed": 1},
        "relay": {"off": 0, "on": 1},
        "vent": {"shut": 0, "venting": 1},
        "valve": {"closed": 0, "open": 1},
        "arm": {"in": 0, "out": 1, "halfway": 2},
    }
    assert modules["arm"]["accessibles"]["target"]["datainfo"]["members"] == {"in": 0, "out": 1}
    assert [m["interface_classes"] for m in modules.values()] == [
        ["Readable"], ["Writable"], ["Writable"], ["Drivable"], ["Drivable"], ["Readable"], ["Readable"], ["Writable"],
    ]  # fmt: skip


NUMBERS = ("loop", "level", "out")


def test_what_is_off_at_the_start(client):
    """Each in its safe state, with a target that says so."""
    for name, state in (("relay", 0), ("vent", 1), ("valve", 0), ("arm", 0), ("out", 0.0)):
        assert value(client, name + ":value") == value(client, name + ":target") == state


def test_a_contact_is_told_at_once(client, pins):
    """Not at the next poll, and once its bouncing has ended."""
    assert value(client, "door:value") == 0
    for fault, state in (("low", 1), ("none", 0)):
        broken(pins, fault, 10)
        while split(client.until("update door:value")[0])[2][0] != state:
            pass  # what was polled before


def test_a_relay_is_read_back(client, pins):
    assert client.ask('change relay:target "on"').startswith("changed relay:target [1,")
    assert value(client, "relay:value") == 1
    broken(pins, "high", 9)
    text = until(client, "relay:value", "HardwareError", "high", "low", "shorted")
    assert split(client.ask("change relay:target 1"))[2][:2] == ["HardwareError", text]
    assert split(client.ask("change relay:target 0"))[0] == "changed"
    broken(pins, "none")
    until(client, "relay:value", 0)


def test_a_valve_arrives(client):
    for target in (1, 0):
        client.send(f"change valve:target {target}")
        seen = [split(line) for line in client.until("changed valve:target")[1]]
        assert [data[0] for action, name, data in seen if name == "valve:status"] == [[300, "moving"]]
        until(client, "valve:status", [100, ""])
        assert value(client, "valve:value") == target


def test_a_valve_that_does_not_move(client, pins):
    broken(pins, "low", 12)
    client.ask("change valve:target 1")
    until(client, "valve:status", 400, "0.5 s", "closed")
    assert value(client, "valve:value") == 0 and value(client, "valve:target") == 1
    broken(pins, "none", 12)
    until(client, "valve:status", [100, ""])
    broken(pins, "low", 12)
    until(client, "valve:status", 400, "moved", "closed")
    broken(pins, "none")
    until(client, "valve:status", [100, ""])
    client.ask("change valve:target 0")
    until(client, "valve:status", [100, ""])


def test_two_end_switches(client, pins):
    broken(pins, "high", 14)
    client.ask('change arm:target "out"')
    until(client, "arm:value", 2)
    until(client, "arm:status", 400, "0.5 s", "halfway")
    broken(pins, "low", 13)
    broken(pins, "low", 14)
    text = until(client, "arm:value", "HardwareError", "end switches")
    until(client, "arm:status", [400, text])
    broken(pins, "none")
    until(client, "arm:status", [100, ""])
    assert value(client, "arm:value") == 1
    client.ask("change arm:target 0")
    until(client, "arm:status", [100, ""])


def test_stop_in_between_goes_to_the_safe_state(client, pins):
    broken(pins, "high", 14)
    client.ask("change arm:target 1")
    until(client, "arm:value", 2)
    assert split(client.ask("do arm:stop"))[0] == "done"
    until(client, "arm:status", [100, ""])
    assert value(client, "arm:target") == value(client, "arm:value") == 0


def test_transmitters(client, pins):
    """8 mA of a table, 6 of 2 to 10 V; and what NAMUR NE 43 says of the rest."""
    assert abs(value(client, "loop:value") - 100) < 5
    assert abs(value(client, "level:value")) < 1
    broken(pins, "low", 26)
    until(client, "loop:value", "HardwareError", "current", "open")
    broken(pins, "high", 26)
    until(client, "loop:status", 400, "3.28 V", "ADC")
    broken(pins, "none")
    until(client, "loop:status", [100, ""])


def test_an_analogue_output_is_read_back(client):
    assert client.ask("change out:target 1.25").startswith("changed out:target [1.25,")
    until(client, "out:value", pytest.approx(1.25, abs=1e-3))
    for wrong in ("5.1", "-0.1"):
        assert split(client.ask("change out:target " + wrong))[2][0] == "RangeError"
    client.ask("change out:target 0")
    until(client, "out:value", 0.0)
