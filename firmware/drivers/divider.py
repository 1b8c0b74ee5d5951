"""A resistive sensor in a voltage divider, read by an ADC.

wiring: the sensor and a fixed resistor in a row between the supply and GND; the pin is where they meet
reading: 1 ms, all of which blocks, with 16 samples
"""

from array import array

from micropython import const
from secnode import errors

_FULL = const(65535)


def middle(read, samples, scale):
    """`scale` times the mean of the middle half of as many conversions by read() as the array `samples` has room for."""
    n = len(samples)
    for i in range(n):
        sample = read()
        # into its place among those before it
        while i > 0 and samples[i - 1] > sample:
            samples[i] = samples[i - 1]
            i -= 1
        samples[i] = sample
    cut = (n + 1) // 4
    total = 0
    for i in range(cut, n - cut):
        total += samples[i]
    return total * scale / (n - 2 * cut)


class Divider:
    """A sensor and a fixed resistor of `series` ohm in a row, with an ADC's pin where they meet.

        series: 1 to 1e7 Ω; resistor in series with the sensor
        pull: "up" or "down"; where the resistor in series with the sensor goes
        samples: 1 to 1000, whole; conversions of a reading

    pull="up": the resistor goes to the supply, the sensor to ground; "down": the other way round. `curve` (curves.py)
    tells the sensor's temperature by its resistance.

    Without `supply` the divider hangs on the ADC's own reference (RP2040: 3V3 or ADC_VREF): `adc.read_u16()`, and only
    the ratio of the resistors counts. With it (ESP32) the divider hangs on `supply` V, known to a per cent or
    better, and `adc.read_uv()` gives calibrated microvolts.

    A raw value is, either way, the voltage at the pin as a float from 0 to `full` (65535), which is the supply's:
    counts on an RP2040. Limits are compared as raw values: `raw(temperature)` is where they lie.

    `window` says which part of that, lowest and highest share from 0 to 1, the ADC measures well; what lies beyond is
    taken for a broken or shorted wire. By default 0.005 to 0.995, with a supply 0.15 V to 2.45 V (an ESP32 at 11 dB; its ADC
    reads 0 below 0.1 V). `low` and `high` are the temperatures in degC between which the sensor's
    curve, this divider and the ADC all are good: look at them, an ESP32 sees little of a cold NTC that is pulled up.

    Raises ValueError for what can't be a divider.
    """

    full = _FULL

    def __init__(self, adc, curve, series, pull="up", supply=None, samples=16, window=None):
        if pull not in ("up", "down"):
            raise ValueError('pull is "up" or "down"')
        if not (series > 0 and samples > 0 and (supply is None or supply > 0)):
            raise ValueError("series, samples and supply have to be above 0")
        if supply is None:
            self._read = adc.read_u16
            self._scale = 1  # no float: one result less in read_raw
            bottom, top = window or (0.005, 0.995)
        else:
            self._read = adc.read_uv
            self._scale = _FULL / (supply * 1e6)
            bottom, top = window or (0.15 / supply, min(2.45 / supply, 0.995))
        self.curve = curve
        self._series = series
        self._up = pull == "up"
        self._samples = array("i", [0] * samples)
        bottom *= _FULL
        top *= _FULL
        first, last = sorted((self.raw(curve.low), self.raw(curve.high)))
        if not 0 <= bottom < top <= _FULL or first > top or last < bottom:
            raise ValueError("the ADC sees nothing of the sensor's range")
        self.low, self.high = sorted((self.temperature(max(first, bottom)), self.temperature(min(last, top))))
        # a wire is told from a temperature half-way between what the sensor can give and what the ADC can see
        self._bottom = max((first + bottom) / 2, bottom)
        self._top = min((last + top) / 2, top)
        self.short_raw, self.open_raw = (self._bottom, self._top) if self._up else (self._top, self._bottom)

    def read_raw(self):
        """The mean of the middle half of `samples` conversions: those next to their median.

        So up to a quarter of the conversions may be wild without a trace, and the noise left is 1.1 / sqrt(samples) of
        a single conversion's. With 16 and an RP2040's 45 counts that is 13 counts: 0.02 K for an NTC as large as its
        series resistor, 0.6 K for a platinum sensor with ten times its resistance in series. All samples are taken at
        once, so what is slower than that (mains hum, Wi-Fi) stays.

        Time: 16 samples some 1 ms on a board (estimated: 0.02 ms on a PC), 64 rather 10 ms, for they are sorted. Memory: none
        but for the result.
        """
        return min(max(middle(self._read, self._samples, self._scale), 0.0), 65535.0)

    def resistance(self, raw):
        """The sensor's resistance in ohm at a raw value, any; from series/65534 to series*65534."""
        raw = min(max(raw, 1.0), 65534.0)
        if self._up:
            return self._series * (raw / (_FULL - raw))
        return self._series * ((_FULL - raw) / raw)

    def temperature(self, raw):
        """The temperature in degC at a raw value. Never raises; beyond `low` and `high` it only tells the direction."""
        return self.curve.temperature(self.resistance(raw))

    def raw(self, temperature):
        """The raw value at a temperature in degC, to 0.001 K there and back. Never raises."""
        r = self.curve.resistance(temperature)
        return _FULL * ((r if self._up else self._series) / (r + self._series))

    def fault(self, raw):
        """What a raw value says of the wiring, as words for a person; None where it may be a temperature.

        The line counts as open or shorted from `open_raw` or `short_raw` on; where the ADC sees less than the sensor's
        range, by 10 K or more, the words say that it may be the temperature as well.
        """
        if self._bottom < raw < self._top:
            return None
        over = raw >= self._top
        text = "the sensor or its wire is open" if over == self._up else "the sensor or its wire is shorted"
        edge = self.temperature(self._top if over else self._bottom)
        if self.curve.low + 10 < edge < self.curve.high - 10:
            text += ", or it is %s than %.0f °C" % ("hotter" if 2 * edge > self.low + self.high else "colder", edge)
        return text

    def convert(self, raw):
        """The temperature in degC at a raw value.

        Raises HardwareError where the line is open or shorted, OutOfRange where the temperature is not within the
        sensor's range.
        """
        text = self.fault(raw)
        if text:
            raise errors.HardwareError(text)
        temperature = self.temperature(raw)
        if not self.low <= temperature <= self.high:
            text = "%.0f °C is outside of the sensor's range, %.0f to %.0f °C"
            raise errors.OutOfRange(text % (temperature, self.low, self.high))
        return temperature

    def read(self):
        """The temperature in degC now. Raises as convert() does."""
        return self.convert(self.read_raw())
