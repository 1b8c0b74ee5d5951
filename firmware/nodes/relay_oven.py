"""An oven on the mains: a solid-state relay switches its heater, in whole periods of the mains."""

from drivers.curves import Beta
from drivers.deadman import DeadMan
from drivers.divider import Divider
from drivers.relay_heater import RelayHeater
from modules.heater_power import HeaterPower
from modules.oven import Oven
from secnode import VERSION
from secnode.datainfo import Double
from secnode.module import Parameter
from secnode.node import Node


def node(board):
    heater = RelayHeater(
        board.pin_out(board.HEATER_PIN), resistance=529, supply=230, period=2, mains=50, timer=board.RELAY_TIMER
    )
    oven = Oven(
        Divider(board.adc(board.SENSOR_ADC), Beta(10000, 3950), **board.DIVIDER),
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
        equipment_id="example_org.relay_oven",
        description="an oven on the mains: a heated block with a thermistor, its heater switched by a solid-state relay.",
        firmware="secnode " + VERSION,
        modules=(oven, HeaterPower(oven, name="heater_power", description="power of the heater, by the relay's last period")),
    )
