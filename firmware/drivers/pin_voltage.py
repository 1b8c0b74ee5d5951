"""The voltage at an ADC's pin.

wiring: a voltage up to what the ADC measures; 1 kΩ and a clamp before the pin
reading: 1 ms, all of which blocks, with 16 samples
"""

from array import array

from drivers.divider import middle
from secnode.errors import OutOfRange


class PinVoltage:
    """PinVoltage(board.adc(26)): read() gives V.

        reference: 1 to 5.5 V; analogue input: reference voltage of the board's ADC
        samples: 1 to 1000, whole; analogue input: conversions of a reading

    An ESP32 measures 0.15 to 2.45 V by its calibration, and says 0 below 0.1 V. An RP2040 measures 0 to `reference` V, what is
    at its ADC_VREF: the supply of 3.3 V, as good as the board's regulator is, 1 to 2 %. More at the pin than the supply harms
    both: a resistor of 1 kOhm before it and a clamp, or a divider. A reading is the mean of the middle half of `samples`
    conversions, some 1 ms for 16.

    `highest` is the most in V that it tells from more. Raises ValueError where `reference` or `samples` are not above 0.
    """

    unit = "V"
    what = "voltage at the pin"

    def __init__(self, adc, reference=3.3, samples=16):
        if not (reference > 0 and samples > 0):
            raise ValueError("reference and samples have to be above 0")
        self._read = getattr(adc, "read_uv", None)
        if self._read:
            self._scale = 1e-6
            self.highest = 2.45
        else:
            self._read = adc.read_u16
            self._scale = reference / 65535
            self.highest = reference * 0.995
        self._samples = array("i", [0] * samples)

    def read(self):
        """The voltage in V now. Raises OutOfRange above `highest`."""
        volts = middle(self._read, self._samples, self._scale)
        if volts > self.highest:
            raise OutOfRange("more than %.2f V at the pin, which is all that its ADC measures" % self.highest)
        return volts
