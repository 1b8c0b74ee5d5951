"""Whether a value has arrived at its target, and stays."""

from control.total import Total

OUTSIDE = "outside"  # not there yet
STABILIZING = "stabilizing"  # within the tolerance, not yet for long enough
ARRIVED = "arrived"
LEFT = "left"  # it had arrived, and is or was outside since
TIMED_OUT = "timed out"  # it took too long; it may arrive still


class Settle:
    """Arrived is who was within `tolerance` (K) of the target for `time` (s), less the time it was outside meanwhile.

    A moment outside is counted back instead of beginning anew, so noise delays an arrival and does not prevent it. The same
    way a value that has left arrives again: after as long inside as it was outside.

    With a `timeout` (s, 0 for none) the way there is watched: the distance should shrink by `rate` (K/min) where there is a
    ramp, otherwise as an exponential with the time constant `timeout`. Dragging behind that for longer than `timeout` is
    timed out. Once it was inside, what counts is `time` + `timeout` from then on.

    `state` is one of the names above. All four numbers may be set at any time.
    """

    def __init__(self, tolerance, time, timeout=0.0, rate=0.0):
        self.tolerance = tolerance
        self.time = time
        self.timeout = timeout
        self.rate = rate
        self._inside = Total()  # s, within 0 and `time`
        self._expected = Total()  # K
        self._late = Total()  # s: dragging behind, or since it was inside first
        self.reset()

    def reset(self):
        """Begin anew, with another target."""
        self.state = OUTSIDE
        self._inside.set(0.0)
        self._late.set(0.0)
        self._begun = False
        self._entered = False

    def step(self, target, value, dt):
        """True while arrived; `dt` seconds after the last step."""
        distance = abs(target - value)
        inside = distance <= self.tolerance  # a number that is none is outside
        if not inside or self._inside.value != self.time:  # 64 B less while nothing happens
            self._inside.add(dt if inside else -dt)
            self._inside.clamp(0.0, self.time)
        if inside and self._inside.value >= self.time:
            self.state = ARRIVED
        elif self.state == ARRIVED:
            self.state = LEFT
        elif self.state in (OUTSIDE, STABILIZING):
            self.state = STABILIZING if inside else OUTSIDE
            if self._too_late(distance, inside, dt):
                self.state = TIMED_OUT
        return self.state == ARRIVED

    def _too_late(self, distance, inside, dt):
        if inside and not self._entered:
            self._entered = True
            self._late.set(0.0)
        self._late.add(dt)
        if self._entered:
            return not inside and self.timeout > 0 and self._late.value > self.time + self.timeout
        if self.timeout > 0 and self._drags(distance, dt):
            return self._late.value > self.timeout
        self._late.set(0.0)
        return False

    def _drags(self, distance, dt):
        if not self._begun:
            self._begun = distance == distance
            self._expected.set(distance if self._begun else 0.0)
            return not self._begun
        if distance != distance:
            return True
        slope = self.rate / 60 if self.rate > 0 else distance / self.timeout
        return not distance < self._expected.add(-slope * dt)
