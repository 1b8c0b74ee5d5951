"""Modules that are made from a command table: values, errors in words, setting, arrival, stop."""

import threading
import time

import pytest

from host_tests import harness
from tools.emulator import instruments
from tools.image import image
from tools.problem import Problem

from .reading import answer, error, value

NODE = harness.NODES / "tables.py"
FORGETS = 2


class Table(instruments.Lines):
    """What nodes/tables.py asks for."""

    identity = "ACME,1,0,1.0"

    def __init__(self):
        self.said = {"PR1": "0,1.5E+0", "TEMP?": "+12.345", "STATE?": "0", "NAME?": "a label", "VOLT?": "0.00", "OUT?": "0"}
        self.ignored = 0  # so many commands are
        self.goal = self.position = 0.0
        self.speed = 0.0  # mm/s; 0 is at once
        self.last = time.monotonic()
        super().__init__()

    def go(self):
        now = time.monotonic()
        most = self.speed * (now - self.last) if self.speed else 100
        self.last = now
        self.position += max(-most, min(most, self.goal - self.position))

    def answer(self, request):
        self.go()
        name, _, value = request.partition(" ")
        if value and self.ignored:
            self.ignored -= 1
            return "OK" if name == "OUT" else None
        if name == "VOLT" and value:
            self.said["VOLT?"] = value
        elif name == "OUT" and value:
            self.said["OUT?"] = value
            return "OK"
        elif name == "GO":
            self.goal = float(value)
        elif name == "HALT":
            self.goal = self.position
        elif name == "GOAL?":
            return f"{self.goal:.3f}"
        elif name == "POS?":
            return f"{self.position:.3f}"
        elif name == "MOVING?":
            return str(2 + (abs(self.goal - self.position) > 0.001))
        elif request in self.said:
            return self.said[request]
        else:
            return super().answer(request)
        return None


@pytest.fixture
def instrument():
    instrument = Table()
    yield instrument
    instrument.close()


@pytest.fixture
def wire(start_node, instrument):
    node = start_node(NODE, lines={1: instrument.port})
    with node.connect() as wire:
        wire.node = node
        yield wire


def test_values(wire):
    assert value(wire, "gauge:value") == pytest.approx(150)
    assert value(wire, "sensor:value") == pytest.approx(12.345, rel=1e-6)
    assert value(wire, "label:value") == "a label"
    assert value(wire, "gauge:status") == [100, ""]
    assert value(wire, "stage:status") == [100, ""]


@pytest.mark.parametrize(
    "said, kind, text",
    [
        ("2,9.9E+9", "OutOfRange", "above its range"),
        ("5,0.0E+0", "HardwareError", "no sensor"),
        ("6,0.0E+0", "HardwareError", "PR1 is answered with code 6, which the table does not have"),
        ("OFF", "Disabled", "switched off"),
        ("ON", "CommunicationFailed", "the answer to PR1 makes no sense: ON"),
    ],
)
def test_what_is_no_value(wire, instrument, said, kind, text):
    instrument.said["PR1"] = said
    assert error(wire, "gauge:value") == [kind, text]
    assert value(wire, "gauge:status") == [400, text]
    instrument.said["PR1"] = "0,2.0E+0"
    harness.wait(lambda: answer(wire, "gauge:value")[0] == "reply", 5)
    assert value(wire, "gauge:status") == [100, ""]


def test_a_warning_leaves_the_value(wire, instrument):
    instrument.said["PR1"] = "1,5.0E-1"
    assert value(wire, "gauge:value") == pytest.approx(50)
    assert value(wire, "gauge:status") == [200, "below its range"]
    instrument.said["STATE?"] = "4"
    assert value(wire, "sensor:value") == pytest.approx(12.345, rel=1e-6)
    assert value(wire, "sensor:status") == [200, "old reading"]
    instrument.said.update({"PR1": "0,5.0E-1", "STATE?": "0"})
    value(wire, "gauge:value"), value(wire, "sensor:value")
    assert [value(wire, name + ":status") for name in ("gauge", "sensor")] == [[100, ""]] * 2


def test_the_state_of_a_reading(wire, instrument):
    instrument.said["STATE?"] = "16"
    assert error(wire, "sensor:value") == ["OutOfRange", "below the curve"]
    instrument.said["STATE?"] = "128"
    assert error(wire, "sensor:value")[0] == "HardwareError" and "128" in error(wire, "sensor:value")[1]


def test_two_readings_that_must_agree(wire, instrument):
    values = iter(["+12.345", "+72.345", "+12.345", "+12.344"] * 100)
    jumps = threading.Event()
    original = instrument.answer

    def answers(request):
        if request == "TEMP?" and jumps.is_set():
            return next(values)
        return original(request)

    instrument.answer = answers
    jumps.set()
    for _ in range(10):
        found = answer(wire, "sensor:value")
        assert found[0] == "error_read" or found[2][0] < 13, found
    values = iter(["+12.345", "+72.345"] * 100)
    kind, text = error(wire, "sensor:value")
    assert kind == "CommunicationFailed" and "agree" in text


def test_what_is_set_is_read_back(wire, instrument):
    assert wire.ask("change volt:target 12.5").startswith("changed volt:target [12.5,")
    assert instrument.said["VOLT?"] == "12.50"
    assert wire.ask("change out:target 1").startswith("changed out:target [1,")
    assert wire.ask('change out:target "off"').startswith("changed out:target [0,")
    assert harness.error_class(wire.ask("change volt:target 31")) == "RangeError"
    instrument.ignored = FORGETS
    assert wire.ask("change volt:target 3").startswith("changed volt:target [3")
    instrument.ignored = 100
    line = wire.ask("change volt:target 4")
    assert harness.error_class(line) == "HardwareError" and "after VOLT 4.00 it says 3" in line, line
    instrument.said["VOLT?"] = "7.00"  # somebody at its front panel
    harness.wait(lambda: value(wire, "volt:target") == 7, 5)


def test_lines_of_an_experts_own(wire, instrument):
    assert wire.ask('do expert:communicate "*IDN?"').startswith('done expert:communicate ["ACME,1')
    assert wire.ask('do expert:communicate "VOLT 7"').startswith('done expert:communicate [""')
    harness.wait(lambda: instrument.said["VOLT?"] == "7", 5)
    assert "communicate VOLT 7" in wire.node.log
    line = wire.ask('do io:communicate "*IDN?"')
    assert harness.error_class(line) == "Impossible" and "beside_settings" in line
    assert harness.error_class(wire.ask(r'do expert:communicate "*IDN?\nVOLT 9"')) == "RangeError"


def until_idle(wire, name, seconds=10):
    harness.wait(lambda: value(wire, name + ":status")[0] < 300, seconds)
    return value(wire, name + ":status")


@pytest.mark.parametrize("name", ["stage", "other"])
def test_it_is_busy_until_it_is_there(wire, instrument, name):
    instrument.speed = 5.0
    began = time.monotonic()
    assert wire.ask(f"change {name}:target 4").startswith(f"changed {name}:target [4")
    assert value(wire, name + ":status")[0] == 300
    assert until_idle(wire, name) == [100, ""]
    assert time.monotonic() - began > 0.6
    assert abs(value(wire, name + ":value") - 4) <= 0.1


@pytest.mark.parametrize("name", ["stage", "other"])
def test_stop(wire, instrument, name):
    assert wire.ask(f"do {name}:stop").startswith("done")
    assert "HALT" not in instrument.requests  # nothing moves
    instrument.speed = 5.0
    wire.ask(f"change {name}:target 40")
    time.sleep(0.5)
    assert wire.ask(f"do {name}:stop").startswith("done")
    assert until_idle(wire, name) == [100, ""]
    assert 0 < instrument.goal < 20 and abs(value(wire, name + ":target") - instrument.goal) < 0.01
    assert ("HALT" in instrument.requests) == (name == "other")


def test_what_never_gets_there_is_an_error(wire, instrument):
    instrument.speed = 1e-6
    wire.ask("change stage:target 30")
    harness.wait(lambda: value(wire, "stage:status")[0] == 400, 20)
    assert harness.mentions(value(wire, "stage:status")[1], "target", "time")
    instrument.speed = 0
    harness.wait(lambda: value(wire, "stage:status") == [100, ""], 10)


def test_unplugged_on_the_way(wire, instrument):
    instrument.speed = 0.2  # it is under way for long enough, whatever the PC does meanwhile
    wire.ask("change stage:target 20")
    instrument.fault = "silent"
    harness.wait(lambda: value(wire, "stage:status")[0] == 400, 10)
    assert error(wire, "stage:value")[0] == "CommunicationFailed"
    instrument.fault = "none"
    harness.wait(lambda: answer(wire, "stage:value")[0] == "reply", 10)
    assert value(wire, "stage:status")[0] == 300
    instrument.speed = 0
    assert until_idle(wire, "stage") == [100, ""]


def test_another_target_at_the_instrument(wire, instrument):
    instrument.speed = 5.0
    wire.ask("change stage:target 20")
    instrument.goal = 3.0
    harness.wait(lambda: value(wire, "stage:status")[0] != 300, 10)
    assert value(wire, "stage:target") == 3 and harness.mentions(value(wire, "stage:status")[1], "instrument")


@pytest.mark.parametrize(
    "module, says",
    [
        ('LineReadable(device, "A?", "%q", name="a", description="a")', "%q is no field"),
        ('LineReadable(device, "A?", "%f,%f", name="a", description="a")', "one value is wanted"),
        ('LineReadable(device, "A?", errors={1: ("Oops", "no")}, name="a", description="a")', "no class of SECoP's errors"),
        ('LineReadable(device, "A?", state="S?", name="a", description="a")', "both or none"),
        ('LineWritable(device, "A?", "A", name="a", description="a")', "one place for the value"),
        ('LineWritable(device, "A?", "A %d %d", name="a", description="a")', "one place for the value"),
        ('LineDrivable(device, "A?", "A %d", "S?", name="a", description="a")', "tolerance, or moving"),
        ('LineReadable(device, "A?", colour="red", name="a", description="a")', "colour"),
    ],
)
def test_a_mistake_in_a_table_is_told_when_the_node_is_described(tmp_path, level, module, says):
    if level != "cpython":
        pytest.skip("a PC describes nodes")
    source = NODE.read_text()
    file = tmp_path / "wrong.py"
    before, after = source[: source.index("    modules = (")], source[source.index("    return Node") :]
    file.write_text(f"{before}    modules = ({module},)\n{after}")
    with pytest.raises(Problem) as e:
        image.build(str(file))
    assert says in str(e.value) and "wrong.py" in str(e.value)
