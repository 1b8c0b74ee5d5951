"""A heater for everyday use, with all that can be set: ramp, autotune, open loop."""

from drivers.curves import Beta
from drivers.deadman import DeadMan
from drivers.divider import Divider
from drivers.pwm_heater import PWMHeater
from modules.heater_power import HeaterPower
from modules.oven import Oven
from modules.sensor import Sensor
from secnode import VERSION
from secnode.datainfo import Double
from secnode.module import Parameter
from secnode.node import Node


def node(board):
    sensor = Divider(board.adc(board.SENSOR_ADC), Beta(10000, 3950), **board.DIVIDER)
    heater = PWMHeater(board.pin_out(board.HEATER_PIN), resistance=5.76, supply=24, frequency=100)
    oven = Oven(
        sensor,
        heater,
        DeadMan(heater.cut, timer=board.TIMER),
        minimum=-10,
        maximum=130,
        name="heater",
        description="temperature of the heated block",
        target=Parameter(Double(0, 120, unit="°C"), readonly=False, checkable=True, description="temperature to go to"),
        _maxheaterpower=Parameter(
            Double(0, 100, unit="W"), readonly=False, default=50, checkable=True, keep=True,
            description="maximum allowed heater power",
        ),
    )  # fmt: skip
    return Node(
        equipment_id="example_org.oven",
        description="an oven: a heated block with a thermistor, kept at a temperature by this very board.",
        firmware="secnode " + VERSION,
        modules=(
            oven,
            HeaterPower(oven, name="heater_power", description="power of the heater"),
            Sensor(sensor, name="sensor", description="the thermistor on the block"),
        ),
    )
