"""Whether a value has arrived at its target."""


class Settle:
    """Arrived is who stays within `tolerance` of the target for `time` seconds; being outside begins anew."""

    def __init__(self, tolerance, time):
        self.tolerance = tolerance
        self.time = time
        self._inside = 0.0

    def reset(self):
        """Begin anew, with another target."""
        self._inside = 0.0

    def step(self, target, value, dt):
        """True once arrived; `dt` seconds after the last step."""
        if abs(target - value) > self.tolerance:
            self._inside = 0.0
        else:
            self._inside += dt
        return self._inside >= self.time
