"""The picture of what is wired to a board for a node: each chip, pin and address of it, and nothing that a text could break."""

import re
import xml.etree.ElementTree as ET

import pytest

from host_tests import harness
from tools import __main__ as program
from tools.image import boards, image, stated
from tools.problem import Problem
from tools.proof import wired

TEN = harness.NODES / "ten_chips.py"


def texts(svg):
    root = ET.fromstring(svg)
    return [element.text for element in root.iter("{http://www.w3.org/2000/svg}text") if element.text]


def test_ten_chips_on_a_pico():
    """Names, addresses, pins by their name and by their place on the board, supplies and pull-ups; modules beside."""
    said = texts(wired.picture(str(TEN), "RPI_PICO_W"))
    for chip in ("SHT4x", "SHT3x", "BME280", "INA219", "ADS1115", "MCP4725", "MAX31865", "MAX31856", "MAX31855", "DS18B20"):
        assert said.count(chip) == 1
    for address in ("0x44", "0x45", "0x76", "0x40", "0x48", "0x60"):
        assert f"address {address}" in said
    for name, place in (
        ("GP5", "pin 7"),
        ("GP4", "pin 6"),
        ("GP18", "pin 24"),
        ("GP22", "pin 29"),
        ("GP6", "pin 9"),
        ("3V3", "pin 36"),
    ):
        assert name in said and place in said
    assert {"SCL", "SDA", "SCK", "MOSI", "MISO", "CS", "GND"} <= set(said)
    assert "2.2 to 10 kΩ each" in said and "4.7 kΩ" in said
    assert "room, humidity" in said and "platinum" in said and "volts, level" in said


def test_address_pins_follow_the_address():
    chips = {chip["chip"]: dict(map(tuple, chip["wires"])) for bus in image.wiring(str(TEN))["buses"] for chip in bus["chips"]}
    assert chips["SHT3x"]["ADDR"] == "3V3"  # 0x45
    assert chips["BME280"]["SDO"] == "GND"  # 0x76
    two = "A0 to GND or 3V3 or SDA or SCL, A1 to GND or 3V3 or SDA or SCL; a note; and more"
    assert stated.wires(two, 0x46, 0x40) == ([("A0", "SDA"), ("A1", "3V3")], "a note; and more")
    with pytest.raises(ValueError, match="'A0 GND'"):
        stated.wires("VDD to 3V3, A0 GND")


@pytest.mark.parametrize("board", ["HOST", *boards.names()])
def test_pins_of_a_gas_line(board):
    """On each board, with what boards.json says of its pins."""
    found = {pin["modules"][0]: pin for pin in image.wiring("gas_line", board)["pins"] if pin["driver"] != "PinOutput"}
    assert {name: pin["driver"] for name, pin in found.items()} == {
        "flow": "PWMOutput", "valve": "PinInput", "door": "PinInput", "pressure": "PinVoltage", "level": "PinVoltage"
    }  # fmt: skip
    said = texts(wired.picture("gas_line", board))
    assert said[-1] == f"gas_line on {board}"
    for pin in found.values():
        assert any(text in said for text in (f"GP{pin['pin']}", f"GPIO{pin['pin']}"))
    assert any(harness.mentions(text, "PWM", "1000 Hz", "off at 0") for text in said)
    assert any(harness.mentions(text, "digital input", "pulled up") for text in said)


def test_a_motor_and_counters():
    pins = {pin["pin"]: pin for pin in image.wiring(str(harness.NODES / "stage.py"), "RPI_PICO")["pins"]}
    assert harness.mentions(pins[10]["what"], "output", "step pulses") and harness.mentions(pins[11]["what"], "output", "way")
    assert pins[10]["driver"] == "PIOStepper" and pins[10]["modules"] == ["stage"] and pins[14]["modules"] == ["wheel"]
    assert pins[9]["safe"] == 1 and pins[9]["driver"] == "PinOutput"
    assert "4.7 kΩ, pull-up" in texts(wired.picture(str(harness.NODES / "stage.py"), "RPI_PICO"))
    for board in ("RPI_PICO", "HOST"):
        for pin in image.wiring(str(harness.NODES / "pulses.py"), board)["pins"]:
            assert pin["what"].startswith("pulses to count") and pin["driver"] and pin["modules"], pin


RUDE = '''
"""A chip of somebody's.

    wiring: V<b> to 3V3, SCL to SCL
"""
from drivers.chip import Chip
from modules.quantity import Quantity
from secnode.node import Node


class Rude(Chip):
    def __init__(self, bus, address, name):
        super().__init__(bus.device(address, name), (("x", "V"),))


def node(board):
    bus = board.i2c("i2c0")
    names = ["</text><script>alert(1)</script>", "a" * 5000, "\\x1b[31m\\x00\\ud800 &amp;", ""]
    chips = [Rude(bus, 0x10 + i, name) for i, name in enumerate(names)]
    modules = [Quantity(chip.quantities[0], name="m" + "%d" % i + "x" * 60, description="x") for i, chip in enumerate(chips)]
    return Node("x", "x", modules)
'''


def test_texts_are_texts(tmp_path, capsys):
    path = tmp_path / "rude.py"
    path.write_text(RUDE.replace("V<b> to 3V3", "VDD to 3V3"))
    target = tmp_path / "out.svg"
    assert program.main(["describe", str(path), "--wiring", str(target)]) == 0
    assert capsys.readouterr().out == f"{target}\n"
    svg = target.read_text("utf-8")
    assert "<script" not in svg and "\x1b" not in svg
    assert {element.tag.rpartition("}")[2] for element in ET.fromstring(svg).iter()} == {
        "svg",
        "style",
        "rect",
        "text",
        "path",
        "circle",
    }
    assert max(map(len, texts(svg))) <= 100
    path.write_text(RUDE)
    with pytest.raises(Problem, match=r"V<b> to 3V3.* is not as `SCL to SCL`"):
        wired.picture(str(path))


def test_what_it_refuses(tmp_path, capsys):
    for words, complaint in (
        (["--wiring", str(tmp_path / "no" / "x.svg")], "can't write .*: No such file or directory"),
        (["--wiring", "x.svg", "--write", "x"], "goes with neither"),
        (["--wiring", "x.svg", "--board", "NO_BOARD"], "there is no board"),
    ):
        assert program.main(["describe", "outside", *words]) == 2
        assert re.search(complaint, capsys.readouterr().err)
