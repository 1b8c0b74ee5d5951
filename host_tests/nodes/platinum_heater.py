"""A heater whose control and guard see a PT100 by a MAX31865."""

from drivers.deadman import DeadMan
from drivers.max31865 import MAX31865
from drivers.pwm_heater import PWMHeater
from modules.heater import Heater
from secnode.datainfo import Double
from secnode.module import Parameter
from secnode.node import Node


class PlatinumHeater(Heater):
    value = Parameter(Double(unit="°C"), description="temperature of the heated block")
    target = Parameter(Double(0, 120, unit="°C"), readonly=False, checkable=True, description="temperature to go to")
    _maxheaterpower = Parameter(
        Double(0, 100, unit="W"), readonly=False, default=50, checkable=True, description="maximum allowed heater power"
    )


def node(board):
    heater = PWMHeater(board.pin_out(board.HEATER_PIN), resistance=5.76, supply=24)
    return Node(
        equipment_id="example_org.platinum_heater",
        description="a heater with a PT100",
        modules=(
            PlatinumHeater(
                MAX31865(board.spi("spi0"), cs=17, wires=4),
                heater,
                DeadMan(heater.cut, timer=board.TIMER),
                minimum=-10,
                maximum=130,
                name="heater",
                description="temperature of the heated block",
            ),
        ),
    )
