"""Two heaters that have nothing in common: a thermocouple and a relay, a thermistor and a power supply."""

from drivers.curves import Beta
from drivers.deadman import DeadMan
from drivers.divider import Divider
from drivers.max31856 import MAX31856
from drivers.mcp4725 import MCP4725
from drivers.relay_heater import RelayHeater
from drivers.supply_heater import SupplyHeater
from modules.oven import Oven
from secnode.datainfo import Double
from secnode.module import Parameter
from secnode.node import Node

CS = 17
PINS = (2, 3)  # of the heaters


def oven(board, sensor, heater, most, **kwds):
    return Oven(
        sensor,
        heater,
        DeadMan(heater.cut, timer=board.TIMER),
        minimum=-10,
        target=Parameter(Double(0, most, unit="°C"), readonly=False, checkable=True, description="temperature to go to"),
        _maxheaterpower=Parameter(
            Double(0, 100, unit="W"), readonly=False, default=100, checkable=True, description="maximum allowed heater power"
        ),
        **kwds,
    )


def node(board):
    relay = RelayHeater(board.pin_out(PINS[0]), resistance=529, supply=230, period=1, mains=50, timer=board.RELAY_TIMER)
    supply = SupplyHeater(
        MCP4725(board.i2c("i2c0"), scale=10 / 3.3), resistance=5.76, voltage=24, enable=board.pin_out(PINS[1])
    )
    return Node(
        equipment_id="two_kinds",
        description="for tests",
        modules=(
            oven(
                board, MAX31856(board.spi(), cs=CS, kind="K", mains=50), relay, 380, maximum=400, name="tube",
                description="temperature of the tube",
            ),
            oven(
                board, Divider(board.adc(board.OUTSIDE_ADC), Beta(10000, 3950), **board.DIVIDER), supply, 120, maximum=130,
                name="plate", description="temperature of the plate",
            ),
        ),
    )  # fmt: skip


def simulate(attach):
    """For the simulated board alone: the chip is on the first heater's block, the second one's supply is set by the DAC."""
    attach("plant", PINS[0], {"thermometer": ("spi0", CS)})
    attach("plant", PINS[1], {"supply": ("i2c0", 0x60)})
