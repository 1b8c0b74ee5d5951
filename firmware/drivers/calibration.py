"""A sensor by its own calibration: the points of a .340 or CSV file, which `secnode curve` makes into a module for a node."""

from math import log

from drivers.curves import KELVIN
from secnode.errors import HardwareError, OutOfRange

_DECADE = 0.4342944819  # log10(x) over log(x)


class Calibration:
    """A curve as drivers.curves has them, for a Divider or a MAX31865; and kelvin() for what gives V or ohm, by Calibrated.

    `unit` is "Ohm" or "V". `x` rises: integers, the value times `per_x`, or with a `log` of 1 or 2 its decimal logarithm times
    that. `y` rises or falls: the temperature in K times `per_y`, or with a `log` of 2 its decimal logarithm. Between two points
    it draws a straight line in these. A tuple of integers stays in flash where it is frozen, and takes 4 B a number elsewhere.
    """

    def __init__(self, unit, log, x, y, per_x, per_y):
        self.unit = unit
        self._log = log
        self._x = x
        self._y = y
        self._per_x = per_x
        self._per_y = per_y
        #: the values, in `unit`, at both ends of the curve
        self.least, self.most = self._value(x[0] / per_x), self._value(x[-1] / per_x)
        self.low, self.high = sorted([self.kelvin(value) - KELVIN for value in (self.least, self.most)])

    def kelvin(self, value):
        """The temperature in K at a value in `unit`, 0 to 3000. Never raises; beyond both ends it only tells the direction."""
        if self._log:
            value = log(min(max(value, 1e-12), 1e12)) * _DECADE
        k = _line(self._x, self._y, min(max(value, -1e12), 1e12) * self._per_x) / self._per_y
        if self._log == 2:
            k = 10 ** min(max(k, -6.0), 4.0)
        return min(max(k, 0.0), 3000.0)

    def temperature(self, resistance):
        """degC from ohm."""
        return self.kelvin(resistance) - KELVIN

    def resistance(self, temperature):
        """ohm from degC. Raises ValueError where the curve is one of volts."""
        if self.unit != "Ohm":
            raise ValueError("this curve is in V: it takes a source of volts, not of a resistance")
        k = min(max(temperature + KELVIN, 1e-6), 3000.0)
        if self._log == 2:
            k = log(k) * _DECADE
        return max(self._value(_line(self._y, self._x, k * self._per_y) / self._per_x), 0.0)

    def _value(self, x):
        return 10 ** min(max(x, -12.0), 12.0) if self._log else x


def _line(xs, ys, x):
    # along the line through the two points around x, or the two at the nearer end; integers, so that a search allocates nothing
    i = 0
    end = len(xs) - 2
    rises = xs[0] < xs[1]
    while i < end:
        middle = (i + end + 1) // 2
        if (xs[middle] <= x) == rises:
            i = middle
        else:
            end = middle - 1
    return ys[i] + (x - xs[i]) * ((ys[i + 1] - ys[i]) / (xs[i + 1] - xs[i]))


class Calibrated:
    """Calibrated(ads.channel(0), curve): the temperature in K of a diode, or of a resistance where the source gives ohm.

    `source` has read() in the curve's unit, plain or a coroutine. For a resistor with a known current let the source say so:
    ads.channel(0, scale=1 / 10e-6, unit="Ohm") for 10 uA. Raises ValueError where the source has another unit.
    """

    unit = "K"
    what = "temperature"

    def __init__(self, source, curve):
        unit = getattr(source, "unit", curve.unit)
        if unit != curve.unit:
            raise ValueError("the source gives %s, and the curve is in %s" % (unit, curve.unit))
        self._source = source
        self._curve = curve

    def read(self):
        """The temperature in K now; or a coroutine that gives it, where the source has one.

        Raises OutOfRange beyond the curve; HardwareError at less than half of what it has, or more than twice of it, as only a
        shorted or open wire gives; and what the source raises.
        """
        value = self._source.read()
        if hasattr(value, "send"):
            return self._later(value)
        return self.convert(value)

    async def _later(self, value):
        return self.convert(await value)

    def convert(self, value):
        """The temperature in K where the source has this value. Raises as read() does."""
        curve = self._curve
        least = curve.least
        most = curve.most
        if least <= value <= most:
            return curve.kelvin(value)
        # volts of both signs, as a thermocouple has, tell nothing of a wire
        if least > 0 and not least / 2 <= value <= most * 2:
            raise HardwareError(
                "the sensor or its wire is %s: %.4g %s" % ("open" if value > most else "shorted", value, curve.unit)
            )
        text = "%.4g %s is beyond the curve, which goes from %.4g to %.4g %s"
        raise OutOfRange(text % (value, curve.unit, least, most, curve.unit))
