"""Whether a value has arrived at its target, and stays."""

from control.total import Total

ARRIVED = "arrived"


class Settle:
    """The target is reached once the value has stayed within `tolerance` (K) of it for `time` (s).

    Time outside is subtracted, so noise delays an arrival and does not prevent it. In the same way a value that has left
    arrives again: after as long inside as it was outside.

    With a `timeout` (s, 0 for none) the way there is watched: the distance should shrink by `rate` (K/min) where there is a
    ramp, otherwise as an exponential with the time constant `timeout`. Dragging behind that for longer than `timeout` is
    timed out. Once it was inside, what counts is `time` + `timeout` from then on.

    `state` is "outside" (not there yet), "stabilizing" (within the tolerance, not yet for long enough), ARRIVED, "left" (it
    had arrived, and is or was outside since), "timed out" (it took too long; it may arrive still). All four numbers may be set
    at any time.
    """

    def __init__(self, tolerance, time, timeout=0.0, rate=0.0):
        self.tolerance = tolerance
        self.time = time
        self.timeout = timeout
        self.rate = rate
        self._inside = Total()  # s, within 0 and `time`
        self.reset()

    def reset(self):
        """Begin anew, with another target."""
        self.state = "outside"
        self._inside.set(0.0)
        self._way = None

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
            self.state = "left"
        elif self.state in ("outside", "stabilizing"):
            self.state = "stabilizing" if inside else "outside"
            if self.timeout > 0:
                if self._way is None:
                    from control.way import Way

                    self._way = Way()
                if self._way.is_late(self, distance, inside, dt):
                    self.state = "timed out"
        return self.state == ARRIVED
