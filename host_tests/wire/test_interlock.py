"""Interlocks, as a client sees them: what trips one, what it does and forbids, and how it ends."""

import pytest

from host_tests import harness
from host_tests.harness import error_class, mentions, value, wait

NODE = harness.NODES / "interlocks.py"
HOT = "the wall is too hot"  # as the node says it
IDLE, WARN, BUSY, ERROR = 100, 200, 300, 400

level = harness.level_fixture(*harness.LEVELS, "board-like")


@pytest.fixture
def node(start_node):
    return start_node(NODE)


@pytest.fixture
def wire(node):
    with node.connect() as wire:
        wait(lambda: all(value(wire, f"{name}:status")[0] == IDLE for name in ("hot", "door", "never", "low", "far", "end")))
        yield wire


def status(wire, name):
    return value(wire, name + ":status")


def did(line):
    assert line.split()[0] in ("changed", "done"), line


def tripped(wire, name="hot"):
    wait(lambda: value(wire, name) == 1)
    assert status(wire, name)[0] == ERROR
    return status(wire, name)[1]


def test_a_tripped_one_cuts_forbids_and_ends_by_clear_errors(wire):
    did(wire.ask("change heater:target 60"))
    did(wire.ask('change gas:target "on"'))
    did(wire.ask("change flow:target 5"))
    wait(lambda: value(wire, "power") > 0)
    did(wire.ask("change wall:_is 101"))
    assert tripped(wire).startswith(f"{HOT} (") and mentions(status(wire, "hot")[1], "wall:value is 101")
    assert value(wire, "power") == 0
    assert status(wire, "heater")[0] == ERROR
    assert f"hot: {HOT}" in status(wire, "heater")[1]
    assert [value(wire, name) for name in ("gas", "gas:target", "flow", "flow:target")] == [0, 0, 0, 0]
    for line in ("change heater:target 50", "do heater:clear_errors", "do heater:_autotune 50", "change power:target 5",
                 'change gas:target "on"', "change flow:target 1"):  # fmt: skip
        answer = wire.ask(line)
        assert error_class(answer) == "Impossible" and HOT in answer, line
    did(wire.ask("do heater:stop"))
    did(wire.ask("do heater:control_off"))
    # whether something could be had does not depend on the status
    assert wire.ask("check heater:target 50").startswith("checked ")
    answer = wire.ask("do hot:clear_errors")
    assert error_class(answer) == "HardwareError" and mentions(answer, "wall:value is 101")
    did(wire.ask("change wall:_is 99"))
    wait(lambda: value(wire, "wall") == 99)
    assert value(wire, "hot") == 1  # it is latched
    did(wire.ask("do hot:clear_errors"))
    assert (value(wire, "hot"), status(wire, "hot")) == (0, [IDLE, ""])
    # and what was off stays off
    assert status(wire, "heater") == [IDLE, "off"]
    assert [value(wire, name) for name in ("power", "gas", "flow")] == [0, 0, 0]
    did(wire.ask("change heater:target 60"))
    wait(lambda: value(wire, "power") > 0)
    did(wire.ask("change flow:target 5"))
    wait(lambda: value(wire, "flow") == pytest.approx(5, abs=0.01))


def test_a_value_that_cannot_be_had_counts_as_a_wrong_one(wire):
    did(wire.ask("change wall:_gone true"))
    assert "the wall does not answer" in tripped(wire)
    did(wire.ask("change wall:_gone false"))
    wait(lambda: wire.ask("do hot:clear_errors").startswith("done"))
    assert value(wire, "hot") == 0


def test_one_that_is_not_latched_ends_by_itself(wire):
    did(wire.ask("change stage:target 10"))
    did(wire.ask('change wall:_door "open"'))
    tripped(wire, "door")
    assert status(wire, "stage") == [IDLE, "stopped"]
    assert error_class(wire.ask("change stage:target 20")) == "Impossible"
    did(wire.ask("do stage:stop"))
    did(wire.ask('change wall:_door "closed"'))
    wait(lambda: value(wire, "door") == 0)
    did(wire.ask("change stage:target 20"))


def test_a_limit_brings_the_target_down_and_takes_what_is_below(wire):
    did(wire.ask("change heater:target 90"))
    did(wire.ask("change still:target 6"))
    tripped(wire, "low")
    wait(lambda: value(wire, "heater:target") == 60)
    assert status(wire, "heater")[0] != ERROR
    answer = wire.ask("change heater:target 70")
    assert error_class(answer) == "Impossible" and '"closest_valid": 60' in answer
    did(wire.ask("change heater:target 55"))
    did(wire.ask("change still:target 4"))
    wait(lambda: value(wire, "low") == 0)
    did(wire.ask("change heater:target 70"))


def test_a_limit_switches_nothing_on(wire):
    did(wire.ask("change heater:target 90"))
    did(wire.ask("do heater:control_off"))
    did(wire.ask("change still:target 6"))
    tripped(wire, "low")
    assert value(wire, "power") == 0
    assert value(wire, "heater:control_active") is False


def test_check_knows_a_target_that_would_trip_by_itself(wire):
    answer = wire.ask("check stage:target 95")
    assert error_class(answer) == "Impossible" and "too far" in answer
    assert error_class(wire.ask("change stage:target 95")) == "Impossible"
    # that one depends on something else, too
    assert wire.ask("check stage:target 85").startswith("checked ")
    did(wire.ask("change stage:target 85"))
    assert "stage:target is 85" in tripped(wire, "far")


def test_no_client_is_needed(node):
    with node.connect() as wire:
        wait(lambda: status(wire, "hot")[0] == IDLE)
        did(wire.ask("change heater:target 60"))
        did(wire.ask("change wall:_is 101"))
    wait(lambda: "heater off: hot" in node.log)
    with node.connect() as wire:
        assert value(wire, "power") == 0
