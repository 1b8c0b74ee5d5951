"""The ready nodes, each with a stand-in for its instrument."""

import socket
import subprocess
import sys

import pytest
from frappy_demo import lscsim

from host_tests import harness
from tools import paths
from tools.emulator import instruments, stand_ins

from .reading import answer, value


@pytest.fixture
def ready(start_node):
    """ready(node) gives (a wire to it, the instrument)."""
    made = []

    def ready(name, instrument=None):
        instrument = instrument or stand_ins.BEHIND[name]()
        lines, environment = instrument.where()
        wire = start_node(name, lines=lines, **environment).connect().__enter__()
        made.extend((wire, instrument))
        return wire, instrument

    yield ready
    for thing in made:
        thing.close()


def error(wire, specifier):
    """The next error: a poll that is under way may still have a value."""
    harness.wait(lambda: answer(wire, specifier)[0] == "error_read", 10)
    return answer(wire, specifier)[2][:2]


def changed(wire, words):
    line = wire.ask("change " + words)
    assert line.startswith("changed"), line
    return harness.split(line)[2][0]


def lost_and_back(wire, instrument, specifier):
    assert answer(wire, specifier)[0] == "reply"
    instrument.fault = "silent"
    assert error(wire, specifier)[0] == "CommunicationFailed"
    instrument.fault = "none"
    harness.wait(lambda: answer(wire, specifier)[0] == "reply", 10)


@pytest.mark.parametrize("node", ["lakeshore331", "lakeshore336"])
def test_lakeshore(ready, node):
    wire, instrument = ready(node)
    assert value(wire, "loop:value") == pytest.approx(295, abs=20) and value(wire, "sample:value") == pytest.approx(295, abs=20)
    assert changed(wire, 'heater_range:target "high"') == 3 and instrument.range == 3
    assert changed(wire, "loop:target 280") == 280
    assert value(wire, "loop:status")[0] == 300
    harness.wait(lambda: value(wire, "heater_power:value") > 0, 10)
    assert changed(wire, "heater_range:target 0") == 0
    harness.wait(lambda: value(wire, "heater_power:value") == 0, 10)
    for bits, kind, text in ((16, "OutOfRange", "temperature below the curve"), (1, "HardwareError", "invalid reading")):
        instrument.state = bits
        harness.wait(lambda wanted=[kind, text]: answer(wire, "loop:value")[2][:2] == wanted, 10)
    instrument.state = 0
    lost_and_back(wire, instrument, "sample:value")


def test_a_ramp_of_lakeshore331(ready):
    """SETP? says where the ramp is: the target stays its end, and a stop ends it where it is."""
    wire, instrument = ready("lakeshore331")
    changed(wire, 'heater_range:target "high"')
    assert changed(wire, "loop:ramp 60") == 60 and (instrument.ramping, instrument.rate) == (True, 60)
    assert changed(wire, "loop:target 285") == 285
    harness.wait(lambda: 286 < value(wire, "loop:setpoint") < 295, 5)
    assert value(wire, "loop:target") == 285
    assert value(wire, "loop:status")[0] == 300
    assert wire.ask("do loop:stop").startswith("done")
    assert value(wire, "loop:status") == [100, ""] and 285 < value(wire, "loop:target") <= 296
    assert instrument.range == 3  # it holds the temperature
    assert changed(wire, "loop:ramp 0") == 0 and not instrument.ramping


class Frappys(instruments.Lines):
    """The 336 that frappy-core simulates, at a TCP port; it lacks some of the commands, and says that it is a 370."""

    tcp = True

    def __init__(self):
        self.sim = object.__new__(lscsim.Ls336Sim)  # without a SEC node of frappy around it
        data = dict(lscsim.Ls336Sim.OTHER_COMMANDS)
        data.update({"*IDN?": "LSCI,MODEL336,LSA1234/#######,1.0", "RAMP?1": "0,10.0", "RAMPST?1": "0", "HTR?1": "0.0"})
        data.update({command % channel: said for command, said in lscsim.Ls336Sim.CHANNEL_COMMANDS for channel in "ABCD"})
        self.sim.__dict__.update(data=data, comLog=lambda *words: None)
        super().__init__()

    def answer(self, request):
        self.sim.simulate()
        return lscsim.Ls370Sim.__dict__["communicate"].func(self.sim, request) or None


def test_lakeshore336_by_frappys_simulator(ready):
    wire, instrument = ready("lakeshore336", Frappys())
    assert value(wire, "shield:value") == 295 and value(wire, "loop:value") <= 295
    assert changed(wire, 'heater_range:target "medium"') == 2 and instrument.sim.data["RANGE?1"] == "2"
    assert changed(wire, "loop:target 290") == 290 and instrument.sim.data["SETP?1"] == "290.000"
    harness.wait(lambda: abs(value(wire, "loop:value") - 290) < 0.1, 20)
    harness.wait(lambda: value(wire, "loop:status")[0] == 100, 30)
    instrument.sim.data["RDGST?B"] = "32"
    kind, text = error(wire, "sample:value")
    assert kind == "OutOfRange" and harness.mentions(text, "above")


def test_a_connection_that_ends_is_opened_again(ready):
    wire, instrument = ready("lakeshore336")
    assert value(wire, "sample:value") > 4
    instrument.connection.shutdown(socket.SHUT_RDWR)
    harness.wait(lambda: answer(wire, "sample:value")[0] == "reply", 10)
    lost_and_back(wire, instrument, "sample:value")


def test_scpi_supply(ready):
    wire, instrument = ready("scpi_supply")
    assert changed(wire, "current:target 2") == 2 and changed(wire, "voltage:target 12.5") == 12.5
    assert value(wire, "voltage:value") == 0
    assert changed(wire, "output:target true") is True and instrument.on
    harness.wait(lambda: value(wire, "voltage:value") == pytest.approx(12.5), 10)
    harness.wait(lambda: value(wire, "current:value") == pytest.approx(1.25), 10)
    assert value(wire, "errors:value") == "" and value(wire, "errors:status") == [100, ""]
    instrument.errors.append('-222,"Data out of range"')
    harness.wait(lambda: value(wire, "errors:value") == "Data out of range", 10)
    assert harness.error_class(wire.ask("change voltage:target 31")) == "RangeError"
    lost_and_back(wire, instrument, "voltage:value")


def test_tpg262(ready):
    wire, instrument = ready("tpg262")
    assert value(wire, "gauge1:value") == pytest.approx(0.15)
    kind, text = error(wire, "gauge2:value")
    assert kind == "HardwareError" and harness.mentions(text, "gauge")
    instrument.said["PR1"] = "1,+5.0000E-09"
    harness.wait(lambda: value(wire, "gauge1:value") == pytest.approx(5e-7), 10)
    code, text = value(wire, "gauge1:status")
    assert code == 200 and harness.mentions(text, "below")
    del instrument.said["PR1"]
    assert error(wire, "gauge1:value") == ["CommunicationFailed", "it refuses PR1"]
    instrument.said["PR1"] = "0,+1.0000E-03"
    harness.wait(lambda: answer(wire, "gauge1:value")[0] == "reply", 10)
    instrument.fault = "silent"
    error(wire, "gauge1:value")
    instrument.said["UNI"] = "1"  # Torr now: a number would be another pressure
    instrument.fault = "none"
    harness.wait(lambda: answer(wire, "gauge1:value")[2][0] == "HardwareError", 10)
    assert "UNI: 1 instead of 0" in error(wire, "gauge1:value")[1]


def test_eurotherm(ready):
    wire, instrument = ready("eurotherm")
    assert value(wire, "loop:value") == pytest.approx(20)
    assert changed(wire, "loop:target 150.5") == 150.5 and instrument.target == 150.5
    assert value(wire, "loop:status")[0] == 300
    harness.wait(lambda: value(wire, "output:value") > 0 and value(wire, "setpoint:value") == 150.5, 10)
    instrument.status = 32
    assert error(wire, "loop:value") == ["HardwareError", "sensor broken"]
    instrument.status = 0
    lost_and_back(wire, instrument, "loop:value")


def test_run_brings_the_instrument(level):
    """As a newcomer tries it: `make run NODE=...`, and a fault that is typed."""
    if level != "cpython":
        pytest.skip("the same program at each level")
    port = harness.free_port()
    words = [sys.executable, "-m", "tools", "run", "lakeshore331", "--port", str(port)]
    process = subprocess.Popen(words, cwd=paths.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    said = ""
    try:
        for line in process.stdout:
            if "Ctrl-C" in line:
                break
            said += line
        assert harness.mentions(said, "Lake Shore 331") and "Traceback" not in said
        with harness.Wire(("127.0.0.1", port)) as wire:
            assert value(wire, "sample:value") == pytest.approx(295, abs=20)
            process.stdin.write("fault instrument silent\n")
            harness.wait(lambda: answer(wire, "sample:value")[0] == "error_read", 10)
            process.stdin.write("fault instrument none\n")
            harness.wait(lambda: answer(wire, "sample:value")[0] == "reply", 10)
    finally:
        process.terminate()
        process.communicate(timeout=20)
