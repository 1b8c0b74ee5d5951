"""TI ADS1015: four analogue inputs of 12 bits, by I2C.

    bus: I2C up to 400 kHz, address 0x48 to 0x4B by the pin ADDR; 2 to 5.5 V
    wiring: VDD to 3V3, GND to GND, SCL to SCL, SDA to SDA, ADDR to GND or 3V3 or SDA or SCL; A0 to A3 are the inputs
    range: 0.256 to 6.144 V, never above the supply; 0.125 to 3 mV a step
    reading: 2 ms, of which 1.5 ms block at 100 kHz; at the rate of 1600 a second
    memory: 224 B
    faults: no answer, stuck bus, lost settings (CommunicationFailed); above or below what it measures (OutOfRange)

Source: Texas Instruments, datasheet SBAS473, chapters 7 and 8.
"""

from drivers.ads1115 import ADS1115


class ADS1015(ADS1115):
    """ADS1015(board.i2c("i2c0")), used as ADS1115; its 12 bits are the upper ones of the same register.

    rate: 128 or 250 or 490 or 920 or 1600 or 2400 or 3300 /s; converter: conversions a second
    """

    CHIP = "ADS1015"
    RATES = (128, 250, 490, 920, 1600, 2400, 3300)
    HIGHEST = 0x7FF0

    def __init__(self, bus, address=0x48, rate=1600):
        super().__init__(bus, address, rate)
