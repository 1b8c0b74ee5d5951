"""Sensors whose resistance tells the temperature: from one to the other, both ways. Here an NTC by its B constant; the
others are in steinhart.py, platinum.py and table.py.

Every curve has `resistance(temperature)` (ohm from degC), `temperature(resistance)` (degC from ohm), and `low` and `high`,
the temperatures in degC between which it is good. Neither method ever raises: beyond the range a curve goes on, rising
or falling as before, up to where it would leave every sensor behind, and stays there. So a resistance can be converted
first and be judged afterwards. There and back within the range a temperature comes out to 0.001 K, also in the single
precision of the boards.
"""

from math import exp, log

from micropython import const

KELVIN = 273.15
_T25 = const(298.15)
_COLDEST = const(20.0)  # K, and
_HOTTEST = const(2000.0)  # K: as far as any curve goes


def any_log(x):
    """log(x) of anything: what is no resistance gives a very small or large one's."""
    return log(min(max(x, 1e-30), 1e30))


def any_exp(x):
    """exp(x), at most what is far beyond any resistor: no overflow."""
    return exp(min(max(x, -60.0), 60.0))


def inverse(temperature):
    """1/K from degC."""
    return 1 / max(temperature + KELVIN, _COLDEST)


def celsius(beta, over_t):
    """degC from beta (K) and beta/T."""
    return min(max(beta / max(over_t, 1e-9), _COLDEST), _HOTTEST) - KELVIN


class Beta:
    """An NTC by the B constant of its datasheet: `r25` in ohm at 25 degC and `beta` in K.

        r25: 10 to 1e7 Ω; thermistor: resistance at 25 °C
        beta: 500 to 10000 K; thermistor: B constant

    Good to about 1 K within 50 K around the two temperatures that `beta` was taken from (B25/85: 25 and 85 degC), and
    worse beyond. Raises ValueError where a value is not above 0.
    """

    def __init__(self, r25, beta, low=-55, high=150):
        if not (r25 > 0 and beta > 0):
            raise ValueError("r25 and beta have to be above 0")
        # log(R) = beta/T - this; so a temperature takes 64 B of float results where r25 and 1/25 degC would make it 112
        self._at_25 = beta / _T25 - log(r25)
        self._beta = beta
        self.low = low
        self.high = high

    def resistance(self, temperature):
        return any_exp(self._beta * inverse(temperature) - self._at_25)

    def temperature(self, resistance):
        return celsius(self._beta, self._at_25 + any_log(resistance))
