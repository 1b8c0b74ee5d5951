"""Buses of a whole node: what a stuck bus or a chip that is pulled off does to its modules, and to nobody else."""

import json
import re
import shutil

import pytest

from host_tests import harness
from host_tests.harness import mentions, split
from tools import paths
from tools.image import image
from tools.problem import Problem

level = harness.level_fixture(*harness.LEVELS, "board-like")
NODE = harness.NODES / "chips.py"


def until(wire, specifier, condition):
    """The data of the first message about a parameter for which that holds."""
    while True:
        action, about, data = split(wire.line(20))
        if about == specifier and condition(action, data):
            return data


def failed(action, data):
    return action == "error_update"


def well(action, data):
    return action == "update"


def test_faults_have_chip_bus_and_address_and_pass(start_node):
    node = start_node(NODE, console=True)
    with node.connect() as wire:
        wire.ask("activate")
        for fault, why in (("i2c0 stuck", "ETIMEDOUT"), ("SHT4x crc", "CRC"), ("i2c0:0x44 absent", "ENODEV")):
            node.type("fault " + fault)
            kind, text = until(wire, "humidity:value", failed)[:2]
            assert kind == "CommunicationFailed" and mentions(text, "SHT4x", "i2c0", "0x44", why)
            node.type("fault none")
            assert 0 < until(wire, "humidity:value", well)[0] < 100
            assert split(wire.ask("read humidity:status"))[2][0] == [100, ""]
    assert "Traceback" not in node.log


def test_a_chip_that_is_pulled_off_leaves_the_others_alone(start_node):
    node = start_node(NODE, console=True)
    with node.connect() as wire:
        wire.ask("activate")
        node.type("fault SHT4x absent")
        until(wire, "room:value", failed)
        for _ in range(2):
            assert split(wire.ask("read damp:value"))[0] == "reply"
        assert split(wire.ask("read room:value"))[2][0] == "CommunicationFailed"


def test_a_chip_that_holds_the_bus_is_clocked_free(start_node):
    node = start_node(NODE, console=True)
    with node.connect() as wire:
        wire.ask("activate")
        node.type("fault i2c0 held")
        while True:  # whoever is polled first
            action, about, _ = split(wire.line(20))
            if action == "error_update":
                break
        until(wire, about, well)  # and nobody mended it


# ---- what is told when a node is described

_BEGIN = """
from drivers.sht4x import SHT4x
from machine import Pin
from modules.quantity import Quantity
from secnode.node import Node


def node(board):
    {}
    return Node("x", "x", (Quantity(SHT4x(board.i2c("i2c0")).humidity, name="m", description="m"),))
"""


@pytest.mark.parametrize(
    "line, named",
    [
        ('board.i2c("i2c7")', ("'i2c7'", "I2C in its board.py: i2c0")),
        ("board.pin_out(5)", ("GPIO5", "output", "{}:10", "SCL of i2c0")),
        ("Pin(4, Pin.OUT)", ("GPIO4", "output", "{}:10", "SDA of i2c0")),
        ("board.adc(4)", ("GPIO4", "RPI_PICO", "26, 27, 28")),
        ('SHT4x(board.i2c("i2c0"))', ("i2c0", "0x44", "SHT4x")),
        ('board.i2c("i2c0").device(0x80)', ("0x08 to 0x77", "0x80")),
        ('board.spi("spi0").device(4)', ("GPIO4", "output", "{}:10", "SDA of i2c0")),
        ('s = board.spi("spi0"); s.device(17); s.device(17)', ("spi0", "pin 17")),
    ],
)
def test_a_pin_or_an_address_twice(tmp_path, line, named):
    path = tmp_path / "mine.py"
    path.write_text(_BEGIN.format(line))
    with pytest.raises(Problem) as problem:
        image.describe(str(path), "RPI_PICO")
    assert mentions(str(problem.value), *(name.format(path) for name in named))


@pytest.mark.parametrize(
    "line, named",
    [
        ('board.spi("spi2").device(34)', ("GPIO34", "ESP32_GENERIC", "input")),
        ('board.spi("spi2").device(6)', ("GPIO6", "ESP32_GENERIC", "flash")),
        ("UART(1, tx=32, rx=33)", ("UART 1", "SECoP", "UART in its board.py")),
        ("UART(2, tx=34, rx=33)", ("GPIO34", "ESP32_GENERIC", "input")),
        ("UART(2, tx=32, rx=21)", ("GPIO21", "SDA of i2c0", "{}:9", "RX of UART 2")),
        ("UART(2, tx=32, rx=36); UART(2, tx=32, rx=36)", ("UART 2", "twice", "{}:9")),
        ("board.pin_out(32); UART(2, tx=32, rx=33)", ("GPIO32", "output", "{}:9", "TX of UART 2")),
    ],
)
def test_a_pin_that_can_not_do_it(tmp_path, line, named):
    path = tmp_path / "mine.py"
    path.write_text(_BEGIN.replace("import Pin", "import UART, Pin").format(line))
    with pytest.raises(Problem) as problem:
        image.describe(str(path), "ESP32_GENERIC")
    assert mentions(str(problem.value), *(name.format(path) for name in named))


def described_for(folder, source, of_board):
    """What image.describe says of a source for a board of one's own: ESP32_GENERIC with other pins."""
    own = folder / "mine_board"
    shutil.copytree(paths.BOARDS / "ESP32_GENERIC", own)
    known = json.loads((own / "board.json").read_text("utf-8"))
    (own / "board.json").write_text(json.dumps(known | {"build": "ESP32_GENERIC"}))
    text = (own / "board.py").read_text("utf-8")
    (own / "board.py").write_text(of_board(text))
    path = folder / "mine.py"
    path.write_text(source)
    return image.describe(str(path), str(own))


@pytest.mark.parametrize(
    "line, wrong, pin",
    [
        ('board.i2c("i2c0")', '"i2c0": (0, 22, 34)', "GPIO34"),
        ('board.spi("spi2")', '"spi2": (2, 18, 36, 19)', "GPIO36"),
        ('board.onewire("onewire0")', '"onewire0": 39', "GPIO39"),
    ],
)
def test_a_bus_of_a_board_of_ones_own_at_an_input(tmp_path, line, wrong, pin):
    name = wrong.partition(":")[0]
    with pytest.raises(Problem) as problem:
        described_for(tmp_path, _BEGIN.format(line), lambda text: re.sub(rf"{name}: [^}}]*", wrong, text))
    assert mentions(str(problem.value), pin, "mine_board", "input")


def test_an_spi_bus_may_read_at_an_input(tmp_path):
    source = _BEGIN.format('board.spi("spi2")')
    assert described_for(tmp_path, source, lambda text: text.replace("(2, 18, 27, 19)", "(2, 18, 27, 36)"))


def test_a_chip_select_is_an_output_that_is_off_at_1(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(_BEGIN.format('board.spi("spi0").device(17)'))
    assert image._described(str(path), "RPI_PICO")[1].strip() == "[[17, 1]]"
