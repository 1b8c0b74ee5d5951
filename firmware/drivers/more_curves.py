"""The curves that curves.py has beside Beta; import them from there."""

from array import array
from math import log, sqrt

from drivers.curves import _KELVIN, _celsius, _exp, _inverse, _log

# IEC 60751: resistance over that at 0 degC is 1 + A t + B t^2, below 0 degC + C (t - 100) t^3
_A = 3.9083e-3
_B = -5.775e-7
_C = -4.183e-12


class SteinhartHart:
    """An NTC by its Steinhart-Hart coefficients: 1/T = a + b log(R) + c log(R)^3, T in K and R in ohm.

    Good to some 0.01 K within the range the coefficients were fitted over. Raises ValueError where b is not above 0 or c
    is below 0: such a curve turns round.
    """

    def __init__(self, a, b, c, low=-55, high=150):
        if not (b > 0 and c >= 0):
            raise ValueError("b has to be above 0, and c not below 0")
        self._a = a
        self._b = b
        self._c = c
        self.low = low
        self.high = high

    def resistance(self, temperature):
        # Cardano's formula; written as what makes the line for c = 0 steeper or flatter, nothing cancels or overflows
        line = (_inverse(temperature) - self._a) / self._b
        z = 1.5 * abs(line) * sqrt(3 * self._c / self._b)
        w = _exp(log(z + sqrt(z * z + 1)) * 2 / 3)
        return _exp(3 * line / (w + 1 + 1 / w))

    def temperature(self, resistance):
        x = _log(resistance)
        return _celsius(1, self._a + x * (self._b + self._c * x * x))


class Platinum:
    """A platinum sensor (PT100, PT1000) of `r0` ohm at 0 degC, by Callendar and Van Dusen with IEC 60751's coefficients.

    Raises ValueError where `r0` is not above 0.
    """

    low = -200
    high = 850

    def __init__(self, r0=100):
        if not r0 > 0:
            raise ValueError("r0 has to be above 0")
        self._r0 = r0

    def resistance(self, temperature):
        t = min(max(temperature, -242.0), 3000.0)  # where nothing is left, and before the parabola turns
        return self._r0 * (1 + self._above(t))

    def _above(self, t):
        # resistance over r0, less 1
        if t < 0:
            return t * (_A + t * (_B + t * (t - 100) * _C))
        return t * (_A + t * _B)

    def temperature(self, resistance):
        x = min(max(resistance / self._r0, 1e-4), 7.527) - 1  # as far as resistance() goes
        t = 2 * x / (_A + sqrt(_A * _A + 4 * _B * x))
        if x < 0:
            for _ in range(3):  # Newton; the second step already is better than single precision
                t -= (self._above(t) - x) / (_A + t * (2 * _B + t * (4 * t - 300) * _C))
        return t


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
            x.append(_inverse(t) if falls else t)
            y.append(log(r) if falls else r)
            if len(x) > 1 and not (x[-2] < x[-1] and y[-2] < y[-1]):
                raise ValueError("the table neither rises everywhere nor falls everywhere: see %g degC" % t)

    def resistance(self, temperature):
        if self._falls:
            return _exp(_line(self._x, self._y, _inverse(temperature)))
        return max(_line(self._x, self._y, min(max(temperature, -_KELVIN), 3000.0)), 0.0)

    def temperature(self, resistance):
        if self._falls:
            return _celsius(1, _line(self._y, self._x, _log(resistance)))
        return min(max(_line(self._y, self._x, min(resistance, 1e12)), -_KELVIN), 3000.0)


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
