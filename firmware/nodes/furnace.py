"""A tube furnace to 1100 degC: a thermocouple at a MAX31856, and a solid-state relay that switches its heater."""

from drivers.deadman import DeadMan
from drivers.max31856 import MAX31856
from drivers.relay_heater import RelayHeater
from modules.heater_power import HeaterPower
from modules.oven import Oven
from modules.quantity import Quantity
from modules.sensor import Sensor
from secnode import VERSION
from secnode.datainfo import Double
from secnode.module import Parameter
from secnode.node import Node


def node(board):
    couple = MAX31856(board.spi(), cs=board.DIGITAL_PINS[0], kind="K", mains=50)
    heater = RelayHeater(
        board.pin_out(board.HEATER_PIN), resistance=44.1, supply=230, period=2, mains=50, timer=board.RELAY_TIMER
    )
    furnace = Oven(
        couple,
        heater,
        DeadMan(heater.cut, timer=board.TIMER),
        minimum=-10,
        maximum=1150,
        gain_time=60,
        p=90, i=0.9, d=1350, filter=4,
        name="furnace",
        description="temperature in the middle of the tube",
        target=Parameter(Double(0, 1100, unit="°C"), readonly=False, checkable=True, description="temperature to go to"),
        _maxheaterpower=Parameter(
            Double(0, 1200, unit="W"), readonly=False, default=1200, checkable=True, keep=True,
            description="maximum allowed heater power",
        ),
    )  # fmt: skip
    return Node(
        equipment_id="example_org.furnace",
        description="a tube furnace with a thermocouple of type K, its heater switched by a solid-state relay.",
        firmware="secnode " + VERSION,
        modules=(
            furnace,
            HeaterPower(furnace, name="heater_power", description="power of the heater, by the relay's last period"),
            Sensor(couple, name="thermocouple", description="the thermocouple, as the guard sees it"),
            Quantity(couple.cold_junction, name="cold_junction", description="where the thermocouple's wires end"),
        ),
    )


def simulate(attach):
    """For the simulated board alone: 1100 degC take three quarters of an hour with 1200 W, and 600 W hold them."""
    import board

    attach("plant", board.HEATER_PIN, {"capacity": 2170.0, "loss": 0.56, "lag": 15.0, "full_power": 1200.0})
