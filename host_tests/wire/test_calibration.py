"""A sensor by its own calibration: from the .340 file that came with it to what a client reads."""

import re

import pytest

from host_tests.harness import mentions, split
from tools import __main__ as program

DIODE = """Sensor Model:   DT-670
Data Format:    2      (Volts/Kelvin)
Temperature coefficient:  1 (Negative)
Number of Breakpoints:   4

No.   Units      Temperature (K)

  1  0.559700   300.000
  2  1.020500   77.3500
  3  1.107000   28.0000
  4  1.580000   4.20000
"""
RUTHENIUM = "T/K,R/Ohm\n40,1049\n4.2,1370\n1.4,2003\n0.1,19400\n"
NODE = """
from diode import curve as diode
from drivers.calibration import Calibrated
from drivers.divider import Divider
from drivers.kelvin import Kelvin
from drivers.pin_voltage import PinVoltage
from modules.quantity import Quantity
from ruthenium import curve as ruthenium
from secnode.node import Node


def node(board):
    mixing = Kelvin(Divider(board.adc(27), ruthenium, series=2003))
    names = {26: "shield", 28: "open", 29: "warm"}
    modules = [
        Quantity(Calibrated(PinVoltage(board.adc(pin)), diode), name=name, description="x") for pin, name in names.items()
    ]
    modules.append(Quantity(mixing, name="mixing", description="x"))
    return Node(equipment_id="cold", description="for tests", modules=tuple(modules))


def simulate(attach):
    for pin, volts in ((26, 1.0205), (27, 1.65), (28, 3.25), (29, 0.5)):
        attach("adc", pin, lambda level, volts=volts: volts)
"""


@pytest.fixture(scope="module")
def cold(nodes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cold")
    for name, text in (("diode.340", DIODE), ("ruthenium.csv", RUTHENIUM), ("cold.py", NODE)):
        (folder / name).write_text(text)
    for name in ("diode.340", "ruthenium.csv"):
        assert program.main(["curve", str(folder / name)]) == 0
    with nodes(folder / "cold.py").connect() as wire:
        yield wire


def test_kelvin(cold):
    modules = split(cold.ask("describe"))[2]["modules"]
    assert {module["accessibles"]["value"]["datainfo"]["unit"] for module in modules.values()} == {"K"}
    assert split(cold.ask("read shield"))[2][0] == pytest.approx(77.35, abs=3)  # the ADC's noise
    assert split(cold.ask("read mixing"))[2][0] == pytest.approx(1.4, abs=0.02)


def test_what_is_not_on_the_curve(cold):
    kind, text = split(cold.ask("read open"))[2][:2]
    assert kind == "HardwareError" and re.search(r"\bopen: 3\.2", text)
    kind, text = split(cold.ask("read warm"))[2][:2]
    assert kind == "OutOfRange" and mentions(text, "0.5597 to 1.58 V")
