"""The files of docs/compose.md run, at each level; and an own driver, an included file, a definition to take over."""

import argparse
import json
import subprocess
import sys
import tomllib

import pytest

from host_tests import harness
from host_tests.compose.broken import GOOD
from host_tests.compose.files import documented
from host_tests.harness import error_class, mentions, value, wait
from host_tests.instruments.meter import Meter
from tools import paths
from tools.emulator import imagined
from tools.emulator.slaves import Slaves
from tools.image import image
from tools.problem import Problem
from tools.proof import interlocks
from tools.verbs import describe, flash

FILES = documented()
level = harness.level_fixture(*harness.LEVELS, "board-like", "frozen")


def test_the_documented_files_are_there():
    assert set(FILES) == {"furnace.toml", "cell.toml", "meter.toml"}


def test_the_furnace_heats_and_its_wall_switches_it_off(file, start_node):
    node = start_node(file(FILES["furnace.toml"]), speed=5, console=True)
    with node.connect() as wire:
        wait(lambda: value(wire, "interlock:status")[0] == 100)
        assert wire.ask("change heater:target 60").startswith("changed ")
        wait(lambda: value(wire, "heater") > 30)
        node.type("fault spi0:20 absent")
        wait(lambda: value(wire, "interlock") == 1)
        assert mentions(value(wire, "interlock:status")[1], "wall:value", "MAX31856", "spi0", "pin 20")
        answer = wire.ask("change heater:target 60")
        [locked] = tomllib.loads(FILES["furnace.toml"])["interlocks"]
        assert error_class(answer) == "Impossible" and locked["text"] in answer
        assert value(wire, "heater:control_active") is False
        assert error_class(wire.ask("do interlock:clear_errors")) == "HardwareError"
        node.type("fault spi0:20 none")
        wait(lambda: wire.ask("do interlock:clear_errors").startswith("done "))
        assert value(wire, "heater:status") == [100, "off"]
        assert wire.ask("change heater:target 60").startswith("changed ")


def test_the_humidity_cell_shares_its_flow(file, start_node):
    node = start_node(file(FILES["cell.toml"]))
    with node.connect() as wire:
        wait(lambda: value(wire, "interlock:status")[0] == 100)
        assert 0 < value(wire, "humidity") < 95
        assert value(wire, "mixture") == 0
        assert wire.ask("change mixture:target 25").startswith("changed ")
        assert value(wire, "mixture") == pytest.approx(25, abs=0.2)
        assert wire.ask("change mixture:_total 100").startswith("changed ")
        assert value(wire, "mixture") == pytest.approx(25, abs=0.2)
        assert error_class(wire.ask("change mixture:target 101")) == "RangeError"
        assert error_class(wire.ask("change mixture:_total 1000")) == "RangeError"


@pytest.fixture
def meter():
    meter = Meter()
    yield meter
    meter.close()


def test_the_meter_is_asked_by_its_lines(file, start_node, meter):
    node = start_node(file(FILES["meter.toml"]), lines={1: meter.port})
    with node.connect() as wire:
        assert value(wire, "voltage") == pytest.approx(12.345, rel=1e-6)
        assert wire.ask('change range:target "10 V"').startswith("changed range:target [2,")
        assert meter.range == "2" and value(wire, "range") == 2
        assert error_class(wire.ask("change range:target 4")) == "RangeError"
        meter.fault = "silent"
        wait(lambda: error_class(wire.ask("read voltage:value")) == "CommunicationFailed")
        meter.fault = "none"
        wait(lambda: wire.ask("read voltage:value").startswith("reply "))


MODBUS = """
board = "RPI_PICO"
equipment_id = "mylab_oven"
description = "a controller by Modbus"

[bus.uart1]
baudrate = 19200
parity = "even"

[devices.controller]
driver = "modbus_device"
bus = "uart1"
address = 1
identify = 122
identity = 9250

[devices.meter]
driver = "modbus_device"
bus = "uart1"
address = 2

[modules.loop]
driver = "modbus_drivable"
device = "controller"
register = 1
target = 2
kind = "int16"
unit = "K"
scale = 0.1
low = 0
high = 300
tolerance = 1
state = 74
bits = { 1 = ["WARN", "alarm 1"], 32 = "sensor broken" }

[modules.output]
driver = "modbus_readable"
device = "meter"
register = 4
kind = "float32"

[modules.mode]
driver = "modbus_writable"
device = "controller"
register = 7
members = { automatic = 0, manual = 1 }

[[interlocks]]
when = "output.value > 50"
action = { loop = { limit = 50 } }
latched = false
text = "not so hot"
"""


@pytest.fixture
def slaves():
    slaves = Slaves({1: {1: 2000, 2: 2000, 122: 9250}, 2: {4: 0x41C8}})  # 25.0
    yield slaves
    slaves.close()


def test_registers_of_two_slaves_on_one_wire(file, start_node, slaves):
    node = start_node(file(MODBUS), lines={1: slaves.port})
    with node.connect() as wire:
        assert value(wire, "loop") == pytest.approx(200) and value(wire, "output") == 25
        assert wire.ask('change mode:target "manual"').startswith("changed mode:target [1,")
        assert slaves.registers[1, 3][7] == 1
        wait(lambda: value(wire, "interlock:status")[0] == 100)
        assert wire.ask("change loop:target 150").startswith("changed loop:target [150")
        assert slaves.registers[1, 3][2] == 1500 and value(wire, "loop:status")[0] == 300
        assert error_class(wire.ask("change loop:target 301")) == "RangeError"
        slaves.registers[1, 3][1] = 1500
        wait(lambda: value(wire, "loop:status")[0] == 100)
        slaves.registers[1, 3][74] = 1
        wait(lambda: "alarm 1" in (wire.ask("read loop:value") and value(wire, "loop:status"))[1])
        slaves.registers[1, 3][74] = 32
        wait(lambda: error_class(wire.ask("read loop:value")) == "HardwareError")
        slaves.registers[1, 3][74] = 0
        slaves.registers[2, 3][4] = 0x4270  # 60.0
        wait(lambda: value(wire, "interlock") == 1)
        answer = wire.ask("change loop:target 100")
        assert error_class(answer) == "Impossible" and "not so hot" in answer
        wait(lambda: slaves.registers[1, 3][2] == 500)


def test_parts_and_pins_are_printed(file, capsys):
    assert describe.parts(str(file(FILES["meter.toml"]))) == 0
    assert "uart1" in (said := capsys.readouterr().out) and "TX GPIO8, RX GPIO9" in said and "I2C" not in said
    assert describe.parts(str(file(FILES["cell.toml"]))) == 0
    assert "resistors of 4.7" in capsys.readouterr().out
    with pytest.raises(Problem, match="--parts .*oven"):
        describe.parts("oven")


def test_what_is_flashed_is_for_the_board_that_the_file_names(file):
    args = argparse.Namespace(board="", node=str(file(FILES["meter.toml"])))
    assert flash.board_of(args) == "RPI_PICO"
    args.board = "RPI_PICO_W"
    assert flash.board_of(args) == "RPI_PICO_W"
    for other in ("oven", str(file('node = "oven"\n', "other.toml"))):
        with pytest.raises(Problem, match="--board is missing"):
            flash.board_of(argparse.Namespace(board="", node=other))


def test_what_is_printed_as_python_is_what_runs(file):
    path = file(FILES["furnace.toml"], "furnace.toml")
    done = subprocess.run(
        [sys.executable, "-m", "tools", "describe", str(path), "--python"], cwd=paths.ROOT, capture_output=True, timeout=60
    )
    assert done.stdout == image.node_file(str(path)).read_bytes()
    taken_over = path.with_name("mine.py")
    taken_over.write_bytes(done.stdout)
    before, after = (json.loads(image.describe(str(node), "RPI_PICO_W")) for node in (path, taken_over))
    assert before == after
    # nothing of it is unknown to the linters
    text = done.stdout.decode()
    assert max(map(len, text.splitlines())) <= 128 and "'" not in text.replace("tube's", "")


def test_a_driver_of_ones_own_and_an_included_file(file, start_node):
    file(
        '''"""A chip of mine."""


class MyChip:
    """MyChip(3): counts up.

        step: 1 to 10, whole; my chip: what it counts by
    """

    unit = "V"
    what = "voltage"

    def __init__(self, step, begin=5.0):
        self._step = step
        self._value = begin

    def read(self):
        self._value += self._step
        return self._value
''',
        "mychip.py",
    )
    file('[modules.mine]\ndriver = "mychip:MyChip"\nstep = 3\n[modules.mine.parameters.value]\ngroup = "extra"\n', "more.toml")
    path = file('include = "more.toml"\n' + GOOD)
    value_of = json.loads(image.describe(str(path)))["modules"]["mine"]["accessibles"]["value"]
    assert (value_of["description"], value_of["datainfo"]["unit"], value_of["group"]) == ("voltage", "V", "extra")
    with start_node(path).connect() as wire:
        assert value(wire, "mine") >= 8


CONTROLLER = """
board = "RPI_PICO_W"
equipment_id = "mylab_controller"
description = "a Lake Shore 336 by its network, and a thermocouple beside it"

[devices.ls336]
driver = "line_device"
host = "192.168.0.12"
port = 7777
identify = "*IDN?"
identity = "LSCI,MODEL336"

[modules.loop]
driver = "lakeshore_loop"
device = "ls336"
loop = 1
channel = "A"

[modules.couple]
driver = "max31855"
bus = "spi0"
cs = 17
type = "N"
"""


def test_a_controller_by_its_network(file, start_node):
    path = file(CONTROLLER, "controller.toml")
    instrument = imagined.behind(str(path), image.node_file(str(path)).read_text("utf-8"), image.build(str(path)))
    assert instrument.name == "Lake Shore 336"
    lines, environment = instrument.where()
    try:
        with start_node(path, lines=lines, **environment).connect() as wire:
            assert value(wire, "loop") == pytest.approx(295, abs=20)
            assert wire.ask("change loop:target 280").startswith("changed loop:target [280")
            assert wire.ask("change loop:ramp 10").startswith("changed loop:ramp [10")
            assert value(wire, "couple") == pytest.approx(25, abs=5)
    finally:
        instrument.close()


COUNTER = """
board = "RPI_PICO_W"
equipment_id = "mylab_counter"
description = "a pulse counter, and a thermometer by its own calibration"
secop = "2.0"

[modules.timer]
driver = "acquisition_channel"
meter = { driver = "elapsed" }
goal = 0.5

[modules.counts]
driver = "acquisition_channel"
meter = { driver = "counts", pulses = { pin = 10 } }

[modules.detector]
driver = "acquisition_controller"
channels = { t = "timer", counts = "counts" }

[modules.rate]
driver = "pulses"
pin = 10
quantity = "rate"

[modules.clock]
driver = "time_keeper"

[modules.sample]
driver = "calibrated"
source = { driver = "ads1115", bus = "i2c0", channel = 0, scale = 10000, unit = "Ohm" }
curve = { driver = "calibration", file = "cernox.csv" }

[modules.gas]
driver = "mcp4725"
bus = "i2c0"
address = 0x60
limits = true

[modules.gas.parameters.target]
_checked = "2026-11-01"

[modules.door]
driver = "digital_input"
source = { pin = 11 }
members = ["open", "shut"]
"""


def test_acquisition_calibration_clock_and_limits(file, start_node):
    file("T [K],R [Ohm]\n4.2,50000\n20,15000\n77,3000\n300,60\n", "cernox.csv")
    path = file(COUNTER, "counter.toml")
    with start_node(path).connect() as wire:
        assert wire.ask("do detector:go").startswith("done ")
        wait(lambda: value(wire, "detector:status")[0] == 100)
        assert value(wire, "timer") >= 0.5
        assert value(wire, "sample") > 4
        assert wire.ask("change gas:target_limits [0, 1]").startswith("changed ")
        assert error_class(wire.ask("change gas:target 2")) == "Impossible"
        assert value(wire, "clock") in (True, False) and value(wire, "door") in (0, 1)
    report = json.loads(image.describe(str(path)))["modules"]
    assert report["gas"]["accessibles"]["target"]["_checked"] == "2026-11-01"
    assert report["detector"]["acquisition_channels"] == {"t": "timer", "counts": "counts"}


def test_only_a_node_with_interlocks_has_their_files(file):
    with_one = image.slimmed(image.files(str(file(GOOD))))
    without = image.slimmed(image.files(str(file(GOOD.partition("[[interlocks]]")[0], "plain.toml"))))
    ours = {"modules/interlock.py", "control/condition.py"}
    assert ours <= set(with_one) and not ours & set(without)
    assert "modules/described.py" not in without


def test_each_interlock_trips_in_time_in_every_way(file):
    found = interlocks.run(str(file(FILES["furnace.toml"])))
    assert [len(found[level]) for level in interlocks.LEVELS] == [3, 3]
    assert [list(interlocks.wrong(trial)) for trials in found.values() for trial in trials] == [[]] * 6


LAZY = """
import {0} as original
from modules.interlock import Interlock

class Lazy(Interlock):
    def act(self, actions):
        return []
    def _cut(self):
        self.forbids = True

original.Interlock = Lazy
node = original.node
"""


def test_the_table_tells_an_interlock_that_does_nothing(file):
    path = file(FILES["furnace.toml"], "furnace.toml")
    path.with_name("good.py").write_bytes(image.node_file(str(path)).read_bytes())
    lazy = file(LAZY.format("good"), "lazy.py")
    found = interlocks.run(str(lazy))
    assert all("heater has power" in list(interlocks.wrong(trial)) for trials in found.values() for trial in trials)
    assert "**heater has power" in interlocks.table(found)
