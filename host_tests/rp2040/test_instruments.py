"""Instruments at the chip's UART1, SECoP over its USB and UART0: the firmware's line device on real hardware's UART."""

import struct

import pytest

from host_tests import harness
from tools.emulator import instruments, slaves, stand_ins

REQUESTS = 300
SEED = 17
EACH = 1000000  # what a channel says is so many times its number, and a count: nothing but their order tells whose it is
SET, STEP = 10, 30000  # one request in so many sets that; a thousandth less would do as well
# which request the trouble begins with, and its end
NOISE, HALVES, CUT = (60, 120), (150, 170), (200, 210)


class Counting(instruments.Lines):
    """Four channels that count how often they were read, and a number that is set. `noise`: so many of 1000 bytes that it
    sends have another one in their place, none a digit; for lines a digit that became another one would be a good answer.
    """

    identity = "ACME,1,0,1.0"

    def __init__(self):
        self.said = [number * EACH for number in range(4)]
        self.held = 0
        self.noise = self.bad = 0
        super().__init__(seed=SEED)

    def count(self, number):
        self.said[number] += 1
        return self.said[number]

    def _lossy(self, data):
        kept = super()._lossy(data)
        noisy = bytes(self.stray() if self._random.randrange(1000) < self.noise else c for c in kept)
        self.bad += noisy != data
        return noisy

    def stray(self):
        return self._random.randrange(0x80, 0x100)

    def answer(self, request):
        if request == "SET?":
            return f"{self.held:07d}"
        if request[:4] == "SET " and request[4:].isdigit():
            self.held = int(request[4:])
            return None
        if request in ("Q0", "Q1", "Q2", "Q3"):
            return f"{self.count(int(request[1])):07d}"
        return super().answer(request)


class Slave(Counting):
    """The same as a slave of Modbus RTU, whose check tells each wrong byte."""

    TYPE, TYPE_AT, SET_AT = 9250, 122, 50

    def stray(self):
        return self._random.randrange(0x100)

    def take(self, data):
        # a piece is a question, whole or not: there is silence behind it
        if len(data) < 8 or self.fault == "silent" or stand_ins.crc(data[:-2]) != data[-2:]:
            return b""
        function, at, _ = struct.unpack(">BHH", data[1:6])
        if function == 16:
            self.held = struct.unpack(">i", data[7:11])[0]
            answer = data[:6]
        elif at == self.TYPE_AT:
            answer = struct.pack(">BBBH", 1, 3, 2, self.TYPE)
        else:
            answer = struct.pack(">BBBi", 1, 3, 4, self.held if at == self.SET_AT else self.count(at // 2))
        self.send(answer + stand_ins.crc(answer))
        return b""


def trouble(instrument, n):
    """What is wrong at the cable while request number n is under way."""
    if n == CUT[0]:
        instrument.fault = "silent"
    elif HALVES[0] <= n < HALVES[1]:
        instrument.fault = "half" if n % 2 else "none"
    elif n in (HALVES[1], CUT[1]):
        instrument.fault = "none"
    instrument.noise = 10 if NOISE[0] <= n < NOISE[1] else 0


@pytest.mark.parametrize("kind", ["line", "modbus"])
def test_no_answer_is_taken_for_another_questions(fresh, found, kind):
    """One byte in a hundred is lost each way, all the time; beside it noise, half answers and a cable that is pulled out.

    An answer is right that the instrument gave to this question after it was asked. Two clients ask,
    each for another channel at the same time, and the fourth one is polled.
    """
    instrument = {"line": Counting, "modbus": Slave}[kind]()
    node = fresh(harness.NODES / f"lossy_{kind}.py", instrument=instrument)
    instrument.loss = 0.01
    wrong, counts = [], {"reply": 0, "changed": 0, "error_read": 0, "error_change": 0}
    with node.usb() as usb, node.uart() as uart:
        for n in range(0, REQUESTS, 2):
            trouble(instrument, n)
            asked = []
            for i, wire in ((n, usb), (n + 1, uart)):
                number = (n // 2 + i) % 3
                asked.append((wire, i, number, instrument.said[number]))
                wire.send(f"change set:target {STEP * i}" if i % SET == 0 else f"read q{number}:value")
            for wire, i, number, before in asked:
                action, specifier, data = harness.split(wire.line(60))
                counts[action] += 1
                assert specifier == ("set:target" if i % SET == 0 else f"q{number}:value")
                if action == "reply" and not before < data[0] <= instrument.said[number]:
                    wrong.append((specifier, before, data[0], instrument.said[number]))
                elif action == "changed" and not data[0] == instrument.held == STEP * i:
                    wrong.append((specifier, STEP * i, data[0], instrument.held))
                elif action.startswith("error"):
                    assert data[0] == "CommunicationFailed", data
    found(f"{REQUESTS} requests by {kind} at a bad cable, answered", counts["reply"] + counts["changed"], "")
    assert not wrong, (SEED, wrong)
    assert instrument.bad > REQUESTS // 10
    # how many get through depends on which bytes are lost
    assert counts["reply"] > 0.2 * REQUESTS and counts["changed"], counts
    assert counts["error_read"]


def read(wire, specifier):
    return harness.split(wire.ask(f"read {specifier}", 30))


def test_lakeshore331_comes_back_within_two_polls(fresh):
    """Unplugged it is an error in words, plugged in again the polls tell it."""
    instrument = stand_ins.LakeShore331()
    node = fresh("lakeshore331", instrument=instrument)
    with node.usb() as wire:
        assert read(wire, "sample:value")[2][0] == pytest.approx(295, abs=20)
        assert wire.ask('change heater_range:target "high"').startswith("changed") and instrument.range == 3
        assert wire.ask("change loop:target 280").startswith("changed") and instrument.goal == 280
        node.board.sleep(10000)
        assert read(wire, "loop:value")[2][0] == pytest.approx(280, abs=1)
        interval = 1  # s, what a module has that does not say it
        wire.ask("activate")
        instrument.fault = "silent"
        line, _ = wire.until("error_update sample:value", 20)
        assert "CommunicationFailed" in line
        wire.ask("deactivate")
        assert read(wire, "sample:status")[2][0][0] == 400
        wire.ask("activate")
        wire.lines(1)
        instrument.fault = "none"
        began = node.board.time
        wire.until("update sample:value", 20)
        assert node.board.time - began < 2000 * interval
        wire.ask("deactivate")
        assert read(wire, "sample:status")[2][0] == [100, ""]


def test_slaves_that_nobody_here_wrote(fresh):
    """pymodbus' server at the chip's UART."""
    there = slaves.Slaves({1: {0: 17, 1: 65535, 122: 9250, 10: 1, 11: 2}, 2: {0: 5}})
    try:
        node = fresh(harness.NODES / "modbus.py", instrument=there)
        with node.usb() as wire:
            assert [read(wire, f"{name}:value")[2][0] for name in ("q0", "q1", "int32", "second")] == [17, -1, 65538, 5]
            assert harness.split(wire.ask("change power:target 12.5", 30))[2][0] == 12.5
            assert there.registers[1, 3][30] == 125
            assert read(wire, "missing:value")[:1] == ("error_read",)
    finally:
        there.close()
