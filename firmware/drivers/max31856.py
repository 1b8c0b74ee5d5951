"""Analog Devices (Maxim) MAX31856: a thermocouple of type B, E, J, K, N, R, S or T, linearised by the chip, by SPI.

    bus: SPI up to 5 MHz, mode 1, chip select; 3 to 3.6 V
    wiring: AVDD to 3V3, DVDD to 3V3, AGND to GND, DGND to GND, SCK to SCK, SDI to MOSI, SDO to MISO, CS to CS; T+ and T- to the
        thermocouple, 100 nF between them
    range: by the type, e.g. K -200 to 1372 °C; 0.0078 K a step
    reading: 0.2 ms, all of which blocks; it converts by itself every 98 ms (82 ms at 60 Hz)
    memory: 96 B
    faults: open, voltage at an input, range of the thermocouple or the cold junction, a cold junction that jumps
        (HardwareError); no answer or reset (CommunicationFailed)

Source: Analog Devices, datasheet MAX31856, revision 0, tables 1 to 6.
"""

from drivers.converter import Converter
from micropython import const
from secnode import pace
from secnode.errors import HardwareError

_FIRST = const(200)  # ms to the first conversion: 155, at 50 Hz 185
_JUMP = const(1280)  # of 256 per K: so much no chip warms or cools between two readings
_DISTURBED = const(5000)  # ms for which a cold junction that jumped is not believed
_AUTO_OPEN = const(0x90)  # conversions by themselves; the wire is tested, for thermocouples of less than 5 kOhm
_50_HZ = const(0x01)
_TYPES = "BEJKNRST"
_LOW = (250, -200, -210, -200, -200, -50, -50, -200)  # degC
_HIGH = (1820, 1000, 1200, 1372, 1300, 1768, 1768, 400)
_FAULTS = (
    (0x40, "the thermocouple is beyond the range of its type"),
    (0x80, "the cold junction is beyond -55 to 125 °C"),
    (0x02, "the voltage at an input is too high or too low"),
    (0x01, "the thermocouple or its wire is open"),
)


class ColdJunction:
    """The temperature of the chip, where the thermocouple's wires end: read() in degC."""

    what, unit = "temperature of the cold junction", "°C"

    def __init__(self, chip):
        self._chip = chip

    def read(self):
        """Raises CommunicationFailed, and HardwareError where it is beyond its range; the thermocouple may be open."""
        chip = self._chip
        chip.read_raw()
        if chip.lost:
            raise chip.device.failed(chip.why)
        if chip.registers[16] & 0x80:
            raise HardwareError(chip.why)
        code = chip.registers[11] << 8 | chip.registers[12]
        return (code - 0x10000 if code & 0x8000 else code) / 256


class MAX31856(Converter):
    """MAX31856(board.spi("spi0"), cs=17, kind="K"): a sensor as drivers.divider.Divider is one; `.cold_junction` is another.

        kind: "B" or "E" or "J" or "K" or "N" or "R" or "S" or "T"; thermocouple: type
        mains: 50 or 60 Hz; thermocouple: frequency of the mains

    `mains` in Hz, 50 or 60, is what it filters out. A raw value is the temperature: 16 times the degrees above -2048 degC.
    Raises ValueError for a type or mains that it does not have.
    """

    def __init__(self, bus, cs, kind="K", mains=50):
        if len(kind) != 1 or kind not in _TYPES or mains not in (50, 60):
            raise ValueError("kind is one of %s, mains is 50 or 60" % _TYPES)
        index = _TYPES.index(kind)
        # a shorted thermocouple is one at the cold junction: no raw value tells it
        super().__init__(bus.device(cs, "MAX31856", phase=1), _LOW[index], _HIGH[index], -1, 65536)
        self._mode = _AUTO_OPEN | (_50_HZ if mains == 50 else 0)
        self._kind = index
        self._send = bytearray(17)
        self.registers = bytearray(17)  # as they were read: the first one is at 1
        self._setup = bytearray(3)
        self.cold_junction = ColdJunction(self)
        self._begin()

    def _begin(self):
        # the filter may be changed only while it does not convert
        for mode in (self._mode & _50_HZ, self._mode):
            buf = self._setup
            buf[0] = 0x80
            buf[1] = mode
            buf[2] = self._kind
            self.device.transfer(buf, buf)
        self._begun = pace.ticks_ms()
        self._high = -1  # byte of the temperature
        self._junction = None  # code of the cold junction, as it was last
        self._jumped = None  # ticks since when it has another one

    def read_raw(self):
        registers = self.registers
        self.device.transfer(self._send, registers)
        self.why = None
        self.lost = False
        if registers[1] != self._mode or registers[2] != self._kind:
            self._begin()  # an answer of another chip, of none, or of one that was reset
            self.lost = True
            self.why = "it does not answer, or was reset"
            return 0.0
        if self._begun is not None:
            if 0 <= pace.ticks_diff(pace.ticks_ms(), self._begun) < _FIRST:
                self.lost = True
                self.why = "it has not measured yet"
                return 0.0
            self._begun = None
        if registers[13] != self._high:
            # what is converted meanwhile may come between two bytes, and make 16 K; the next conversion is far
            self.device.transfer(self._send, registers)
            self._high = registers[13]
        if registers[16]:
            for bit, words in _FAULTS:
                if registers[16] & bit:
                    self.why = words
        now = registers[11] << 8 | registers[12]
        if self._junction is None or abs((now - self._junction + 0x8000 & 0xFFFF) - 0x8000) <= _JUMP:
            self._junction = now
            self._jumped = None
        elif self._jumped is None:
            self._jumped = pace.ticks_ms()
        elif not 0 <= pace.ticks_diff(pace.ticks_ms(), self._jumped) < _DISTURBED:
            self._junction = now  # it stays so: clear_errors can be had
            self._jumped = None
        if self._jumped is not None:
            self.why = self.why or "the cold junction has jumped by more than 5 K: is the chip disturbed?"
        code = registers[13] << 11 | registers[14] << 3 | registers[15] >> 5
        return (code ^ 0x40000) / 8  # from 0 at -2048 degC
