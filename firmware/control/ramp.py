"""A setpoint that moves to its target at a rate."""

from math import isfinite

from control.total import Total


class Ramp:
    """The setpoint in degC on its way to the target, at `rate` K/min.

    It jumps while `enabled` is False or `rate` is 0, and stands still while `hold` is True. All three may be set at any
    time. A target that is not finite changes nothing.
    """

    def __init__(self, rate=0.0, enabled=True):
        self.rate = rate
        self.enabled = enabled
        self.hold = False
        self._setpoint = Total()
        self._started = False

    @property
    def setpoint(self):
        """degC; None before the first start() or step()."""
        return self._setpoint.value if self._started else None

    def start(self, value):
        """Begin at `value` degC, usually the temperature now."""
        if not isfinite(value):
            raise ValueError("a ramp starts at a number")
        self._setpoint.set(value)
        self._started = True

    def step(self, target, dt):
        """The setpoint in degC, `dt` seconds after the last step. One that was never started starts at the target."""
        if not self._started:
            self.start(target)
        elif isfinite(target) and not self.hold:
            self._move(target, dt)
        return self._setpoint.value

    def _move(self, target, dt):
        rate = self._slope()
        distance = target - self._setpoint.value
        way = rate * dt
        if rate == 0 or abs(distance) <= way:
            self._setpoint.set(target)
        elif way > 0:
            self._setpoint.add(way if distance > 0 else -way)

    def _slope(self):
        # K/s, 0 where it jumps
        return self.rate / 60 if self.enabled and self.rate > 0 else 0.0

    def time_to_target(self, target):
        """Seconds until the setpoint is at `target`, at the present rate and without a hold; 0 where it jumps."""
        rate = self._slope()
        if rate == 0 or not self._started or not isfinite(target):
            return 0.0
        return abs(target - self._setpoint.value) / rate
