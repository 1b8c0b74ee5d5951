"""TI ADS1115: four analogue inputs of 16 bits, by I2C.

    bus: I2C up to 400 kHz, address 0x48 to 0x4B by the pin ADDR; 2 to 5.5 V
    wiring: VDD to 3V3, GND to GND, SCL to SCL, SDA to SDA, ADDR to GND or 3V3 or SDA or SCL; A0 to A3 are the inputs
    range: 0.256 to 6.144 V, never above the supply; 7.8 to 188 µV a step
    reading: 10 ms, of which 1.5 ms block at 100 kHz; at the rate of 128 a second
    memory: 224 B
    faults: no answer, stuck bus, lost settings (CommunicationFailed); above or below what it measures (OutOfRange)

Source: Texas Instruments, datasheet SBAS444, chapters 7 and 8.
"""

from secnode import pace
from secnode.errors import OutOfRange

_SPANS = (6.144, 4.096, 2.048, 1.024, 0.512, 0.256)  # V
_PAIRS = ((0, 1), (0, 3), (1, 3), (2, 3))


class Channel:
    """One input of a converter: read() gives a coroutine, whose result is in `unit`."""

    def __init__(self, adc, config, step, what, unit):
        self._adc = adc
        self._config = config
        self._step = step
        self.what = what
        self.unit = unit

    def read(self):
        return self._adc.convert(self._config, self._step)


class ADS1115:
    """ADS1115(board.i2c("i2c0")); `rate` is how many conversions a second it would do: slow ones have less noise.

        rate: 8 or 16 or 32 or 64 or 128 or 250 or 475 or 860 /s; converter: conversions a second

    The inputs take turns, each with its own range: however many modules read them, a conversion is begun, awaited and read
    before the next one begins. Raises ValueError for a rate that it does not have.
    """

    CHIP = "ADS1115"
    RATES = (8, 16, 32, 64, 128, 250, 475, 860)
    HIGHEST = 0x7FFF

    def __init__(self, bus, address=0x48, rate=128):
        if rate not in self.RATES:
            raise ValueError("the rate is one of %s" % ", ".join([str(r) for r in self.RATES]))
        self.device = bus.device(address, self.CHIP)
        self._rate = self.RATES.index(rate)
        self._ms = 1100 // rate + 1  # its clock may be 10 % slow
        self._buf = bytearray(2)
        self._busy = False

    def channel(self, plus, minus=None, span=4.096, scale=1, what="voltage", unit="V"):
        """The input AIN0 to AIN3 against ground, or against another one: 0 and 1, 0 and 3, 1 and 3, 2 and 3.

        It measures from -span to span volts, to ground from 0. `scale` in `unit` per volt is of what is before it: 1000 / 250
        and "mA" for a current through 250 Ohm. Raises ValueError for another pair or span.
        """
        if span not in _SPANS:
            raise ValueError("the span in V is one of %s" % ", ".join([str(s) for s in _SPANS]))
        if minus is None and 0 <= plus <= 3:
            mux = 4 + plus
        elif (plus, minus) in _PAIRS:
            mux = _PAIRS.index((plus, minus))
        else:
            raise ValueError("it measures inputs 0 to 3 to ground, or 0-1, 0-3, 1-3, 2-3")
        # begin one conversion, comparator off
        config = 0x8103 | mux << 12 | _SPANS.index(span) << 9 | self._rate << 5
        return Channel(self, config, span / 32768 * scale, what, unit)

    async def convert(self, config, step):
        """One conversion with these settings; `step` is what a count is worth."""
        while self._busy:
            await pace.sleep_ms(1)
        self._busy = True
        try:
            device = self.device
            buf = self._buf
            buf[0] = config >> 8
            buf[1] = config & 0xFF
            device.write_register(1, buf)
            await pace.sleep_ms(self._ms)
            device.read_register(1, buf)
            if not buf[0] & 0x80:  # at work still
                await pace.sleep_ms(self._ms)
                device.read_register(1, buf)
            if buf[0] << 8 | buf[1] != config:
                # another input's, or what it has after power on
                raise device.failed("it has lost its settings, or does not end its conversion")
            device.read_register(0, buf)
            code = buf[0] << 8 | buf[1]
        finally:
            self._busy = False
        if code == self.HIGHEST or code == 0x8000:
            raise OutOfRange("the voltage is beyond what %s measures at this input" % self.CHIP)
        return (code - 0x10000 if code & 0x8000 else code) * step
