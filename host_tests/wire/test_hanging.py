"""Hardware that does not answer: an error in time, and back when it answers again. host_tests/nodes/hanging.py."""

import threading
import time

import pytest

from host_tests import harness
from host_tests.harness import error_class, mentions, split

NODE = harness.NODES / "hanging.py"
TIMEOUT = 1  # s, of that node; it takes up to one more


@pytest.fixture
def node(start_node):
    return start_node(NODE)


@pytest.fixture
def wire(node):
    with node.connect() as wire:
        yield wire


def status(wire):
    return split(wire.ask("read h:status"))[2][0]


def test_a_reading_that_hangs(node, wire):
    wire.ask("activate h")
    wire.until("update h:value")
    wire.ask("change switch:_hangs 1")
    line, before = wire.until("error_update h:value", timeout=10)
    kind, text, _ = split(line)[2]
    assert kind == "CommunicationFailed" and mentions(text, "1 s")
    assert status(wire) == [400, text]
    # the next one hangs again, and others are served; a client that asks hears the same
    assert error_class(wire.ask("read h:value")) == "CommunicationFailed"
    assert split(wire.ask("read h:_other"))[2][0] == 7
    wire.ask("change switch:_hangs 0")
    wire.until("update h:value", timeout=10)
    assert status(wire)[0] == 100
    # a client's own reading has its time as well
    wire.ask("deactivate")
    wire.ask("change switch:_hangs 1")
    began = time.monotonic()
    wire.ask("read h:value")
    assert time.monotonic() - began < TIMEOUT + 5
    assert "error h:" not in node.log


@pytest.mark.parametrize("request_", ["change h:target 3", "do h:_act 1"])
def test_what_a_client_does_and_hangs(wire, request_):
    if "change" in request_:
        wire.ask("change switch:_hangs 1")
    name, text, _ = split(wire.ask(request_, timeout=15))[2]
    assert name == "TimeoutError" and mentions(text, "1 s")
    wire.ask("change switch:_hangs 0")
    # the module is free again
    assert wire.ask("change h:target 4").startswith("changed h:target [4")
    assert wire.ask("do h:_act 0").startswith("done h:_act [3")


def test_who_waits_waits_longer(node, wire):
    """A module that is at work on something that hangs, and one request more: it is answered, and carried out."""
    answers = []

    def act():
        with node.connect() as other:
            answers.append(other.ask("do h:_act 1", timeout=20))

    thread = threading.Thread(target=act)
    thread.start()
    time.sleep(0.3)
    assert wire.ask("change h:target 4", timeout=20).startswith("changed h:target [4")
    thread.join()
    assert error_class(answers[0]) == "TimeoutError"


@pytest.mark.parametrize("request_", ["read h:value", "change h:target 3", "do h:_act 2"])
def test_one_that_can_not_be_ended(node, wire, request_):
    """It keeps its module, and says so; who asked for it is answered, and keeps no place."""
    if not request_.startswith("do"):
        wire.ask("change switch:_hangs 2")
    line = wire.ask(request_, timeout=20)
    assert error_class(line) in ("TimeoutError", "CommunicationFailed"), line
    deadline = time.monotonic() + 10
    while status(wire)[0] != 400:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert "ended" in status(wire)[1]
    for parameter in ("value", "_other"):  # nothing is read any more, so nothing of old is shown
        assert error_class(wire.ask("read h:" + parameter)) == "CommunicationFailed"
    assert error_class(wire.ask("change h:target 1", timeout=20)) == "TimeoutError"
    assert error_class(wire.ask("do h:_act 0", timeout=20)) == "TimeoutError"
    assert "ended" in node.log
    wire.ask("change switch:_hangs 0")
    wire.ask("change switch:_release 1")
    wire.ask("activate h")
    wire.until("update h:value", timeout=10)
    deadline = time.monotonic() + 10
    while status(wire) != [100, ""]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert wire.ask("change h:target 4").startswith("changed h:target [4")
    assert split(wire.ask("read h:_other"))[2][0] == 7


def test_a_driver_that_is_cancelled_by_its_own(wire):
    """Its poll goes on: such an exception is none that MicroPython's `except Exception` catches."""
    wire.ask("activate cancelled")
    for _ in range(2):
        line, _ = wire.until("error_update cancelled:value")
        assert error_class(line) == "InternalError" and "CancelledError" in line
        wire.until("update cancelled:value")


def test_a_ctrl_c_while_a_reading_is_noted_is_not_lost(start_node):
    node = start_node(harness.NODES / "struck.py")
    with node.connect() as wire:
        wire.ask("change slow:_now true")
    assert node.process.wait(10) == 0, node.log
