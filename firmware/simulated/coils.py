"""A magnet that is not there: three coils with their power supplies, to try things out on any board."""

import random

from secnode import pace


class SimulatedCoils:
    """Three crossed superconducting coils, one for each axis.

    A supply's voltage is limited, so that the current, and with it the field, follows what it was set to only after a
    while: `lag` in s is inductance over the gain of the supply's loop. `noise` is the Hall probe's, in T.
    """

    max_temperature = 6.0  # K: above it they do not superconduct

    def __init__(self, lag=0.3, noise=2e-5):
        self._lag = lag
        self._noise = noise
        self._set = [0.0, 0.0, 0.0]
        self._field = [0.0, 0.0, 0.0]
        self._last = pace.ticks_ms()

    def _advance(self):
        now = pace.ticks_ms()
        dt = pace.ticks_diff(now, self._last) / 1000
        self._last = now
        share = dt / (dt + self._lag)
        for i in range(3):
            self._field[i] += (self._set[i] - self._field[i]) * share

    def set_field(self, field):
        """Let the supplies drive the currents for a field in T, a list for x, y, z."""
        self._advance()
        for i in range(3):
            self._set[i] = field[i]

    def field(self):
        """The field in T, as the Hall probes see it."""
        self._advance()
        return [b + (random.random() - 0.5) * self._noise for b in self._field]

    def dump(self):
        """Take the energy out at once, as a quench does."""
        self._set = [0.0, 0.0, 0.0]
        self._field = [0.0, 0.0, 0.0]
