"""What a power does to a temperature at the frequency of one swing."""

from array import array
from math import cos, pi, sin

from micropython import const

_BINS = const(128)  # even


class Wave:
    """One swing of power and temperature, from which comes the response at its own frequency.

    Higher harmonics and the means do not count, so it may have any shape. Memory is fixed, 1 KiB: a long swing is kept as the
    sums of 2, 4, 8, ... steps. The steps should be equally long.
    """

    def __init__(self):
        self._powers = array("f", [0.0] * _BINS)
        self._values = array("f", [0.0] * _BINS)
        self.restart()

    def restart(self):
        """Forget; the next step begins a swing."""
        self.count = 0  # steps
        self.period = 0.0  # s
        self.low = self.high = 0.0  # K
        self._width = 1  # steps in a bin
        self._bin = 0
        self._filled = 0

    def add(self, power, value, dt):
        """A step of `dt` s: the power in W from now on, the value in K (from the target: small numbers) now."""
        if self._filled == self._width:
            self._next()
        if self._filled:
            power += self._powers[self._bin]
            total = value + self._values[self._bin]
        else:
            total = value
        self._powers[self._bin] = power
        self._values[self._bin] = total
        self._filled += 1
        self.low = min(self.low, value) if self.count else value
        self.high = max(self.high, value) if self.count else value
        self.count += 1
        self.period += dt

    def _next(self):
        self._filled = 0
        self._bin += 1
        if self._bin < _BINS:
            return
        for sums in (self._powers, self._values):
            for k in range(_BINS // 2):
                sums[k] = sums[2 * k] + sums[2 * k + 1]
        self._bin = _BINS // 2
        self._width *= 2

    def mean_power(self):
        """W."""
        return sum(self._powers[k] for k in range(self._bin + 1)) / self.count

    def response(self):
        """(x, y, z): the value follows the power by the factor (x + jy) / z in K/W. Sum them up over several swings.

        It takes some 20 ms on a board (estimated).
        """
        step = 2 * pi / self.count
        a = b = c = d = 0.0
        for k in range(self._bin + 1):
            width = self._filled if k == self._bin else self._width
            angle = (k * self._width + (width - 1) / 2) * step
            x = cos(angle)
            y = -sin(angle)
            a += self._powers[k] * x
            b += self._powers[k] * y
            c += self._values[k] * x
            d += self._values[k] * y
        return c * a + d * b, d * a - c * b, a * a + b * b
