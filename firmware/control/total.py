"""A sum that does not lose small summands: on a board floats are single precision."""


class Total:
    """A running sum in `value`. What a summand loses to rounding is kept, and counts with the next one.

    In single precision 300 + 0.00001 is 300, so a setpoint that creeps, or an integral that is nearly right, would stand
    still for ever. Any unit; finite numbers only.
    """

    def __init__(self, value=0.0):
        self.set(value)

    def set(self, value):
        """Begin anew at `value`."""
        self.value = value
        self._rest = 0.0

    def add(self, summand):
        """Add, and give the sum."""
        summand += self._rest
        value = self.value + summand
        self._rest = summand - (value - self.value)
        self.value = value
        return value

    def clamp(self, low, high):
        """Keep the sum within `low` and `high`."""
        if self.value > high:
            self.set(high)
        elif self.value < low:
            self.set(low)
