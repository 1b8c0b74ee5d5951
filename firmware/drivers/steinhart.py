"""An NTC by its Steinhart-Hart coefficients. Another curve: curves.py says what it has."""

from math import log, sqrt

from drivers.curves import any_exp, any_log, celsius, inverse


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
        line = (inverse(temperature) - self._a) / self._b
        z = 1.5 * abs(line) * sqrt(3 * self._c / self._b)
        w = any_exp(log(z + sqrt(z * z + 1)) * 2 / 3)
        return any_exp(3 * line / (w + 1 + 1 / w))

    def temperature(self, resistance):
        x = any_log(resistance)
        return celsius(1, self._a + x * (self._b + self._c * x * x))
