"""An oven at a power supply: a MCP4725 sets its voltage, a pin enables it."""

from drivers.curves import Beta
from drivers.deadman import DeadMan
from drivers.divider import Divider
from drivers.mcp4725 import MCP4725
from drivers.supply_heater import SupplyHeater
from modules.heater_power import HeaterPower
from modules.oven import Oven
from secnode.datainfo import Double
from secnode.module import Parameter
from secnode.node import Node


def node(board):
    heater = SupplyHeater(
        MCP4725(board.i2c("i2c0"), scale=10 / 3.3), resistance=5.76, voltage=24, enable=board.pin_out(board.HEATER_PIN)
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
            Double(0, 100, unit="W"), readonly=False, default=100, checkable=True, description="maximum allowed heater power"
        ),
    )
    return Node(
        equipment_id="example_org.supply_oven",
        description="an oven at a power supply",
        modules=(oven, HeaterPower(oven, name="heater_power", description="power of the heater")),
    )


def simulate(attach):
    """For the simulated board alone: what the supply gives is the square of the DAC's code."""
    import board

    attach("plant", board.HEATER_PIN, {"supply": ("i2c0", 0x60)})
