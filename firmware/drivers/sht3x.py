"""Sensirion SHT30, SHT31, SHT35: temperature and humidity, by I2C.

    bus: I2C up to 1 MHz, address 0x44, or 0x45 where ADDR is high; 2.15 to 5.5 V
    wiring: VDD to 3V3, VSS to GND, SCL to SCL, SDA to SDA, ADDR to GND or 3V3
    range: -40 to 125 °C, 0 to 100 %; 0.0027 K and 0.0015 % a step
    reading: 16 ms, of which 1.2 ms block at 100 kHz; the first one 5 ms more
    memory: 480 B
    faults: no answer, stuck bus, wrong check byte (CommunicationFailed)

Source: Sensirion, datasheet SHT3x-DIS, version 7, chapter 4.
"""

from drivers.sensirion import Sensirion


class SHT3x(Sensirion):
    """SHT3x(board.i2c("i2c0")): `.temperature` and `.humidity`, with dew_point=True `.dew_point`, each with read()."""

    RESET, SERIAL, MEASURE = b"\x30\xa2", b"\x37\x80", b"\x24\x00"  # once, high repeatability, without clock stretching
    WAIT = 16  # 15.5 ms

    def __init__(self, bus, address=0x44, dew_point=False):
        super().__init__(bus.device(address, "SHT3x"), dew_point)
