"""Ten different chips of docs/sensors.md on three buses, as much as one board is asked for."""

from drivers.ads1115 import ADS1115
from drivers.bme280 import BME280
from drivers.ds18b20 import DS18B20
from drivers.ina219 import INA219
from drivers.max31855 import MAX31855
from drivers.max31856 import MAX31856
from drivers.max31865 import MAX31865
from drivers.mcp4725 import MCP4725
from drivers.sht3x import SHT3x
from drivers.sht4x import SHT4x
from modules.analogue_output import AnalogueOutput
from modules.quantity import Quantity
from secnode.node import Node


def node(board):
    i2c = board.i2c(sorted(board.I2C)[0])
    spi = board.spi(sorted(board.SPI)[0])
    wire = board.onewire(sorted(board.ONEWIRE)[0])
    selects = board.DIGITAL_PINS
    room = SHT4x(i2c)
    box = SHT3x(i2c, 0x45)
    air = BME280(i2c)
    supply = INA219(i2c, 0x40)
    volts = ADS1115(i2c, 0x48)
    return Node(
        equipment_id="ten_chips",
        description="ten chips",
        modules=(
            Quantity(room.temperature, name="room", description="x"),
            Quantity(room.humidity, name="humidity", description="x"),
            Quantity(box.temperature, name="box", description="x"),
            Quantity(air.pressure, name="pressure", description="x"),
            Quantity(supply.power, name="power", description="x"),
            Quantity(volts.channel(0), name="volts", description="x"),
            Quantity(volts.channel(2), name="level", description="x"),
            Quantity(MAX31865(spi, cs=selects[0], wires=4), name="platinum", description="x"),
            Quantity(MAX31856(spi, cs=selects[1], kind="K"), name="couple", description="x"),
            Quantity(MAX31855(spi, cs=selects[2]), name="straight", description="x"),
            Quantity(DS18B20(wire).temperature, name="pipe", description="x"),
            AnalogueOutput(MCP4725(i2c, 0x60, supply=3.3), name="output", description="x"),
        ),
    )
