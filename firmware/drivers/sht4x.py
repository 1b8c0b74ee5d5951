"""Sensirion SHT40, SHT41, SHT45: temperature and humidity, by I2C.

    bus: I2C up to 1 MHz, address 0x44 (0x45 and 0x46 by type); 2.3 to 5.5 V (1.08 V the SHT40I)
    wiring: VDD to 3V3, VSS to GND, SCL to SCL, SDA to SDA
    range: -40 to 125 °C, 0 to 100 %; 0.0027 K and 0.0019 % a step
    reading: 9 ms, of which 1.2 ms block at 100 kHz; the first one 5 ms more
    memory: 480 B
    faults: no answer, stuck bus, wrong check byte (CommunicationFailed)

Source: Sensirion, datasheet SHT4x, version 6.5, chapters 4 and 5.
"""

from drivers.sensirion import Sensirion


class SHT4x(Sensirion):
    """SHT4x(board.i2c("i2c0")): `.temperature` and `.humidity`, with dew_point=True `.dew_point`, each with read()."""

    RESET, SERIAL, MEASURE = b"\x94", b"\x89", b"\xfd"  # high precision, the heater stays off
    WAIT = 9  # 8.3 ms
    OFFSET, STEP = -6, 125 / 65535

    def __init__(self, bus, address=0x44, dew_point=False):
        super().__init__(bus.device(address, "SHT4x"), dew_point)
