"""Modbus RTU against the server of pymodbus: what registers hold, what is set, and whatever goes wrong at the cable."""

import re
import struct
import time

import pytest

from host_tests import harness
from tools.emulator.slaves import Slaves

from .reading import answer, error, value

NODE = harness.NODES / "modbus.py"


def words(kind, value, swapped=False):
    found = struct.unpack(">" + "H" * (struct.calcsize(kind) // 2), struct.pack(">" + kind, value))
    return found[::-1] if swapped else found


def registers():
    """What slave 1 holds."""
    held = {0: 7, 1: 1007, 2: 2007, 3: 0xFFFD, 5: 0, 20: 2985, 122: 9250, 50: 2000, 51: 2000}
    values = (10, "i", -70000, False), (12, "i", 70000, True), (14, "f", 77.25, False), (16, "f", -1.5e-3, True)
    for at, kind, number, swapped in (*values, (18, "I", 4000000000, False)):
        held[at], held[at + 1] = words(kind, number, swapped)
    return held


@pytest.fixture
def slaves():
    slaves = Slaves({1: registers(), 2: {0: 222}})
    yield slaves
    slaves.close()


@pytest.fixture
def wire(start_node, slaves):
    with start_node(NODE, lines={1: slaves.port}).connect() as wire:
        yield wire


def back(wire, specifier):
    harness.wait(lambda: answer(wire, specifier)[0] == "reply", 10)
    return value(wire, specifier)


def test_what_registers_hold(wire):
    expected = {
        "q0": 7, "q1": 1007, "q3": -3, "int32": -70000, "swapped": 70000, "float": 77.25, "swapped_float": -1.5e-3,
        "uint32": 4000000000, "input": 298.5, "contact": True, "second": 222, "several": 0,
    }  # fmt: skip
    for name, wanted in expected.items():
        assert value(wire, name + ":value") == pytest.approx(wanted, rel=1e-6), name
    assert value(wire, "float:status") == [100, ""]


def test_what_is_set(wire, slaves):
    assert wire.ask("change power:target -2.5").startswith("changed power:target [-2.5,")
    assert slaves.registers[1, 3][30] == 0x10000 - 25
    assert wire.ask("change setpoint:target 123.75").startswith("changed setpoint:target [123.75,")
    assert tuple(slaves.registers[1, 3][32:34]) == words("f", 123.75, True)
    assert value(wire, "setpoint:value") == 123.75
    assert wire.ask("change coil:target true").startswith("changed coil:target [true,")
    assert value(wire, "coil:value") is True
    assert wire.ask("change coil:target false").startswith("changed coil:target [false,")
    assert 'done several:_set ["(3, 1, -1) (True, False, True)"' in wire.ask("do several:_set 3")
    assert value(wire, "several:value") == 3
    assert {function for function, _, _ in slaves.seen} == {1, 2, 3, 4, 5, 6, 15, 16}


def test_a_loop_arrives(wire, slaves):
    assert value(wire, "loop:value") == 200
    assert wire.ask("change loop:target 300").startswith("changed loop:target [300")
    assert value(wire, "loop:status")[0] == 300
    assert slaves.registers[1, 3][51] == 3000
    slaves.registers[1, 3][50] = 2995
    harness.wait(lambda: value(wire, "loop:status") == [100, ""], 5)


def test_a_slave_refuses_in_words(wire, slaves):
    kind, text = error(wire, "missing:value")
    assert kind == "HardwareError" and harness.mentions(text, "register 999")
    slaves.refused[30] = 3
    line = wire.ask("change power:target 50")
    assert harness.error_class(line) == "Impossible" and harness.mentions(line, "register 30")
    slaves.refused = {1: 4, 2: 7}
    kind, text = error(wire, "q1:value")
    assert kind == "HardwareError" and harness.mentions(text, "register 1")
    kind, text = error(wire, "q2:value")
    assert kind == "HardwareError" and harness.mentions(text, "register 2", "code 7")
    assert value(wire, "q0:value") == 7  # one that refuses is not lost


def test_the_state_of_a_reading(wire, slaves):
    value(wire, "q0:value")
    slaves.registers[1, 3][5] = 1
    assert value(wire, "float:value") == 77.25 and value(wire, "float:status") == [200, "alarm 1"]
    slaves.registers[1, 3][5] = 33
    assert error(wire, "float:value") == ["HardwareError", "sensor broken"]
    slaves.registers[1, 3][5] = 0
    slaves.registers[1, 3][14] = 0x7FC0  # not a number
    kind, text = error(wire, "float:value")
    assert kind == "HardwareError" and harness.mentions(text, "register 14")


def test_unplugged_and_plugged_in_again(wire, slaves):
    assert value(wire, "q1:value") == 1007
    slaves.fault = "silent"
    kind, text = error(wire, "q1:value")
    # 122 is what it is asked for first where it was lost already
    assert kind == "CommunicationFailed" and re.search(r"\bregister (1|122)\b", text)
    harness.wait(lambda: value(wire, "q1:status")[0] == 400, 5)
    slaves.fault = "none"
    began = time.monotonic()
    assert back(wire, "q1:value") == 1007
    assert time.monotonic() - began < 2
    assert value(wire, "q1:status") == [100, ""]


def test_another_instrument_is_told(wire, slaves):
    slaves.fault = "silent"
    harness.wait(lambda: answer(wire, "q0:value")[0] == "error_read", 5)
    value(wire, "q0:status")
    slaves.registers[1, 3][122] = 1234
    slaves.fault = "none"
    harness.wait(lambda: answer(wire, "q0:value")[2][0] == "HardwareError", 10)
    assert "register 122 is 1234 instead of 9250" in error(wire, "q0:value")[1]
    slaves.registers[1, 3][122] = 9250
    assert back(wire, "q0:value") == 7


@pytest.mark.parametrize("fault", ["garbled", "half", "slow"])
def test_never_a_wrong_value(wire, slaves, fault):
    right = {"q0": 7, "q1": 1007, "q2": 2007, "q3": -3, "int32": -70000}
    slaves.fault = fault
    for _ in range(6):
        for name, wanted in right.items():
            found = answer(wire, name + ":value")
            assert found[0] == "error_read" or found[2][0] == wanted, found
    slaves.fault = "none"
    for name, wanted in right.items():
        assert back(wire, name + ":value") == wanted


def test_a_register_may_hold_what_tells_the_slave(wire, slaves):
    """An answer that is the identity's, word for word: nothing else follows."""
    value(wire, "q0:value")
    slaves.registers[1, 3][0] = 9250
    for _ in range(3):
        assert value(wire, "q0:value") == 9250
    assert value(wire, "q1:value") == 1007 and value(wire, "q0:status") == [100, ""]


def test_a_line_that_loses_bytes(wire, slaves):
    right = {"q0": 7, "q1": 1007, "q2": 2007, "q3": -3, "int32": -70000, "swapped": 70000}
    slaves.loss = 0.01
    good = 0
    deadline = time.monotonic() + 60
    while good < 30:
        assert time.monotonic() < deadline
        for name, wanted in right.items():
            found = answer(wire, name + ":value")
            if found[0] == "reply":
                good += 1
                assert found[2][0] == wanted, found
            else:
                time.sleep(0.1)  # one that is lost is looked for now and then
