"""Interlocks over values that a client sets, with each of the things that one can do."""

from drivers.curves import Beta
from drivers.deadman import DeadMan
from drivers.divider import Divider
from drivers.pin_output import PinOutput
from drivers.pwm_heater import PWMHeater
from drivers.pwm_output import PWMOutput
from modules.analogue_output import AnalogueOutput
from modules.digital_output import DigitalOutput
from modules.heater_power import HeaterPower
from modules.interlock import Interlock
from modules.oven import Oven
from secnode.datainfo import Bool, Double, Enum
from secnode.errors import CommunicationFailed
from secnode.module import BUSY, IDLE, Drivable, Parameter, Readable, Writable
from secnode.node import Node


class Wall(Readable):
    """What is seen: `_is` is its value, `_gone` that it can't be had."""

    value = Parameter(Double(unit="°C"), description="x")
    _is = Parameter(Double(), readonly=False, default=20, description="x")
    _gone = Parameter(Bool(), readonly=False, default=False, description="x")
    _door = Parameter(Enum({"open": 0, "closed": 1}), readonly=False, default=1, description="x")
    pollinterval = 0.1

    def read_value(self):
        if self._gone:
            raise CommunicationFailed("the wall does not answer")
        return self._is


class Stage(Drivable):
    value = Parameter(Double(), description="x", default=0)
    target = Parameter(Double(0, 100), readonly=False, checkable=True, description="x")

    def write_target(self, value):
        self.status = BUSY, "moving"

    def do_stop(self):
        self.status = IDLE, "stopped"


class Still(Writable):
    """A value that nobody measures: its age grows."""

    value = Parameter(Double(), description="x", default=0)
    target = Parameter(Double(), readonly=False, description="x")


def node(board):
    wall = Wall(name="wall", description="x")
    still = Still(name="still", description="x")
    stage = Stage(name="stage", description="x")
    heater = PWMHeater(board.pin_out(board.HEATER_PIN), resistance=5.76, supply=24, frequency=100)
    oven = Oven(
        Divider(board.adc(board.SENSOR_ADC), Beta(10000, 3950), **board.DIVIDER),
        heater,
        DeadMan(heater.cut, timer=board.TIMER),
        minimum=-10,
        maximum=130,
        name="heater",
        description="x",
        target=Parameter(Double(0, 120, unit="°C"), readonly=False, checkable=True, description="x"),
        _maxheaterpower=Parameter(Double(0, 100, unit="W"), readonly=False, default=50, description="x"),
    )
    gas = DigitalOutput(PinOutput(board.pin_out(9)), name="gas", description="x")
    flow = AnalogueOutput(PWMOutput(board.pwm(12, freq=1000)), name="flow", description="x")
    return Node(
        equipment_id="interlocks",
        description="for tests",
        modules=(
            wall,
            still,
            stage,
            oven,
            HeaterPower(oven, name="power", description="x"),
            gas,
            flow,
            Interlock(
                when=(">", (wall, "value"), 100), actions=((oven, "off"), (gas, "safe"), (flow, "safe")),
                text="the wall is too hot", name="hot", description="x",
            ),
            Interlock(
                when=("==", (wall, "_door"), "open"), actions=((stage, "stop"),), text="the door is open", latched=False,
                name="door", description="x",
            ),
            Interlock(
                when=("and", (">", ("age", still, "target"), 30), (">", ("silence",), 1000)), actions=((flow, 2.0),), text="x",
                name="never", description="x",
            ),
            Interlock(
                when=("or", (">", ("age", still, "value"), 60), ("not", ("<=", (still, "value"), 5))), actions=((oven, 60.0),),
                text="only up to 60", latched=False, name="low", description="x",
            ),
            Interlock(
                when=("and", (">", (stage, "target"), 80), ("==", (still, "target"), (still, "target"))),
                actions=((stage, "stop"),), text="x", name="far", description="x",
            ),
            Interlock(
                when=(">", (stage, "target"), 90), actions=((stage, "stop"),), text="too far", name="end", description="x"
            ),
        ),
    )  # fmt: skip
