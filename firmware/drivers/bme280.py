"""Bosch BME280: temperature, humidity and pressure of air, by I2C.

    bus: I2C up to 3.4 MHz, address 0x76, or 0x77 where SDO is high; 1.71 to 3.6 V
    wiring: VDD to 3V3, VDDIO to 3V3, GND to GND, SCK to SCL, SDI to SDA, SDO to GND or 3V3, CSB to 3V3
    range: -40 to 85 °C, 0 to 100 %, 300 to 1100 hPa; 0.01 K, 0.008 % and 0.002 hPa a step
    reading: 11 ms, of which 1.7 ms block at 100 kHz; 114 ms with 16 samples; the first one 10 ms more
    memory: 1312 B
    faults: no answer, stuck bus, another chip (a BMP280 has no humidity), reset (CommunicationFailed)

Source: Bosch Sensortec, datasheet BST-BME280-DS002, chapters 4 and 5.
"""

from struct import unpack_from

from drivers.chip import Chip
from secnode import pace

_SAMPLES = (1, 2, 4, 8, 16)
_KINDS = (("temperature", "°C"), ("relative humidity", "%"), ("pressure", "hPa"), ("dew point", "°C"))


class BME280(Chip):
    """BME280(board.i2c("i2c0")): `.temperature` in degC, `.humidity` in %, `.pressure` in hPa, each with read(); and
    `.dew_point` in degC where `dew_point` is true.

        samples: 1 or 2 or 4 or 8 or 16; air: conversions of a reading

    Each reading is the mean of `samples` (1, 2, 4, 8 or 16): with one the pressure has a noise of 0.03 hPa, with 16 of 0.01.
    It warms itself a little: its temperature is that of its board. Raises ValueError for other numbers of samples.
    """

    def __init__(self, bus, address=0x76, samples=1, dew_point=False):
        if samples not in _SAMPLES:
            raise ValueError("samples are 1, 2, 4, 8 or 16")
        super().__init__(bus.device(address, "BME280"), _KINDS if dew_point else _KINDS[:3])
        self.temperature, self.humidity, self.pressure = self.quantities[:3]
        if dew_point:
            from drivers.dew_point import dew_point

            self._dew_point = dew_point
            self.dew_point = self.quantities[3]
        code = _SAMPLES.index(samples) + 1
        self._samples = code
        self._control = code << 5 | code << 2  # of temperature and pressure; asleep
        self._ms = (2300 * 3 * samples + 2400) // 1000 + 1
        self._byte = bytearray(1)
        self._buf = bytearray(13)  # registers 0xF2 to 0xFE
        self._of = (0,) * 18  # what the factory has found of this one

    def _write(self, register, value):
        self._byte[0] = value
        self.device.write_register(register, self._byte)

    async def begin(self):
        device = self.device
        device.read_register(0xD0, self._byte)
        if self._byte[0] != 0x60:
            raise device.failed("it is another chip, its identity is 0x%02x" % self._byte[0])
        self._write(0xE0, 0xB6)  # reset
        await pace.sleep_ms(10)
        some = bytearray(26)
        device.read_register(0x88, some)
        more = bytearray(7)
        device.read_register(0xE1, more)
        h2, h3, h4, between, h5, h6 = unpack_from("<hBbBbb", more)
        of = unpack_from("<HhhHhhhhhhhh", some)
        if not of[0] or not of[3]:
            raise device.failed("it does not say what its factory has found")
        self._of = of + (some[25], h2, h3, h4 << 4 | between & 15, h5 << 4 | between >> 4, h6)
        self._write(0xF5, 0)  # no filter
        self._write(0xF2, self._samples)  # of the humidity

    async def measure(self):
        device = self.device
        buf = self._buf
        self._write(0xF4, self._control | 1)
        await pace.sleep_ms(self._ms)
        device.read_register(0xF2, buf)
        if buf[1] & 0x08:  # its clock is slow
            await pace.sleep_ms(self._ms)
            device.read_register(0xF2, buf)
        if buf[0] & 7 != self._samples or buf[2] != self._control or buf[1] & 0x08 or (buf[5] == 0x80 and not buf[6]):
            raise device.failed("it was reset, or does not end its measurement")
        # the datasheet's formulas, with fewer results in between. Float: 24 bits are enough for its 20
        t1, t2, t3, p1, p2, p3, p4, p5, p6, p7, p8, p9, h1, h2, h3, h4, h5, h6 = self._of
        x = ((buf[8] << 12 | buf[9] << 4 | buf[10] >> 4) - (t1 << 4)) / 16384
        fine = (t3 * x / 64 + t2) * x  # 5120 a K
        values = self.values
        values[0] = fine / 5120
        values[2] = _pressure(fine / 2 - 64000, (buf[5] << 12 | buf[6] << 4 | buf[7] >> 4), p1, p2, p3, p4, p5, p6, p7, p8, p9)
        x = fine - 76800
        h = (buf[11] << 8 | buf[12]) - (h4 << 6) - h5 * x / 16384
        h *= ((h3 * x / 67108864 + 1) * x * h6 / 67108864 + 1) * h2 / 65536
        values[1] = min(max((1 - h1 * h / 524288) * h, 0.0), 100.0)
        if len(values) > 3:
            values[3] = self._dew_point(values[0], values[1])


def _pressure(x, code, p1, p2, p3, p4, p5, p6, p7, p8, p9):
    """In hPa."""
    offset = ((p6 * x / 65536 + p5) * x / 2) + p4 * 65536.0
    scale = ((p3 * x / 524288 + p2) * x / 17179869184.0 + 1) * p1
    p = (1048576 - code - offset / 4096) * 6250 / scale
    return ((p9 * p / 65536 + p8) * p / 32768 + p7) / 1600 + p / 100
