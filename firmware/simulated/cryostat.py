"""A cryostat that is not there, to try things out on any board."""

import random

from secnode import pace


class SimulatedCryostat:
    """Goes to the temperature it is set to like a real one: the nearer the slower. `time_constant` in s."""

    def __init__(self, temperature=4.2, time_constant=8.0):
        self._temperature = temperature
        self._set = temperature
        self._time_constant = time_constant
        self._last = pace.ticks_ms()

    def set_temperature(self, temperature):
        """Regulate to a temperature in K."""
        self.temperature()
        self._set = temperature

    def temperature(self):
        """The temperature in K, as the sensor sees it."""
        now = pace.ticks_ms()
        dt = pace.ticks_diff(now, self._last) / 1000
        self._last = now
        self._temperature += (self._set - self._temperature) * dt / (dt + self._time_constant)
        return self._temperature * (1 + (random.random() - 0.5) * 1e-4)
