"""PID control of a temperature by a heater: plain arithmetic."""


class PID:
    """Power from temperature. `p` in W/K, `i` in W/(K s), `d` in W s/K; the derivative is the measurement's."""

    def __init__(self, p, i, d=0.0):
        self.p = p
        self.i = i
        self.d = d
        self._integral = 0.0
        self._last = None

    def reset(self):
        """Forget the past; call it before control begins."""
        self._integral = 0.0
        self._last = None

    def step(self, target, value, limit, dt):
        """The power in W, from 0 to `limit`, for the temperatures in degC, `dt` seconds after the last step."""
        slope = 0.0 if self._last is None else (value - self._last) / dt
        self._last = value
        error = target - value
        power = self.p * error - self.d * slope + self._integral
        # the integral stands still where it would only push further into a limit
        if not (power >= limit and error > 0 or power <= 0 and error < 0):
            self._integral = min(max(self._integral + self.i * error * dt, 0.0), limit)
        return min(max(power, 0.0), limit)
