"""A sensor by the table of its data sheet. Another curve: curves.py says what it has."""

from array import array
from math import log

from drivers.curves import KELVIN, any_exp, any_log, celsius, inverse


class Table:
    """A sensor by the table of its datasheet: `points` of (temperature in degC, resistance in ohm), in any order.

    Where the resistance falls with the temperature (NTC), what lies between two points is found along a straight line in
    log(R) over 1/T, as if the sensor had a B constant there; where it rises (platinum, nickel, PTC) along one in R over
    T. With a point every 10 K that adds an
    error of 0.05 K for an NTC, 0.02 K for platinum. Raises ValueError for less than two points, points that no
    sensor has, and where the resistance does not rise everywhere or fall everywhere.
    """

    def __init__(self, points):
        points = sorted(points)
        if len(points) < 2:
            raise ValueError("a table has to have two points or more")
        self.low = points[0][0]
        self.high = points[-1][0]
        self._falls = falls = points[-1][1] < points[0][1]
        if falls:
            points.reverse()  # so that 1/T rises, and log(R) with it
        self._x = x = array("f")
        self._y = y = array("f")
        for t, r in points:
            if not (-253 <= t <= 1700 and 1e-6 < r < 1e12):
                raise ValueError("%g ohm at %g degC: no sensor has that" % (r, t))
            x.append(inverse(t) if falls else t)
            y.append(log(r) if falls else r)
            if len(x) > 1 and not (x[-2] < x[-1] and y[-2] < y[-1]):
                raise ValueError("the table neither rises everywhere nor falls everywhere: see %g degC" % t)

    def resistance(self, temperature):
        if self._falls:
            return any_exp(_line(self._x, self._y, inverse(temperature)))
        return max(_line(self._x, self._y, min(max(temperature, -KELVIN), 3000.0)), 0.0)

    def temperature(self, resistance):
        if self._falls:
            return celsius(1, _line(self._y, self._x, any_log(resistance)))
        return min(max(_line(self._y, self._x, min(resistance, 1e12)), -KELVIN), 3000.0)


def _line(xs, ys, x):
    # along the line through the two points around x, or the two at the nearer end
    i = 0
    end = len(xs) - 2
    while i < end:
        middle = (i + end + 1) // 2
        if xs[middle] <= x:
            i = middle
        else:
            end = middle - 1
    return ys[i] + (x - xs[i]) * ((ys[i + 1] - ys[i]) / (xs[i + 1] - xs[i]))
