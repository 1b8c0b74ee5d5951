"""An oven whose control and guard see a PT100 by a MAX31865; two thermocouples are beside it."""

from drivers.deadman import DeadMan
from drivers.max31855 import MAX31855
from drivers.max31856 import MAX31856
from drivers.max31865 import MAX31865
from drivers.pwm_heater import PWMHeater
from modules.oven import Oven
from modules.quantity import Quantity
from secnode.datainfo import Double
from secnode.module import Parameter
from secnode.node import Node


def node(board):
    spi = board.spi("spi0")
    heater = PWMHeater(board.pin_out(board.HEATER_PIN), resistance=5.76, supply=24)
    couple = MAX31856(spi, cs=20, kind="K")
    straight = MAX31855(spi, cs=21)
    oven = Oven(
        MAX31865(spi, cs=17, wires=4),
        heater,
        DeadMan(heater.cut, timer=board.TIMER),
        minimum=-10,
        maximum=130,
        name="heater",
        description="temperature of the heated block",
        target=Parameter(Double(0, 120, unit="°C"), readonly=False, checkable=True, description="temperature to go to"),
        _maxheaterpower=Parameter(
            Double(0, 100, unit="W"), readonly=False, default=50, checkable=True, description="maximum allowed heater power"
        ),
    )  # fmt: skip
    return Node(
        equipment_id="example_org.platinum_oven",
        description="an oven with a PT100",
        modules=(
            oven,
            Quantity(couple, name="couple", description="thermocouple on the block"),
            Quantity(couple.cold_junction, name="junction", description="where it ends"),
            Quantity(straight, name="other", description="another one"),
        ),
    )
