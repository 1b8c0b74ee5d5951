"""Buses of a whole node: what a stuck bus or a chip that is pulled off does to its modules, and to nobody else."""

import json
import re
import shutil

import pytest

from host_tests import harness
from host_tests.harness import split
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
        for fault, words in (
            ("i2c0 stuck", "SHT4x at i2c0, address 0x44: the bus is stuck (ETIMEDOUT)"),
            ("SHT4x crc", "SHT4x at i2c0, address 0x44: its check byte (CRC) is wrong"),
            ("i2c0:0x44 absent", "SHT4x at i2c0, address 0x44: it does not answer (ENODEV)"),
        ):
            node.type("fault " + fault)
            assert until(wire, "humidity:value", failed)[:2] == ["CommunicationFailed", words]
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
    "line, words",
    [
        ('board.i2c("i2c7")', "has no bus 'i2c7'; I2C in its board.py: i2c0"),
        ("board.pin_out(5)", "GPIO5 is an output, and at {}:10 it is SCL of i2c0: take another one"),
        ("Pin(4, Pin.OUT)", "GPIO4 is an output, and at {}:10 it is SDA of i2c0: take another one"),
        ("board.adc(4)", "GPIO4 is no analogue input of RPI_PICO: take one of 26, 27, 28"),
        ('SHT4x(board.i2c("i2c0"))', "i2c0: address 0x44 has a device already, a SHT4x"),
        ('board.i2c("i2c0").device(0x80)', "an I2C address is from 0x08 to 0x77, not 0x80"),
        ('board.spi("spi0").device(4)', "GPIO4 is an output, and at {}:10 it is SDA of i2c0"),
        ('s = board.spi("spi0"); s.device(17); s.device(17)', "the chip select at pin 17 has a device already"),
    ],
)
def test_a_pin_or_an_address_twice(tmp_path, line, words):
    path = tmp_path / "mine.py"
    path.write_text(_BEGIN.format(line))
    with pytest.raises(Problem) as problem:
        image.describe(str(path), "RPI_PICO")
    assert words.format(path) in str(problem.value)


@pytest.mark.parametrize(
    "line, words",
    [
        ('board.spi("spi2").device(34)', "GPIO34 of ESP32_GENERIC can only be an input"),
        ('board.spi("spi2").device(6)', "GPIO6 of ESP32_GENERIC is for its flash: take another one"),
        ("UART(1, tx=32, rx=33)", "UART 1 is what the board serves SECoP on (UART in its board.py): take another one"),
        ("UART(2, tx=34, rx=33)", "GPIO34 of ESP32_GENERIC can only be an input"),
        ("UART(2, tx=32, rx=21)", "GPIO21 is SDA of i2c0, and at {}:9 RX of UART 2"),
        ("UART(2, tx=32, rx=36); UART(2, tx=32, rx=36)", "UART 2 is opened twice: at {}:9, too"),
        ("board.pin_out(32); UART(2, tx=32, rx=33)", "GPIO32 is an output, and at {}:9 it is TX of UART 2: take another one"),
    ],
)
def test_a_pin_that_can_not_do_it(tmp_path, line, words):
    path = tmp_path / "mine.py"
    path.write_text(_BEGIN.replace("import Pin", "import UART, Pin").format(line))
    with pytest.raises(Problem) as problem:
        image.describe(str(path), "ESP32_GENERIC")
    assert words.format(path) in str(problem.value)


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
    "line, wrong, words",
    [
        ('board.i2c("i2c0")', '"i2c0": (0, 22, 34)', "GPIO34 of {} can only be an input"),
        ('board.spi("spi2")', '"spi2": (2, 18, 36, 19)', "GPIO36 of {} can only be an input"),
        ('board.onewire("onewire0")', '"onewire0": 39', "GPIO39 of {} can only be an input"),
    ],
)
def test_a_bus_of_a_board_of_ones_own_at_an_input(tmp_path, line, wrong, words):
    name = wrong.partition(":")[0]
    with pytest.raises(Problem) as problem:
        described_for(tmp_path, _BEGIN.format(line), lambda text: re.sub(rf"{name}: [^}}]*", wrong, text))
    assert words.format("mine_board") in str(problem.value)


def test_an_spi_bus_may_read_at_an_input(tmp_path):
    source = _BEGIN.format('board.spi("spi2")')
    assert described_for(tmp_path, source, lambda text: text.replace("(2, 18, 27, 19)", "(2, 18, 27, 36)"))


def test_a_chip_select_is_an_output_that_is_off_at_1(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(_BEGIN.format('board.spi("spi0").device(17)'))
    assert image._described(str(path), "RPI_PICO")[1].strip() == "[[17, 1]]"
