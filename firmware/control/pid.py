"""PID control of a temperature by a heater: plain arithmetic."""

from math import isfinite

from control.total import Total

# of the integral time p/i: so far ahead the integral looks
_BRAKE = 0.25


class PID:
    """Power in W from temperatures in degC (or K: the differences count).

    `p` in W/K, `i` in W/(K s) and `d` in W s/K, all 0 or above; `filter` in s, 0 for none, is the time constant of the
    low-pass on the derivative, a quarter of the sensor's lag to begin with. The defaults suit some 40 J/K, a sensor that
    lags 1.5 s, and 50 W. Change them by `tune`, or the power jumps; `filter` can be set at any time.

    - The derivative is the measurement's: a new target gives no kick.
    - The integral is within 0 and the limit, and stands still where it would only push further into a limit.
    - While the temperature is on its way to the target, the integral counts only the part of the error that will be left
      at the present slope after p/(4 i). It would fill up on the way otherwise, and be emptied by an overshoot.
    - `slope` is how fast the temperature changes, in K/s, filtered.
    - A number that is not finite, in the measurement or anywhere else, gives 0 W, and the next step carries on.
    """

    def __init__(self, p=14.0, i=1.4, d=14.0, filter=0.5):
        self.filter = filter
        self._integral = Total()
        self._error = 0.0
        self._power = 0.0  # W, of the last step
        self._over = 0.0  # W, by which that was cut
        self._set(p, i, d)
        self.reset()

    def reset(self, power=None):
        """Forget the past; call it before control begins.

        With `power` the next step gives just that, as far as its limit lets it, and goes on from there: what the heater has
        already, where control takes over. Without, it gives what the error asks for.
        """
        self._integral.set(0.0)
        self._last = None  # degC, of the last good step
        self.slope = 0.0  # K/s, filtered
        self._start = None
        if power is not None and isfinite(power):
            self._start = power

    def shift(self, step):
        """The measurement jumps by `step` K because it is counted from elsewhere now: that is no slope."""
        if self._last is not None and isfinite(step):
            self._last += step

    def tune(self, p, i, d):
        """Change the parameters while it runs: the integral moves so that the power does not jump.

        For that alone the integral may have to be below 0; it comes back by itself. Raises ValueError for what is not
        a number from 0 on.
        """
        last = self._part()
        self._set(p, i, d)
        now = self._part()
        if self._last is None or not isfinite(now):
            return
        if self._over == 0:
            self._integral.add(last - now)
        elif self._over > 0:
            # all that gives as much or more is the same, so it moves only where it has to
            self._integral.set(max(self._integral.value, self._power - now))
        else:
            self._integral.set(min(self._integral.value, -now))

    def _set(self, p, i, d):
        for x in (p, i, d):
            if not (isfinite(x) and x >= 0):
                raise ValueError("p, i and d are numbers from 0 on")
        self.p = p
        self.i = i
        self.d = d
        self._brake = _BRAKE * p

    def _part(self):
        # P and D, in W
        return self.p * self._error - self.d * self.slope

    def step(self, target, value, limit, dt):
        """The power in W, from 0 to `limit`, for the temperatures in degC, `dt` seconds after the last step."""
        # each result of a float operation is an object of 16 B: a step takes 288 B, and took 416
        error = target - value
        if isfinite(error) and isfinite(limit) and dt > 0:
            if self._last is not None:
                # slope + ((value - last) / dt - slope) * dt / (filter + dt), with fewer operations
                self.slope = (self.slope * self.filter + (value - self._last)) / (self.filter + dt)
            self._last = value
            self._error = error
            part = self._part()
            if isfinite(part):
                return self._decide(part, max(limit, 0.0), dt)
        self._last = None
        self.slope = 0.0
        return 0.0

    def _decide(self, part, limit, dt):
        integral = self._integral
        if self._start is not None:
            integral.set(min(max(self._start, 0.0), limit) - part)
            self._start = None
        elif integral.value > limit:
            integral.set(limit)
        power = part + integral.value
        self._power = min(max(power, 0.0), limit)
        self._over = 0.0 if power == self._power else power - self._power
        if not (power >= limit and self._error > 0 or power <= 0 and self._error < 0):
            # for the error that is left at the present slope, never more, never the other way
            whole = self.i * self._error
            left = whole - self._brake * self.slope
            change = (min(max(left, 0.0), whole) if whole > 0 else max(min(left, 0.0), whole)) * dt
            if isfinite(change):
                low = min(integral.value, 0.0)
                integral.add(min(change, limit))
                integral.clamp(low, limit)
        return self._power
