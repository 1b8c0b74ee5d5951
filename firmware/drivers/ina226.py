"""TI INA226: voltage, current and power of a load, by I2C, finer than an INA219.

    bus: I2C up to 400 kHz (2.94 MHz in high-speed mode), address 0x40 to 0x4F by the pins A0 and A1; 2.7 to 5.5 V
    wiring: VS to 3V3, GND to GND, SCL to SCL, SDA to SDA, A0 to GND or 3V3 or SDA or SCL, A1 to GND or 3V3 or SDA or SCL; the
        shunt lies between IN+, at the supply, and IN-, at the load; VBUS to the load, too
    range: 0 to 36 V; up to 81.9 mV at the shunt, 0.8 A through 0.1 Ohm; 1.25 mV and 25 µA a step
    reading: 1.5 ms, all of which blocks at 100 kHz; it converts by itself, means of 35 ms
    memory: 512 B
    faults: no answer, stuck bus, another chip, reset (CommunicationFailed); more current than it measures (OutOfRange)

Source: Texas Instruments, datasheet SBOS547, chapter 7. Its own calibration and power registers are not used: a brown-out by a
heavy load would clear them unnoticed.
"""

from drivers.chip import Chip
from micropython import const
from secnode import pace
from secnode.errors import OutOfRange

_CONFIG = const(0x4527)  # 16 samples of 1.1 ms each, of shunt and bus, continuously
_HIGHEST = const(32767)  # of the shunt, 2.5 uV each


class INA226(Chip):
    """INA226(board.i2c("i2c0"), shunt=0.1): `.voltage` in V at the load, `.current` in A and `.power` in W, each with read().

    `shunt` is the resistor in ohm.
    """

    def __init__(self, bus, address=0x40, shunt=0.1):
        super().__init__(bus.device(address, "INA226"), (("voltage", "V"), ("current", "A"), ("power", "W")))
        self.voltage, self.current, self.power = self.quantities
        self._step = 2.5e-6 / shunt
        self._buf = bytearray(2)

    async def begin(self):
        if self._read(0xFE) != 0x5449 or self._read(0xFF) != 0x2260:
            raise self.device.failed("it is another chip")
        buf = self._buf
        buf[0] = _CONFIG >> 8
        buf[1] = _CONFIG & 0xFF
        self.device.write_register(0, buf)
        await pace.sleep_ms(40)  # all of its samples, by a clock that is 10 % slow

    async def measure(self):
        if self._read(0) != _CONFIG:
            raise self.device.failed("it was reset, or is another chip")
        shunt = self._read(1)
        if shunt & 0x8000:
            shunt -= 0x10000
        values = self.values
        values[0] = voltage = self._read(2) * 0.00125
        if not -_HIGHEST <= shunt < _HIGHEST:
            for index in (1, 2):
                self.put(index, OutOfRange("the current is more than the shunt is for"))
            return
        values[1] = current = shunt * self._step
        values[2] = voltage * current

    def _read(self, register):
        buf = self._buf
        self.device.read_register(register, buf)
        return buf[0] << 8 | buf[1]
