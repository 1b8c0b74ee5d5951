"""The safety supervisor of a heater: what it sees that must not be. Plain arithmetic; it decides nothing but to stop, or
to heat with less."""

from micropython import const

# whole numbers: a const() that is one takes no memory
_MEAN = const(900)  # ms: four looks, that may come a little early
_SMOOTH = const(5)  # s
_LATE = const(3)  # that part of max_rate, over some seconds: a fall as well, where it should be warmer and the sensor is slow
_DROP = 1.4  # K, within
_DROPS = const(8)  # s: what nothing heats cools more slowly, but for small hot ones
_FALLS = const(2)
_ROSE = 0.5  # K, after one: what falls now is another one
_SLEW = const(20)  # mK/s a second: a fall leaves the slope that was before it
_WARMS = const(50)  # mK/s
_QUICK = 0.2  # K/s
_DAY = const(1800)  # s, in which it may warm by `creep` though nothing heats
_HALF_LOST = const(2)  # times what the energy did: half of it may be lost
_AHEAD = const(10)  # s: so soon it would be above `surroundings`
_PROMPT = const(8)  # s: a plant that answers so soon needs no more patience than the thresholds say
_PATIENCE = const(3)  # times as much, at most, for what was learned of the plant
_LITTLE = const(10)  # that part of full power may be tried where something seems wrong
_ENDLESS = const(1000000000)  # W
_FADES = 0.7  # of what an older heating told: a short one tells a late plant's speed too low
_WINDOW = const(20)  # s, over which the power is taken that holds a temperature
_ALIKE = const(4)  # by less than that part two windows differ, where nothing happened suddenly: a door does more, a slip less
_FLOOR = const(20)  # that part of full power: what is less is no measure
_FORGET = const(3600)  # s
_DEAR = const(130)  # % of the power that it took first
_THROUGH = const(3)  # that part of gain_time
_ASK = const(3)  # times gain_time: so long a sensor that gives the very same value has time to answer
NOT_WARM = "it does not warm"  # how that judgement begins: an autotune that did not arrive yet is not tripped by it
# why it is heated with less
_FAST = const(1)
_FALL = const(2)
_SLOW = const(3)
_WEAK = const(4)
_SLIP = const(5)


class Guard:
    """Looks at raw sensor values, temperature and power, apart from the control, and says when to switch off for good.

    Temperatures in degC and K, times in s, power in W. The thresholds are attributes, to be changed at any time:

    - `low_raw`, `high_raw`: the raw values that are allowed, whichever temperature they mean. `bad_readings` in a row
      outside of them, or unreadable, trip; a single one does not.
    - `gain` in `gain_time`: so much it has to warm while it is further than `hysteresis` below the setpoint and is heated;
      what it lacks adds up, and `max_error` (K s) trips. So does falling away after having arrived. One that warms, but
      too slowly, is heated on with a tenth of the power.
    - `creep`: so much it may warm while the power was 0 for `rest` and longer, within half an hour or so: what is slower is
      the day. Below `surroundings` it may warm as long as it will not be above soon: a cold block in a warm room does.
      After heating, warming that gets slower is the plant's own lag. A plant that was seen to answer late gets up to
      three times as much of both.
    - `max_rate`: K/s that heater and block can't do, between means of a second. One that does it when heated gets so much
      less power that it can't; where it still does, it trips. What cools so fast while it is regulated or heated
      (the sensor came off its mount, or the sample was changed) is heated with no more power than before until it
      warms again; the energy of `gain_time` at full power without that trips.
    - `stuck_time`: so long a sensor may give the very same value while it is heated. Then it is asked: it is heated with less
      (near the room's temperature, with more) for three times `gain_time`; the very same value all along trips.
      On the way to a setpoint, a value that it answered from is asked about again after a third of `gain_time` at the earliest:
      what warms as slowly as it may is through the widest code by then, and would never be if it were asked each time.
    - `max_age`: of the last decision of the control.

    What it takes to hold a temperature is known after a minute. More than 1.3 times that (and a twentieth of full power)
    is not given, and five minutes of it trip, where it has grown slowly: the sensor slips off. What grows at once, or
    within more than an hour, is a door, or the day.

    `full` is the power that may be used at all, `most` what may be used now and `least` what is to be used where anything is,
    both after allow(); `warning` are the words for why it is less, or
    None. What it does where it is in doubt is in doubts.py.
    """

    bad_readings = 4
    hysteresis = 5.0
    gain = 3.0
    gain_time = 20.0
    max_error = 120.0
    creep = 4.0
    rest = 15.0
    surroundings = 35.0
    max_rate = 10.0
    stuck_time = 20.0
    max_age = 3.0

    def __init__(self):
        self.low_raw = 0.0
        self.high_raw = 65535.0
        self.full = self.most = 0.0
        self._lag = 0.0  # s, until the plant answers to power, in this heating
        self._late = 0.0  # s, the same of those before
        self._speed = 0.0  # K/J, as it warmed at best; old ones count for less
        self._learned = False  # whether this heating told how fast
        self._held = 0.0  # W, that held the last temperature
        self.reset()

    def reset(self):
        """Forget what was seen; after an error was cleared. What was learned of the plant stays."""
        self._bad = 0
        self._last_raw = None
        self._same = 0.0
        self._answered = None  # the raw value that a question was answered from
        self._last = self._smooth = None
        self._slope = 0.0
        self._sum = self._power = self._span = self._joule = 0.0  # of the mean of a second
        self._count = 0
        self._goal_time = 0.0
        self._off_time = 0.01
        self._lowest = None
        self._most = -1.0  # never heated
        self._energy = self._first = self._usual = 0.0
        self._asked = False
        self._hold_at = None
        self._hold = 0.0
        self.relax()

    def relax(self):
        """Full power again, until there is another reason for less: thresholds were changed, or it was off."""
        self._goal = None
        self._error = 0.0
        self._wait = self.stuck_time
        self.least = 0.0  # W, that are to be given where anything is
        self._bound = _ENDLESS
        self._why = 0
        self.warning = None
        self._since = 0.0

    def allow(self):
        """Set `most` and `least`; to be asked before each decision."""
        most = self._bound if self._bound < self.full else self.full
        if self._same >= self._wait:
            # a question to the sensor: does it notice?
            usual = self._usual
            more = self.full / _LITTLE
            if self._same > self._wait + 2 * self.gain_time:
                more *= 2  # a door that was opened may have taken just that
            more = min(usual + more, most)
            if usual * _LITTLE < self.full and more > 1.5 * usual:
                self.least = more
            elif usual < self.full / 2 and self._same < self._wait + self.gain_time / 2:  # not for long: it may just hold it
                most = min(usual / 2, most)
            else:
                most = 0.0
            # where it is to get more and the control gives nothing, it is off, and cools: that is no question
            self._asked = self.least == 0.0
        self.most = most

    def stuck(self, asked=_ASK):
        """Words where the sensor has given the same raw value for too long, or None; `asked` times `gain_time` long."""
        if self._same >= self.stuck_time + asked * self.gain_time:
            return "the sensor gives the same raw value, %d, for %d s" % (self._last_raw, self._same)

    def still(self, raw, sensor):
        """Words for a raw value that is as bad as it was, or None."""
        if raw == self._last_raw or not self.low_raw <= raw <= self.high_raw:
            from control import doubts

            return doubts.still(self, raw, sensor.temperature(raw))

    def step(self, dt, raw, fault, temperature, setpoint, power):
        """Give None, or the words for why the heater must go off. Call it `dt` seconds after the last time.

        `fault` are the words for what is wrong with the raw value's wire, or None; `temperature` what the raw value means;
        `setpoint` is None while nothing is regulated; `power` is what the heater has now.
        """
        self._span += dt
        if fault or not (abs(temperature) < 1e30 and self.low_raw <= raw <= self.high_raw):
            self._bad += 1
            if self._bad < self.bad_readings:
                return None
            from control import doubts

            return fault or doubts.beyond(self, raw, temperature)
        self._bad = 0
        text = None
        if raw != self._last_raw:
            if self._same >= self._wait:
                self._answered = self._last_raw
            through = self.gain_time / _THROUGH if raw == self._answered and self._goal is not None else 0.0
            self._wait = max(self.stuck_time, through)
            self._same = self.least = 0.0
            self._last_raw = raw
        elif (power > 0 or self._asked) and self._why != _FALL:
            # a heated one changes; one at rest may be as quiet as it likes, and what fell is to warm, not to be asked
            if self._same < self._wait <= self._same + dt:
                self._usual = power  # as steady as the value: what it has now, whatever it had before
            self._same += dt
            self._asked = False
            text = self.stuck()
        self._joule += power * dt
        self._sum += temperature
        self._count += 1
        self._power = max(self._power, power)
        if text or self._span * 1000 < _MEAN:
            return text
        # what follows looks at means: noise is no warming
        temperature, power, dt = self._sum / self._count, self._power, self._span
        text = (
            self._physics(dt, temperature, setpoint, power)
            or self._heating(dt, temperature, setpoint, power)
            or self._holding(dt, temperature, setpoint)
            or self._resting(dt, temperature, power)
        )
        if self._same < self._wait:  # what a question takes is not usual
            self._usual += (self._joule - self._usual * dt) / 60  # W, of the last minute
        self._sum = self._power = self._span = self._joule = 0.0
        self._count = 0
        return text

    def _physics(self, dt, temperature, setpoint, power):
        if self._last is None:
            self._last = self._smooth = temperature
        step = temperature - self._last
        self._last = temperature
        most = self.max_rate * dt
        self._since += dt
        if step > most and self._why != _FALL:
            from control import doubts

            return doubts.fast(self, step, most, dt, power)
        late = setpoint is not None and temperature < setpoint - self.hysteresis
        drop = self._smooth - temperature if late else 0.0
        falls = (setpoint is not None or power > 0) and (step + most < 0 or drop > self.max_rate / _LATE)
        if falls or self._why == _FALL:
            from control import doubts

            if self._why == _FALL:
                return doubts.following(self, dt, temperature, setpoint, step + most < 0)
            doubts.fell(self, drop if late else -step, temperature)

    def _heating(self, dt, temperature, setpoint, power):
        if setpoint is None or temperature > setpoint - self.hysteresis or self._why == _FALL:
            self._goal = None
            self._error = 0.0
            if self._why == _WEAK:
                self.relax()
            return None
        if self._why == _WEAK and self.full >= self._held:
            self.relax()
        if self._goal is None:
            if self._same >= self._wait:
                return None  # it is asked, and does not begin to heat yet
            if self._hold_at is not None and setpoint > self._hold_at + self.hysteresis:
                self._same = 0.0  # it is to do something else now, and gets all the time for that
            self._begin_piece(temperature)
        late = self._lag if self._late > _PROMPT else 0.0  # one that was late before shows a small sample late
        self._low = min(self._low, temperature)
        rose = self._high == _ENDLESS and self._falls < _FALLS and temperature > self._low + _ROSE
        if rose or temperature > self._high:
            self._high = temperature
            self._high_time = self._goal_time
        elif self._high - temperature > _DROP and self._goal_time - self._high_time < _DROPS + late:
            # twice in a piece at most, and not while it falls on: it gets twice the time, from now on
            self._falls += 1
            self._goal_time = -self.gain_time
            self._error = 0.0
            self._low = temperature
            self._high = _ENDLESS
            self._high_time = -_ENDLESS
        # with less power it takes longer
        given = self._bound
        if self._same < self._wait:
            half = 2 * self._joule / dt
            if half < self.full:
                given = min(given, half * half / self.full)  # a control with little gain: most of that may be lost
        elif self.gain_time > _THROUGH * self.stuck_time:
            given = min(given, self._joule / dt)  # only what warms so slowly may be asked on its way
        self._goal_time += dt * given / self.full if given < self.full else dt
        if temperature >= self._goal:
            self._begin_piece(temperature)  # it goes on
        elif self._goal_time > self.gain_time and self._why <= _FAST:
            self._error += (setpoint - self.hysteresis - temperature) * dt
            if self._error >= self.max_error:
                from control import doubts

                return doubts.too_slow(self, setpoint, temperature, power)

    def _begin_piece(self, low):
        # what was missing is forgotten
        self._goal = low + self.gain
        self._goal_time = self._error = self._high_time = 0.0
        self._low = self._high = low
        self._falls = 0

    def _holding(self, dt, temperature, setpoint):
        if self._why == _SLIP:
            from control import doubts

            return doubts.dear(self, dt, setpoint)
        if setpoint is None or setpoint != self._hold_at or self._why:
            if setpoint != self._hold_at:
                self._hold_at = setpoint
                self._held = 0.0
            self._window = self._work = self._hold = self._level = 0.0
            self._mark = self._smooth
            return None
        self._window += dt
        self._work += self._joule
        if abs(temperature - setpoint) > self.hysteresis / 5:
            self._work = -_ENDLESS  # nothing is held
        if self._window < _WINDOW:
            return None
        floor = self.full / _FLOOR
        last = self._level
        level = self._level = max(self._work / self._window, -floor) + floor
        # a block that cools gives what it will take later, as after an overshoot; one that warms takes more meanwhile, as where
        # the control swings. Nobody knows one: it is a slow one
        joule = 1 / self._speed if self._speed else self.full * self.gain_time / self.gain  # for 1 K
        takes = max(level + (self._mark - self._smooth) / self._window * joule, floor)
        self._mark = self._smooth
        self._window = self._work = 0.0
        if not last or abs(level - last) * _ALIKE > max(last, self._hold):
            self._hold = 0.0
        elif level < self._hold < takes or not self._hold:
            takes = self._hold = max(takes, level)
            self._held = min(takes - floor, self.full)  # reckoned, not given: no more than was to be had
        else:
            self._hold += (takes - self._hold) * (_WINDOW / _FORGET)
            # twice: a door that is opened within one window is seen in the next
            if min(level, last, takes) * 100 > _DEAR * self._hold:
                from control import doubts

                doubts.slips(self, _DEAR * self._hold / 100 - floor)

    def _resting(self, dt, temperature, power):
        if (power > 0) != (self._off_time == 0):
            # switched on, or off
            if self._off_time > self.rest:
                if self._learned:  # what is older counts for less
                    self._learned = False
                    self._speed *= _FADES
                    self._late /= 2
                self._late = max(self._lag, self._late)
                self._lag = 0.0
            self._lowest = None
            self._begin = temperature
            self._most = self._energy = self._first = self._off_time = 0.0
        smooth = self._smooth = self._smooth + (temperature - self._smooth) * (dt / (_SMOOTH + dt))
        slope = (temperature - smooth) / _SMOOTH
        self._slope += min(max(slope - self._slope, -_SLEW / 1000), _SLEW / 1000)
        if power > 0:
            self._energy += self._joule
            if self._slope * 1000 > _WARMS and power * _LITTLE > self.full:
                # no less than that, since some of the power is lost; nor much more than all the energy has done since it is
                # on: where the power falls, a late plant still warms by what it had
                mean = (temperature - self._begin) / self._energy
                self._speed = max(self._speed, min(self._slope / max(power, self._usual), _HALF_LOST * mean))
            # how late the plant answers, and how far: from the energy, at a power that does not fall
            if power > self._most:
                self._most = power  # W, since it is on
            if power < 0.9 * self._most:
                self._most = _ENDLESS  # that was it, until it is switched on again
            elif power >= self.full / 2:
                rise = temperature - self._begin - self.gain / 3
                lag = self._energy / power
                if rise <= 0:
                    self._first = self._energy
                else:
                    lag -= (rise + self.gain / 3) / slope if slope > 0 else lag
                self._lag = max(self._lag, lag)
                if rise * 2 >= self.gain:
                    self._learned = self._learned or rise >= 2 * self.gain
                    speed = rise / (self._energy - self._first)
                    if slope > _QUICK:  # much more than noise, and not so much to come as the mean says
                        speed = max(speed, min(slope / power, 3 * speed))
                    self._speed = max(self._speed, speed)
            return None
        self._off_time += dt
        patience = min(max(self._lag / _PROMPT, 1.0), _PATIENCE)
        if self._off_time < self.rest * patience:
            if self._most >= 0:
                self._most = max(self._most, slope)  # K/s, after it was heated
            return None
        if self._lowest is None:
            self._lowest = smooth
        self._lowest = min(smooth, self._lowest + self.creep * dt / _DAY)
        rise = smooth - self._lowest
        if rise > self.creep * patience:
            if self._most > 0.1 and slope < self._most * 0.5 ** (self._off_time / (2 * self.rest * patience)):
                self._lowest = smooth  # it gets slower, as what was heated does
            elif smooth + _AHEAD * slope > self.surroundings:
                return "it warms by %.1f K though the heater is off: a shorted transistor? Cut the supply" % rise
