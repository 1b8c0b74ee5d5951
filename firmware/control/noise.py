"""How noisy a value is, whatever it does otherwise."""


class Noise:
    """The noise of a row of values, from how much each differs from the straight line through its neighbours.

    So a ramp does not count, and a bend only once. The mean goes over the last 100 values or so.
    """

    def __init__(self):
        self._mean = 0.0
        self._count = 0
        self.forget()

    def forget(self):
        """The next value does not follow the last one; what was found stays."""
        self._before = self._last = None

    def add(self, value):
        """A value, in any unit; finite."""
        if self._before is not None and self._last is not None:
            self._count = min(self._count + 1, 100)
            self._mean += (abs(value - 2 * self._last + self._before) - self._mean) / self._count
        self._before = self._last
        self._last = value

    def size(self):
        """The standard deviation, in the unit of the values; 0 before there were ten."""
        return 0.512 * self._mean if self._count >= 10 else 0.0
