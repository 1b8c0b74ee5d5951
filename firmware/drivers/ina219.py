"""TI INA219: voltage, current and power of a load, by I2C.

    bus: I2C up to 400 kHz, address 0x40 to 0x4F by the pins A0 and A1; 3 to 5.5 V
    wiring: VS to 3V3, GND to GND, SCL to SCL, SDA to SDA, A0 to GND or 3V3 or SDA or SCL, A1 to GND or 3V3 or SDA or SCL; the
        shunt lies between IN+, at the supply, and IN-, at the load
    range: 0 to 26 V; up to 0.32 V at the shunt, 3.2 A through 0.1 Ohm; 4 mV and 0.1 mA a step
    reading: 1.5 ms, all of which blocks at 100 kHz; it converts by itself, means of 17 ms
    memory: 512 B
    faults: no answer, stuck bus, reset (CommunicationFailed); more current than it measures (OutOfRange)

Source: Texas Instruments, datasheet SBOS448, chapter 8. Its own calibration and power registers are not used: a brown-out by a
heavy load would clear them unnoticed.
"""

from drivers.chip import Chip
from micropython import const
from secnode import pace
from secnode.errors import OutOfRange

_CONFIG = const(0x3EEF)  # 32 V, 320 mV, 32 samples each, continuously
_HIGHEST = const(32000)  # of the shunt, 10 uV each


class INA219(Chip):
    """INA219(board.i2c("i2c0"), shunt=0.1): `.voltage` in V at the load, `.current` in A and `.power` in W, each with read().

        shunt: 0.0001 to 100 Ω; current: shunt resistor

    `shunt` is the resistor in ohm.
    """

    def __init__(self, bus, address=0x40, shunt=0.1):
        super().__init__(bus.device(address, "INA219"), (("voltage", "V"), ("current", "A"), ("power", "W")))
        self.voltage, self.current, self.power = self.quantities
        self._step = 1e-5 / shunt
        self._buf = bytearray(2)

    async def begin(self):
        buf = self._buf
        buf[0] = _CONFIG >> 8
        buf[1] = _CONFIG & 0xFF
        self.device.write_register(0, buf)
        await pace.sleep_ms(40)  # both conversions

    async def measure(self):
        if self._read(0) != _CONFIG:
            raise self.device.failed("it was reset, or is another chip")
        shunt = self._read(1)
        if shunt & 0x8000:
            shunt -= 0x10000
        values = self.values
        values[0] = voltage = (self._read(2) >> 3) * 0.004
        if not -_HIGHEST < shunt < _HIGHEST:
            for index in (1, 2):
                self.put(index, OutOfRange("the current is more than the shunt is for"))
            return
        values[1] = current = shunt * self._step
        values[2] = voltage * current

    def _read(self, register):
        buf = self._buf
        self.device.read_register(register, buf)
        return buf[0] << 8 | buf[1]
