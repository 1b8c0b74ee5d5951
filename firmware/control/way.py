"""Whether a value takes too long on its way to a target. Loaded where that is watched; see control.settle."""

from control.total import Total


class Way:
    """One way, from when it is watched."""

    def __init__(self):
        self._expected = Total()  # K
        self._late = Total()  # s: dragging behind, or since it was inside first
        self._begun = False
        self._entered = False

    def is_late(self, settle, distance, inside, dt):
        """Whether it is, `distance` K away, `dt` seconds after the last time; `settle` has timeout, time and rate."""
        if inside and not self._entered:
            self._entered = True
            self._late.set(0.0)
        self._late.add(dt)
        if self._entered:
            return not inside and self._late.value > settle.time + settle.timeout
        if self._drags(settle, distance, dt):
            return self._late.value > settle.timeout
        self._late.set(0.0)
        return False

    def _drags(self, settle, distance, dt):
        if not self._begun:
            self._begun = distance == distance
            self._expected.set(distance if self._begun else 0.0)
            return not self._begun
        if distance != distance:
            return True
        slope = settle.rate / 60 if settle.rate > 0 else distance / settle.timeout
        return not distance < self._expected.add(-slope * dt)
