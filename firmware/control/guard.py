"""The safety supervisor of a heater: what it sees that must not be. Plain arithmetic; it decides nothing but to stop."""

from micropython import const

_MEAN = 0.9  # s: four looks, that may come a little early
_SMOOTH = 5.0  # s
_DAY = const(1800)  # s, in which it may warm by `creep` though nothing heats


class Guard:
    """Looks at raw sensor values, temperature and power, apart from the control, and says when to switch off for good.

    Temperatures in degC and K, times in s, power in W. The thresholds are attributes, to be changed at any time:

    - `low_raw`, `high_raw`: the raw values that are allowed, whichever temperature they mean. `bad_readings` in a row
      outside of them, or unreadable, trip; a single one does not.
    - `gain` in `gain_time`: so much it has to warm while it is further than `hysteresis` below the setpoint and is heated;
      what it lacks adds up, and `max_error` (K s) trips. So does falling away after having arrived.
    - `creep`: so much it may warm while the power was 0 for `rest` and longer, within half an hour or so: what is slower is
      the day.
    - `max_rate`: K/s that heater and block can't do, between means of a second. Neither can they cool so fast: a sensor that
      seems to, while it is regulated or heated, came off its mount.
    - `stuck_time`: so long a sensor may give the very same value while it is heated; a live one is noisy.
    - `max_age`: of the last decision of the control.
    """

    low_raw = 0.0
    high_raw = 65535.0
    bad_readings = 4
    hysteresis = 5.0
    gain = 3.0
    gain_time = 20.0
    max_error = 120.0
    creep = 4.0
    rest = 15.0
    max_rate = 10.0
    stuck_time = 20.0
    max_age = 3.0

    def __init__(self):
        self.reset()

    def reset(self):
        """Forget what was seen; after an error was cleared."""
        self._bad = 0
        self._last_raw = None
        self._same = 0.0
        self._last = self._smooth = None
        self._begin_mean()
        self._goal = None
        self._goal_time = 0.0
        self._error = 0.0
        self._off_time = 0.0
        self._lowest = None

    def still(self, raw, temperature):
        """Words for a raw value that is as bad as it was, or None."""
        if not self.low_raw <= raw <= self.high_raw:
            return self._beyond(raw, temperature)
        if raw == self._last_raw:
            return self.stuck()

    def stuck(self):
        """Words where the sensor has given the same raw value for too long, or None."""
        if self._same >= self.stuck_time:
            return "the sensor gives the same raw value, %d, for %d s" % (self._last_raw, self._same)

    def step(self, dt, raw, fault, temperature, setpoint, power):
        """Give None, or the words for why the heater must go off. Call it `dt` seconds after the last time.

        `fault` are the words for what is wrong with the raw value's wire, or None; `temperature` what the raw value means;
        `setpoint` is None while nothing is regulated; `power` is what the heater has now.
        """
        text = self._reading(raw, fault, temperature)
        self._span += dt
        if text or self._bad:
            return text
        text = self._liveness(dt, raw, power)
        self._sum += temperature
        self._count += 1
        self._power = max(self._power, power)
        if text or self._span < _MEAN:
            return text
        # what follows looks at means: noise is no warming
        temperature, power, dt = self._sum / self._count, self._power, self._span
        self._begin_mean()
        return (
            self._physics(dt, temperature, setpoint is not None or power > 0)
            or self._heating(dt, temperature, setpoint, power)
            or self._resting(dt, temperature, power)
        )

    def _begin_mean(self):
        self._sum = self._power = self._span = 0.0
        self._count = 0

    def _reading(self, raw, fault, temperature):
        finite = abs(temperature) < 1e30
        if fault is None and finite and self.low_raw <= raw <= self.high_raw:
            self._bad = 0
            return None
        self._bad += 1
        if self._bad < self.bad_readings:
            return None
        return fault or (self._beyond(raw, temperature) if finite else "the temperature is no number")

    def _beyond(self, raw, temperature):
        limit = self.low_raw if raw < self.low_raw else self.high_raw
        return "%.1f °C is not allowed: the sensor's raw value %.0f is beyond the limit %.0f" % (temperature, raw, limit)

    def _physics(self, dt, temperature, in_use):
        last, self._last = self._last, temperature
        step = temperature - last if last is not None else 0.0
        most = self.max_rate * dt
        if step > most:
            return "it seems to warm by %.1f K in %.1f s: no heater can do that" % (step, dt)
        if in_use and step + most < 0:
            return "it seems to cool by %.1f K in %.1f s: is the sensor off its mount?" % (-step, dt)

    def _liveness(self, dt, raw, power):
        if raw != self._last_raw:
            self._same = 0.0
            self._last_raw = raw
        elif power > 0:
            # a heated one changes; one at rest may be as quiet as it likes
            self._same += dt
            return self.stuck()

    def _heating(self, dt, temperature, setpoint, power):
        if setpoint is None or temperature > setpoint - self.hysteresis:
            self._goal = None
            self._error = 0.0
            return None
        if self._goal is None:
            self._goal = temperature + self.gain
            self._goal_time = 0.0
        self._goal_time += dt
        if temperature >= self._goal:
            # it goes on: the next piece, and what was missing is forgotten
            self._goal = temperature + self.gain
            self._goal_time = 0.0
            self._error = 0.0
        elif self._goal_time > self.gain_time:
            self._error += (setpoint - self.hysteresis - temperature) * dt
            if self._error >= self.max_error:
                text = "it does not warm: %.1f K below the setpoint, no %g K gained in %d s at %.1f W"
                return text % (setpoint - temperature, self.gain, self._goal_time, power)

    def _resting(self, dt, temperature, power):
        if power > 0:
            self._off_time = 0.0
            self._lowest = self._smooth = None
            return None
        self._off_time += dt
        if self._smooth is not None:
            temperature = self._smooth + (temperature - self._smooth) * (dt / (_SMOOTH + dt))
        self._smooth = temperature
        if self._off_time < self.rest:
            return None
        if self._lowest is None:
            self._lowest = temperature
        self._lowest = min(temperature, self._lowest + self.creep * dt / _DAY)
        if temperature - self._lowest > self.creep:
            text = "it warms by %.1f K though the heater is off: a shorted transistor? Cut the supply"
            return text % (temperature - self._lowest)
