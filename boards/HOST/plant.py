"""What the simulated board's pins are wired to: a heated block with two thermistors, one on it and one outside.

The block has a heat capacity and loses heat to its surroundings; its thermistor lags behind and the ADC is noisy, all
as on a bench. It is advanced whenever somebody looks, by the time that has passed in control time (pace.py).
"""

import math
import random

from secnode import pace

_BETA = 3950
_T25 = 298.15
_KELVIN = 273.15
_STEP = 0.05  # s, of the integration


class Plant:
    """Temperatures in degC, power in W."""

    capacity = 40.0  # J/K
    loss = 0.2  # W/K
    lag = 1.5  # s, of the thermistor behind the block
    full_power = 100.0  # W, at duty 1
    surroundings = 25.0

    def __init__(self):
        self.block = self.surroundings
        self.sensor = self.surroundings
        self.duty = 0.0
        self._last = pace.ticks_ms()
        self._age = 0.0

    def _advance(self):
        now = pace.ticks_ms()
        left = pace.ticks_diff(now, self._last) / 1000
        self._last = now
        while left > 0:
            dt = min(left, _STEP)
            left -= dt
            self._age += dt
            flow = self.duty * self.full_power - self.loss * (self.block - self.surroundings)
            self.block += flow / self.capacity * dt
            self.sensor += (self.block - self.sensor) / self.lag * dt

    def set_duty(self, duty):
        """The heater's transistor conducts this share of the time, 0 to 1."""
        self._advance()
        self.duty = duty

    def sensor_ratio(self):
        """What the ADC sees of the thermistor on the block, 0 to 1."""
        self._advance()
        return _ratio(self.sensor)

    def outside_ratio(self):
        """What the ADC sees of the thermistor outside: the weather goes round in ten minutes."""
        self._advance()
        return _ratio(23.2 + 0.8 * math.sin(self._age / 600 * 2 * math.pi))


def _ratio(temperature):
    # 10 kOhm NTC to ground, 10 kOhm to the reference
    resistance = math.exp(_BETA * (1 / (temperature + _KELVIN) - 1 / _T25))
    return resistance / (1 + resistance)


def noise():
    """Of one conversion, as a share of full scale: about 8.7 effective bits, as an RP2040 has."""
    return (random.random() + random.random() + random.random() - 1.5) * 0.0014
