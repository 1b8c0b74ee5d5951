"""The line device over a UART: whatever the instrument and the cable do, an answer belongs to its question, or is an error."""

import threading
import time

import pytest

from host_tests import harness
from tools.emulator import instruments

from .reading import answer

NODE = harness.NODES / "lines.py"


class Counting(instruments.Lines):
    """Q3 is answered with A3: and 3 with a count behind it, so that an answer shows whose it is."""

    identity = "ACME,1,0,1.0"
    pause = 0.0
    value = 0
    count = 0

    def answer(self, request):
        time.sleep(self.pause)
        if request.startswith("SET "):
            self.value = int(request[4:])
            return None
        if request == "SET?":
            return str(self.value)
        if len(request) == 2 and request[0] == "Q":
            self.count += 1
            return f"A{request[1]}:{request[1]}{self.count:06d}"
        return super().answer(request)


@pytest.fixture
def instrument():
    instrument = Counting()
    yield instrument
    instrument.close()


@pytest.fixture
def wire(start_node, instrument):
    node = start_node(NODE, lines={1: instrument.port})
    with node.connect() as wire:
        wire.node = node
        yield wire


def until(wire, specifier, good, seconds=15):
    """Read until an answer is as wished; gives it and how long that took."""
    began = time.monotonic()
    while True:
        found = answer(wire, specifier)
        if good(found):
            return found, time.monotonic() - began
        assert time.monotonic() < began + seconds, found
        time.sleep(0.05)


def is_value(found):
    return found[0] == "reply"


def is_error(found):
    return found[0] == "error_read"


def test_each_question_has_its_answer(wire, instrument):
    for _ in range(5):
        for i in range(4):
            found = answer(wire, f"q{i}:value")
            assert is_value(found) and found[2][0] // 1000000 == i, found
    assert instrument.requests[0] == "*IDN?" and instrument.requests.count("*IDN?") == 1


def test_a_change_is_there_when_it_is_answered(wire, instrument):
    assert wire.ask("change set:target 17").startswith("changed set:target [17,")
    assert instrument.value == 17


def test_a_change_goes_before_the_polls(wire, instrument):
    instrument.pause = 0.04  # four polls each time
    time.sleep(0.3)
    wire.ask("change set:target 3")
    at = instrument.requests.index("SET 3")
    assert instrument.requests[at + 1] == "SET?", instrument.requests[at - 2 : at + 4]


def test_unplugged_and_plugged_in_again(wire, instrument):
    instrument.fault = "silent"
    found, _ = until(wire, "q1:value", is_error)
    assert found[2][0] == "CommunicationFailed" and "no answer" in found[2][1], found
    until(wire, "q1:status", lambda found: found[2][0][0] == 400)
    asked = instrument.requests.count("*IDN?")
    instrument.fault = "none"
    found, took = until(wire, "q1:value", is_value)
    assert found[2][0] // 1000000 == 1 and took < 2, took  # two polls, and what was waited for meanwhile
    assert instrument.requests.count("*IDN?") > asked
    assert answer(wire, "q1:status")[2][0] == [100, ""]


def test_another_instrument_is_told_by_what_it_says(wire, instrument):
    instrument.fault = "silent"
    until(wire, "q0:value", is_error)
    instrument.fault = "other"
    found, _ = until(wire, "q0:value", lambda found: found[2][0] == "HardwareError")
    assert instrument.other in found[2][1] and "ACME,1" in found[2][1]
    instrument.fault = "none"
    until(wire, "q0:value", is_value)


@pytest.mark.parametrize("fault", ["slow", "half", "garbled"])
def test_never_another_questions_answer(wire, instrument, fault):
    instrument.fault = fault
    for i in range(20):
        found = answer(wire, f"q{i % 4}:value")
        assert is_error(found) or found[2][0] // 1000000 == i % 4 or fault == "garbled", found
        time.sleep(0.1)
    instrument.fault = "none"
    for i in range(4):
        found, _ = until(wire, f"q{i}:value", is_value)
        assert found[2][0] // 1000000 == i, found


def test_what_comes_unasked_is_thrown_away(wire, instrument):
    for i in range(8):
        instrument.write(b"A%d:9999999\r\n" % (i % 4))
        time.sleep(0.03)
        found = answer(wire, f"q{i % 4}:value")
        assert is_value(found) and found[2][0] != 9999999, found
    instrument.write(b"\xff" * 500)  # longer than any answer, and no end
    until(wire, "q0:value", is_value)


def test_many_ask_at_once(wire, instrument):
    wrong = []

    def ask(i):
        with wire.node.connect() as mine:
            for _ in range(25):
                found = answer(mine, f"q{i}:value")
                if not is_value(found) or found[2][0] // 1000000 != i:
                    wrong.append(found)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_it_answers_what_nobody_listed(wire):
    assert wire.ask('do set:_ask "*IDN?"').startswith('done set:_ask ["ACME,1,0,1.0"')
