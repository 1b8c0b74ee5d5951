"""Analog Devices (Maxim) MAX31855: a thermocouple of type K, J, N, T, S, R or E (each a chip of its own), by SPI.

    bus: SPI up to 5 MHz, mode 0, chip select; 3 to 3.6 V
    wiring: VCC to 3V3, GND to GND, SCK to SCK, SO to MISO, CS to CS; T+ and T- to the thermocouple, 10 nF between them; the
        tip must not touch earth
    range: by the type, e.g. K -200 to 1350 °C; 0.25 K a step (K: 0.35 K at -100 °C; S and R: 0.5 K at 25 °C)
    reading: 0.5 ms, all of which blocks; it converts by itself every 100 ms
    memory: 512 B
    faults: open, shorted to ground or supply (HardwareError); no answer (CommunicationFailed)

The chip takes the thermocouple for a straight line: type K is 3 K off at 200 °C, 30 K at 1300 °C. That is put right here, by
NIST's tables. Source: Analog Devices, datasheet MAX31855, revision 5, tables 1 to 4.
"""

from drivers import thermocouple
from drivers.converter import Converter
from secnode.errors import HardwareError

_FAULTS = (
    (4, "the thermocouple is shorted to the supply"),
    (2, "the thermocouple is shorted to ground"),
    (1, "the thermocouple or its wire is open"),
)


class ColdJunction:
    """The temperature of the chip, where the thermocouple's wires end: read() in degC."""

    what, unit = "temperature of the cold junction", "°C"

    def __init__(self, chip):
        self._chip = chip

    def read(self):
        """Raises CommunicationFailed; the thermocouple may be open."""
        chip = self._chip
        chip.read_raw()
        if chip.lost:
            raise chip.device.failed(chip.why)
        temperature = chip.junction()
        if not -40 <= temperature <= 125:
            raise HardwareError("the cold junction is beyond -40 to 125 °C")
        return temperature


class MAX31855(Converter):
    """MAX31855(board.spi("spi0"), cs=17): a sensor as drivers.divider.Divider is one; `.cold_junction` is another.

    A MAX31855K; others have their type's `couple`: of a MAX31855N that is drivers.type_n.N.
    A raw value is the temperature after it was put right: 16 times the degrees above -2048 degC. A chip that is not there
    reads as 0 everywhere: so does one that has exactly 0.00 degC at both ends, which is taken for the same.
    """

    def __init__(self, bus, cs, couple=None):
        if couple is None:
            from drivers.type_k import K

            couple = K
        self._couple = couple
        kind, slope, low, high = couple[:4]
        self._slope = slope / 16  # mV per 1/16 K, of the chip's straight line
        # what shorts the wires to each other is a thermocouple at the cold junction: no raw value tells it
        name = "MAX31855" if kind == "K" else "MAX31855" + kind
        super().__init__(bus.device(cs, name), low, high, -1, 65536)
        self._buf = bytearray(4)
        self._zeros = bytes(4)
        self.cold_junction = ColdJunction(self)

    def junction(self):
        """The temperature of the cold junction in degC, by the last read_raw()."""
        return self._junction() / 16

    def _junction(self):
        code = self._buf[2] << 4 | self._buf[3] >> 4
        return code - 0x1000 if code & 0x800 else code

    def read_raw(self):
        buf = self._buf
        self.device.transfer(self._zeros, buf)
        self.why = None
        # bits that are always 0, and what nobody drives
        self.lost = bool(buf[1] & 2 or buf[3] & 8) or not (buf[0] or buf[1] or buf[2] or buf[3])
        if self.lost:
            self.why = "it does not answer"
            return 0.0
        for bit, words in _FAULTS:
            if buf[3] & bit:
                self.why = words
        code = buf[0] << 6 | buf[1] >> 2
        seen = ((code - 0x4000 if code & 0x2000 else code) * 4 - self._junction()) * self._slope
        seen += thermocouple.junction_voltage(self._couple, self.junction())
        return self.raw(thermocouple.temperature(self._couple, seen))
