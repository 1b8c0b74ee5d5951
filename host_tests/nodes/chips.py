"""Several chips on buses: what labs wire up."""

from drivers.sht3x import SHT3x
from drivers.sht4x import SHT4x
from modules.quantity import Quantity
from secnode.node import Node


def node(board):
    i2c = board.i2c("i2c0")
    sht = SHT4x(i2c, dew_point=True)
    other = SHT3x(i2c, 0x45)
    return Node(
        equipment_id="example_org.chips",
        description="chips on buses",
        modules=(
            Quantity(sht.temperature, name="room", description="temperature of the room"),
            Quantity(sht.humidity, name="humidity", description="humidity of the room"),
            Quantity(sht.dew_point, name="dew", description="dew point of the room"),
            Quantity(other.temperature, name="box", description="temperature in the box"),
            Quantity(other.humidity, name="damp", description="humidity in the box"),
        ),
    )
