"""Analog Devices (Maxim) MAX31865: a platinum sensor, PT100 or PT1000, with 2, 3 or 4 wires, by SPI.

    bus: SPI up to 5 MHz, mode 1, chip select; 3 to 3.6 V
    wiring: VDD to 3V3, DVDD to 3V3, GND1 to GND, GND2 to GND, SCLK to SCK, SDI to MOSI, SDO to MISO, CS to CS; BIAS to REFIN+,
        the reference resistor lies between REFIN+ and REFIN-, the sensor between FORCE+ and RTDIN+ and FORCE- and RTDIN-
    range: -200 to 850 °C; 0.034 K a step with 430 Ohm and a PT100
    reading: 0.1 ms, all of which blocks; it converts by itself every 20 ms (17 ms at 60 Hz)
    memory: 256 B
    faults: open, shorted, voltage at an input (HardwareError); no answer or reset (CommunicationFailed); beyond the curve
        (OutOfRange)

Source: Analog Devices, datasheet MAX31865, revision 3, tables 1 to 7.
"""

from drivers.converter import Converter
from drivers.platinum import Platinum
from micropython import const
from secnode import pace

_FIRST = const(75)  # ms to the first conversion: 55 or 66, and what bias takes to settle
_AUTO = const(0xC0)  # bias on, conversions by itself
_THREE_WIRES = const(0x10)
_CLEAR = const(0x02)
_50_HZ = const(0x01)
_FULL = const(65536)
_FAULTS = (
    (0x04, "the voltage at an input is too high or too low"),
    (0x08, "FORCE- is open, or RTDIN- is shorted"),
    (0x10, "the reference resistor or FORCE- is open"),
    (0x20, "the reference resistor is shorted or open"),
)


class MAX31865(Converter):
    """MAX31865(board.spi("spi0"), cs=17, wires=4): a sensor as drivers.divider.Divider is one.

        wires: 2 or 3 or 4; platinum sensor: wires to it
        reference: 1 to 100000 Ω; platinum sensor: reference resistor
        mains: 50 or 60 Hz; platinum sensor: frequency of the mains

    `reference` is the resistor on its board in ohm: 430 (400) beside a PT100, 4300 (4000) beside a PT1000. `curve` tells the
    temperature by the resistance: Platinum(1000) for a PT1000. `mains` in Hz, 50 or 60, is what it filters out.

    A raw value is the sensor's resistance as a share of the reference's, from 0 to `full`. Raises ValueError for wires or
    mains that it does not have.
    """

    def __init__(self, bus, cs, wires=2, curve=None, reference=430.0, mains=50):
        if wires not in (2, 3, 4) or mains not in (50, 60):
            raise ValueError("wires are 2, 3 or 4, mains is 50 or 60")
        self.curve = curve or Platinum()
        self._reference = reference
        self._config = _AUTO | (_THREE_WIRES if wires == 3 else 0) | (_50_HZ if mains == 50 else 0)
        self._read = bytearray(9), bytearray(9)  # all registers, from the first on
        self._write = bytearray(6)
        # a Cernox falls
        first, last = sorted((self.raw(self.curve.low), self.raw(self.curve.high)))
        first = max(first, 300.0)
        last = min(last, 65000.0)
        low, high = sorted((self.temperature(first), self.temperature(last)))
        # an open sensor reads as full, a shorted one as 0: half-way between these and what the curve has
        super().__init__(bus.device(cs, "MAX31865", phase=1), low, high, first / 2, (last + _FULL) / 2)
        self._begin()

    def _begin(self):
        # its own thresholds are where ours are: so it says by itself that it sees the same
        high, low = int(self.open_raw) & 0xFFFE, int(self.short_raw) & 0xFFFE
        buf = self._write
        for i, byte in enumerate((0x83, high >> 8, high & 0xFF, low >> 8, low & 0xFF)):
            buf[i] = byte
        view = memoryview(buf)[:5]
        self.device.transfer(view, view)
        self._clear()
        self._begun = pace.ticks_ms()
        self._high = -1  # byte of the resistance

    def _clear(self):
        buf = self._write
        buf[0] = 0x80
        buf[1] = self._config | _CLEAR
        view = memoryview(buf)[:2]
        self.device.transfer(view, view)

    def read_raw(self):
        send, receive = self._read
        self.device.transfer(send, receive)
        self.why = None
        self.lost = False
        if receive[1] & ~_CLEAR != self._config:
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
        if receive[2] != self._high:
            # what is converted meanwhile may come between two bytes, and make 9 K; the next conversion is far
            self.device.transfer(send, receive)
            self._high = receive[2]
        if receive[3] & 1:
            for bit, words in _FAULTS:
                if receive[8] & bit:
                    self.why = words
            self._clear()  # what it has seen stays until then
        return float(receive[2] << 8 | receive[3] & 0xFE)

    def resistance(self, raw):
        """The sensor's resistance in ohm at a raw value."""
        return raw / _FULL * self._reference

    def temperature(self, raw):
        return self.curve.temperature(self.resistance(raw))

    def raw(self, temperature):
        return min(self.curve.resistance(temperature) / self._reference * _FULL, 65535.0)
