"""The node of SECoP's introduction to the bare protocol: a thermometer outside, and a heater."""

from drivers.curves import Beta
from drivers.deadman import DeadMan
from drivers.divider import Divider
from drivers.pwm_heater import PWMHeater
from modules.heater import Heater
from modules.thermometer import Thermometer
from secnode import VERSION
from secnode.datainfo import Double, Struct
from secnode.limits import Limit
from secnode.module import Command, Parameter
from secnode.node import Node


class ExampleHeater(Heater):
    value = Parameter(Double(unit="°C"), description="current value of the module")
    target = Parameter(Double(0, 120, unit="°C"), readonly=False, checkable=True, description="target value of the module")
    target_limits = Limit(description="lowest and highest target that is taken")
    stop = Command(description="Stop heating, stay at current temperature.")
    _maxheaterpower = Parameter(
        Double(0, 100, unit="W"), readonly=False, default=50, checkable=True, description="maximum allowed heater power"
    )
    _examplecommand = Command(
        Struct({"a": Double(0, 10), "b": Double()}), Double(), checkable=True, description="Do some calculation: a + b."
    )

    def do__examplecommand(self, a, b):
        return a + b


def node(board):
    heater = PWMHeater(board.pin_out(board.HEATER_PIN), resistance=5.76, supply=24, frequency=100)
    return Node(
        equipment_id="example_org.example_heater",
        description="a basic example temperature SEC node.",
        firmware="ExampleSECoPFirmware v" + VERSION,
        modules=(
            Thermometer(
                Divider(board.adc(board.OUTSIDE_ADC), Beta(10000, 3950), **board.DIVIDER),
                name="outside",
                value=Parameter(Double(unit="°C"), description="temperature outside"),
                description="Outside temperature monitor.",
                implementation="example.sensors.Temperature",
            ),
            ExampleHeater(
                Divider(board.adc(board.SENSOR_ADC), Beta(10000, 3950), **board.DIVIDER),
                heater,
                DeadMan(heater.cut, timer=board.TIMER),
                minimum=-10,
                maximum=130,
                name="heater",
                description="Example Heater",
                implementation="example.actuators.Heater",
            ),
        ),
    )
