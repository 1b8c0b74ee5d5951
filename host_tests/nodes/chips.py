"""Several chips on buses: what labs wire up."""

from drivers.ads1115 import ADS1115
from drivers.max31855 import MAX31855
from drivers.max31856 import MAX31856
from drivers.sht3x import SHT3x
from drivers.sht4x import SHT4x
from modules.quantity import Quantity
from secnode.node import Node


def node(board):
    i2c = board.i2c("i2c0")
    sht = SHT4x(i2c, dew_point=True)
    other = SHT3x(i2c, 0x45)
    spi = board.spi("spi0")
    couple = MAX31856(spi, cs=20, kind="K")
    straight = MAX31855(spi, cs=21)
    ads = ADS1115(i2c)
    return Node(
        equipment_id="example_org.chips",
        description="chips on buses",
        modules=(
            Quantity(sht.temperature, name="room", description="temperature of the room"),
            Quantity(sht.humidity, name="humidity", description="humidity of the room"),
            Quantity(sht.dew_point, name="dew", description="dew point of the room"),
            Quantity(other.temperature, name="box", description="temperature in the box"),
            Quantity(other.humidity, name="damp", description="humidity in the box"),
            Quantity(couple, name="couple", description="thermocouple on the block"),
            Quantity(couple.cold_junction, name="junction", description="where it ends"),
            Quantity(straight, name="other", description="another one"),
            Quantity(ads.channel(0), name="volts", description="an input"),
            Quantity(ads.channel(3, scale=4, unit="mA", what="current"), name="amps", description="another input"),
        ),
    )
