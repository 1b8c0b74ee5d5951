"""A stage with two limit switches, where there is none: what hangs at the pins of a motor."""


class Stage:
    """It begins at `at` steps; the lower switch is on up to `low`, the upper one from `high` steps on, and it goes no further
    than `over` steps beyond. The switches are contacts to ground.
    """

    def __init__(self, direction, at=500, low=0, high=20000, over=400):
        self.at = at
        self._direction = direction
        self._low = low
        self._high = high
        self._over = over

    def step(self, pulses, level):
        at = self.at + (pulses if level(self._direction) else -pulses)
        self.at = min(max(at, self._low - self._over), self._high + self._over)

    def lower(self, level):
        return 0 if self.at <= self._low else 1

    def upper(self, level):
        return 0 if self.at >= self._high else 1
