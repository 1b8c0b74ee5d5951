"""Platinum resistance thermometers, PT100 and PT1000. Another curve: curves.py says what it has."""

from math import sqrt

# IEC 60751: resistance over that at 0 degC is 1 + A t + B t^2, below 0 degC + C (t - 100) t^3
_A = 3.9083e-3
_B = -5.775e-7
_C = -4.183e-12


class Platinum:
    """A platinum sensor (PT100, PT1000) of `r0` ohm at 0 degC, by Callendar and Van Dusen with IEC 60751's coefficients.

        r0: 1 to 100000 Ω; platinum sensor: resistance at 0 °C

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
