"""What Sensirion's humidity sensors have in common: two words, each with a check byte."""

from drivers.chip import Chip
from secnode import pace

TEMPERATURE = "temperature", "°C"
HUMIDITY = "relative humidity", "%"
_STEP = 175 / 65535  # K; a quotient of constants would be one more result at each reading
DEW_POINT = "dew point", "°C"


def crc8(buf, begin, end):
    """The check byte over buf[begin:end]: x^8 + x^5 + x^4 + 1, beginning with 0xFF."""
    crc = 0xFF
    for i in range(begin, end):
        crc ^= buf[i]
        for _ in range(8):
            crc = (crc << 1 ^ 0x31) & 0xFF if crc & 0x80 else crc << 1
    return crc


class Sensirion(Chip):
    """Temperature, humidity and, where `dew_point` is true, the dew point of what both say."""

    RESET = SERIAL = MEASURE = b""  # commands
    WAIT = 0  # ms that a measurement takes at most
    OFFSET, STEP = 0, 100 / 65535  # % of the humidity at 0, and a step of it

    def __init__(self, device, dew_point=False):
        super().__init__(device, (TEMPERATURE, HUMIDITY, DEW_POINT) if dew_point else (TEMPERATURE, HUMIDITY))
        self._buf = bytearray(6)
        self.temperature, self.humidity = self.quantities[:2]
        if dew_point:
            from drivers.dew_point import dew_point

            self._dew_point = dew_point
            self.dew_point = self.quantities[2]

    async def begin(self):
        # a reset ends a heater that somebody switched on, too
        self.device.write(self.RESET)
        await pace.sleep_ms(3)
        self.device.write(self.SERIAL)
        await pace.sleep_ms(2)
        self._read()  # nothing else at this address has a serial number with these check bytes

    async def measure(self):
        self.device.write(self.MEASURE)
        await pace.sleep_ms(self.WAIT)
        self._read()
        buf = self._buf
        values = self.values
        values[0] = (buf[0] << 8 | buf[1]) * _STEP - 45
        values[1] = min(max((buf[3] << 8 | buf[4]) * self.STEP + self.OFFSET, 0), 100)
        if len(values) > 2:
            values[2] = self._dew_point(values[0], values[1])

    def _read(self):
        buf = self._buf
        self.device.read_into(buf)
        for i in (0, 3):
            if crc8(buf, i, i + 2) != buf[i + 2]:
                raise self.device.failed("its check byte (CRC) is wrong")
