"""Acquisitions as a client sees them (classes.rst, Acquisition base classes)."""

import time

import pytest

from host_tests import harness
from host_tests.harness import error_class, mentions, split, value, wait

NODE = harness.NODES / "acquisition.py"
IDLE, PREPARED, WARN, BUSY = 100, 150, 200, 300


@pytest.fixture
def client(start_node):
    with start_node(NODE).connect() as wire:
        yield wire


def done(client, specifier):
    answer = client.ask(f"do {specifier}")
    assert answer.startswith(f"done {specifier} [null"), answer


def status(client, module):
    return value(client, f"{module}:status")[0]


def over(client, module):
    wait(lambda: status(client, module) != BUSY)


def test_what_the_description_says(client):
    modules = split(client.ask("describe"))[2]["modules"]
    assert {name: module["interface_classes"] for name, module in modules.items()} == {
        "single": ["Acquisition", "Readable"],
        "detector": ["NeutronDetector", "AcquisitionController", "Readable"],
        "timer": ["AcquisitionChannel", "Readable"],
        "counts": ["AcquisitionChannel", "Readable"],
        "wild": ["Acquisition", "Readable"],
    }
    assert modules["detector"]["acquisition_channels"] == {"t": "timer", "counts": "counts"}
    assert "acquisition_channels" not in modules["single"]
    for name in ("single", "timer", "counts"):
        accessibles = modules[name]["accessibles"]
        assert accessibles["goal"]["datainfo"] == accessibles["value"]["datainfo"] and "goal_enable" in accessibles


def test_one_ends_at_its_goal_and_keeps_what_it_has(client):
    assert value(client, "single:goal") == 200 and value(client, "single:goal_enable") is True
    done(client, "single:go")
    over(client, "single")
    code, text = value(client, "single:status")
    assert code == IDLE and mentions(text, "single", "goal")
    found = value(client, "single")
    assert 200 <= found < 400
    time.sleep(0.1)
    assert value(client, "single") == found  # its pulses go on
    done(client, "single:go")
    over(client, "single")
    assert 200 <= value(client, "single") < 400  # anew


def test_it_is_busy_before_the_answer(client):
    client.ask("activate")
    client.send("do detector:go")
    came = [split(line) for line in client.until("done")[1]]
    for module in ("detector", "timer", "counts"):
        assert any(line[:2] == ("update", f"{module}:status") and line[2][0][0] == BUSY for line in came), (module, came)


def test_go_while_busy_changes_nothing(client):
    done(client, "detector:go")
    wait(lambda: value(client, "timer") > 0.1)
    done(client, "detector:go")
    assert value(client, "timer") > 0.1 and value(client, "detector") == 1
    assert error_class(client.ask("do detector:prepare")) == "IsBusy"
    over(client, "detector")
    assert value(client, "timer") == pytest.approx(0.5, abs=0.4)
    assert value(client, "counts") == pytest.approx(1000 * value(client, "timer"), abs=30)


def test_hold_pauses_and_go_continues(client):
    client.ask("change timer:goal 1")
    done(client, "detector:go")
    wait(lambda: value(client, "counts") > 100)
    done(client, "detector:hold")
    held, at = value(client, "counts"), value(client, "timer")
    assert status(client, "detector") == PREPARED and status(client, "counts") == IDLE
    done(client, "detector:hold")  # it does nothing more
    time.sleep(0.3)
    assert (value(client, "counts"), value(client, "timer")) == (held, at)
    done(client, "detector:go")
    over(client, "detector")
    assert value(client, "detector") == 1
    assert value(client, "timer") >= 1
    assert value(client, "counts") == pytest.approx(1000 * value(client, "timer"), abs=30)


def test_stop_ends_and_the_next_go_begins_anew(client):
    client.ask("change timer:goal_enable false")
    done(client, "detector:stop")
    assert value(client, "detector:status") == [IDLE, ""]  # nothing was to stop
    done(client, "detector:go")
    wait(lambda: value(client, "timer") > 0.6)  # beyond its goal
    done(client, "detector:stop")
    assert value(client, "detector:status") == [IDLE, "stopped"]
    result = value(client, "counts")
    assert result > 500
    done(client, "detector:prepare")
    assert status(client, "detector") == PREPARED
    assert value(client, "counts") == result  # of the last one, until the next begins
    done(client, "detector:prepare")
    done(client, "detector:go")
    assert value(client, "counts") < result
    done(client, "detector:hold")
    done(client, "detector:stop")
    assert value(client, "detector:status") == [IDLE, "stopped"]


def test_a_goal_that_is_changed_counts_at_once(client):
    client.ask("change timer:goal 1000")
    done(client, "detector:go")
    client.ask("change counts:goal 50")
    assert status(client, "detector") == BUSY  # it is not enabled
    client.ask("change counts:goal_enable true")
    over(client, "detector")
    code, text = value(client, "detector:status")
    assert code == IDLE and mentions(text, "counts", "goal") and value(client, "counts") >= 50
    assert error_class(client.ask("change counts:goal -1")) == "RangeError"
    assert error_class(client.ask('change counts:goal "1"')) == "WrongType"


def test_hardware_that_does_not_get_ready(client):
    for _ in range(3):
        done(client, "detector:go")
        done(client, "detector:stop")
    assert error_class(client.ask("do detector:go")) == "HardwareError"
    assert status(client, "detector") == IDLE
    assert error_class(client.ask("do detector:prepare")) == "HardwareError"


def test_it_ends_before_it_counts_wrong(start_node):
    """At 2 ** 24 single precision no longer holds each number: 84 s of these pulses."""
    with start_node(NODE, speed=50).connect() as wire:
        done(wire, "wild:go")
        over(wire, "wild")
        code, text = value(wire, "wild:status")
        assert code == WARN and mentions(text, "wild") and value(wire, "wild") == 0xFFFFFF
