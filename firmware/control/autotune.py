"""Finding p, i and d of a heater by switching it on and off around a temperature."""

from math import atan2, isfinite, pi, sqrt, tan

from control.noise import Noise
from control.wave import Wave
from micropython import const

_PEAKS = const(12)  # at most
_SWINGS = const(3)  # that count, each of two peaks
_REGULAR = 0.9  # the shortest of them over the longest
_IRREGULAR = 0.6  # less than that is no result

# the rule, see Autotune
_SPEED = 0.7
_DAMPING = 4.0
_FILTER = 0.25
_QUIET = 0.1
_SLOPE = 4.0  # s
_LEAST = 0.05  # of the power so far


class Autotune:
    """A relay test: full power below the temperature, none above, until the swings are regular.

    `target` in degC; `power` in W is what the heater gives when it is on; `hysteresis` in K keeps noise from switching it, and
    grows by itself up to four times that, to four times the noise. No half swing may last longer than `patience` s, so
    the whole ends after 13 times that, at the latest.

    The plant is not known yet, and what is under way when the heater goes off still comes: where that would carry the
    temperature beyond `most` degC, it goes on with less power, or gives up.

    Call step() until `done`. Then `error` is None and `p`, `i`, `d`, `filter` are for PID, `holding` is the power in W that
    held the target, `capacity` in J/K and `lag` in s are the plant's; or `error` says why there are none. `text` is the
    progress, for a person.

    The rule. Of the last three swings only what happens at their own frequency is looked at: how large the temperature's
    wave is for the power's, and how far behind. From that follow the heat capacity C and the lag T of the sensor (and
    whatever else delays), for a heater that is lag-dominated: it would go on warming for long. Unlike rules by amplitude and
    period alone this does not mind that a heater warms faster than it cools. Then

        p = 0.7 C / T,  d = p T,  i = p * p / (4 C),  filter = T / 4

    The derivative makes up for the lag, what is left follows its target with the time T / 0.7, and i is the largest
    that does not make it swing. So there is no overshoot but by what the integral gathers on the way, which PID brakes. T
    counts as at least 5 steps, and p is lowered further until noise moves the power by less than a tenth.
    """

    def __init__(self, target, power, hysteresis=0.3, patience=1800.0, most=1e30):
        if not (isfinite(target) and isfinite(power) and power > 0 and hysteresis > 0):
            raise ValueError("target is a number, power and hysteresis are above 0")
        self.hysteresis = hysteresis
        self.patience = patience
        self.done = False
        self.error = None
        self.text = ""
        self.peaks = 0
        self.p = self.i = self.d = self.filter = self.holding = None
        self.capacity = self.lag = None
        self.target = target
        self.most = most
        self._power = power
        self._way = None  # of the first heating: (J, K at its begin, K/s at most)
        self._on = None
        self.arrived = False  # it has been at the target
        self._half = 0.0  # s, since the last switching
        self._wave = Wave()
        self._swings = []  # the last ones: (period in s, steps, mean power in W, response)
        self._last = ""  # words for the last of them
        self._noise = Noise()

    def step(self, value, dt):
        """The power in W, 0 or `power`, for a temperature in degC, `dt` seconds after the last step. 0 once it is done.

        A value that is not finite gives 0 for once.
        """
        if self.done:
            return 0.0
        self._half += dt
        power = 0.0
        if isfinite(value):
            self._noise.add(value)
            value -= self.target
            self._look(value)
            power = self._power if self._on else 0.0
            if power and not self.arrived:
                power = self._approach(value, power, dt)
        else:
            self._noise.forget()
            value = 0.0
        if self._half > self.patience:
            self._give_up()
        if self.done:
            return 0.0
        self._wave.add(power, value, dt)
        return power

    def limit(self, power):
        """Heat with no more than this from now on, in W."""
        if 0 < power < self._power:
            self._power = power

    def stop(self, reason="stopped"):
        """End it without a result; `reason` are the words for `error`."""
        self.done = True
        self.error = self.text = reason

    def _give_up(self):
        way = "heating" if self._on else "cooling"
        if self.arrived:
            self.stop("no oscillation: still %s after %d s" % (way, self._half))
        else:
            self.stop("%s for %d s did not reach %.1f °C" % (way, self._half, self.target))

    def _look(self, value):
        if self._on is None:
            self._on = value < 0
            self.text = "%s to %.1f °C" % ("heating" if self._on else "cooling", self.target)
        noise = self._noise.size()
        if self.peaks > 1 and noise > self.hysteresis:
            self.stop("the noise of the sensor, %.2f K, is too large" % noise)
            return
        band = min(max(self.hysteresis, 4 * noise), 4 * self.hysteresis)
        if (value > band) if self._on else (value < -band):
            self._switch()

    def _approach(self, value, power, dt):
        """The power for the first way up, and from then on, so that what is under way is not too much."""
        if self._way is None:
            self._way = [0.0, value, value, 0.0]
        way = self._way
        rise = value - way[1]
        # K/s, over some seconds: noise is none
        way[3] = max(way[3], (value - way[2]) / _SLOPE)
        way[2] += (value - way[2]) * dt / (_SLOPE + dt)
        if rise > 3 and way[3] > 0:
            lag = way[0] / power - rise / way[3]  # s
            coming = lag * way[3]
            room = self.most - max(value, 0.0) - self.target
            if coming > room:
                power *= max(room, 0.0) / coming
                if power < _LEAST * self._power:
                    self.stop("it answers too late, after %d s: what is under way would be too much" % lag)
                    return 0.0
                self._power = power
        way[0] += power * dt
        return power

    def _switch(self):
        self._on = not self._on
        self._half = 0.0
        if self.arrived:
            self.peaks += 1
            self.text = "peak %d of at most %d%s" % (self.peaks, _PEAKS, self._last)
        self.arrived = True
        if self._on:
            # of the way there, and of the first swing after it, nothing is used
            if self.peaks > 3:
                self._swing()
            self._wave.restart()

    def _swing(self):
        wave = self._wave
        noise = self._noise.size()
        size = wave.high - wave.low
        if 8 * noise > size:
            self.stop("the noise of the sensor, %.2f K, is too large for a swing of %.2f K" % (noise, size))
            return
        self._swings.append((wave.period, wave.count, wave.mean_power(), wave.response()))
        self._last = ", %.1f K in %.1f s" % (size, wave.period)
        if len(self._swings) < _SWINGS:
            return
        periods = [swing[0] for swing in self._swings]
        regular = min(periods) / max(periods)
        if regular > _REGULAR or self.peaks + 2 > _PEAKS:
            if regular < _IRREGULAR:
                self.stop("the swings are irregular: %.1f to %.1f s" % (min(periods), max(periods)))
            else:
                self._finish()
        self._swings.pop(0)

    def _finish(self):
        period = steps = power = x = y = z = 0.0
        for swing in self._swings:
            period += swing[0]
            steps += swing[1]
            power += swing[2]
            x += swing[3][0]
            y += swing[3][1]
            z += swing[3][2]
        frequency = 2 * pi * len(self._swings) / period  # 1/s
        size = sqrt(x * x + y * y) / z if z > 0 else 0.0  # K/W
        if not (size > 0 and isfinite(size)):
            self.stop("the temperature does not follow the power")
            return
        # behind the quarter of a period that any heat capacity takes
        angle = -pi / 2 - atan2(y, x)
        if angle < -pi / 2:
            angle += 2 * pi
        # beyond that it is rather a dead time, for which the tangent would be far too much
        angle = min(max(angle, 0.05), 1.25)
        lag = tan(angle)
        capacity = 1 / (sqrt(1 + lag * lag) * frequency * size)
        self.capacity, self.lag = capacity, lag / frequency
        self._rule(capacity, lag / frequency, period / steps)
        self.holding = power / len(self._swings)
        self.done = True
        self.text = "p %.3g W/K, i %.3g W/(K s), d %.3g W s/K" % (self.p, self.i, self.d)

    def _rule(self, capacity, lag, dt):
        slow = max(lag, 5 * dt)
        p = _SPEED * capacity / slow
        self.filter = _FILTER * slow
        noise = p * (1 + lag / (self.filter + dt)) * self._noise.size()
        p *= min(_QUIET * self._power / noise, 1) if noise > 0 else 1
        self.p = p
        self.i = p * p / (_DAMPING * capacity)
        self.d = p * lag
