"""A temperature that a heater keeps: control, and the guard beside it, as a Drivable to derive from."""

import asyncio

from control.guard import Guard
from control.pid import PID
from control.settle import ARRIVED, Settle
from micropython import const
from secnode import errors, log, pace
from secnode.module import BUSY, ERROR, IDLE, WARN, Command, Drivable, Parameter

_CONTROL = const(200)  # ms from one decision to the next
_GUARD = const(250)  # ms from one look of the guard to the next


class Heater(Drivable):
    """Keeps the temperature of `sensor` at the target with `heater`, once a target was set.

        minimum: -270 to 2000 °C; the guard switches off below
        maximum: -270 to 2000 °C; the guard switches off above

    `sensor` is what drivers.sensor.Sensor says, `heater` a drivers.pwm_heater.PWMHeater, `deadman` a drivers.deadman.DeadMan
    that cuts it. `minimum` and `maximum` in degC are what the guard allows, compared as raw values. A class derived from this
    gives the Parameters `value`, `target` (with min and max) and `_maxheaterpower` (W) their data types.

    The guard's thresholds (control.guard.Guard) may be given by name, e.g. gain_time=60.

    The control decides every 200 ms. The guard looks by itself every 250 ms, and what it finds is latched: heater off,
    ERROR, until `clear_errors` when the cause is gone.

    Raises ValueError where minimum and maximum are missing, or not within what the sensor can see, or the target is kept.
    """

    _maxheaterpower = Parameter(None, readonly=False, description="maximum allowed heater power")
    clear_errors = Command(description="after an error, once its cause is gone: ready again, the heater stays off")

    def __init__(self, sensor, heater, deadman, minimum=None, maximum=None, **kwds):
        guard = Guard()
        for name in [n for n in kwds if isinstance(getattr(Guard, n, None), (int, float))]:
            setattr(guard, name, kwds.pop(name))
        super().__init__(**kwds)
        if minimum is None or maximum is None:
            raise ValueError("a heater needs a minimum and a maximum in degC, which its guard allows")
        if not (sensor.low <= minimum < maximum <= sensor.high):
            text = "minimum %g and maximum %g have to lie within what the sensor can see, %.0f to %.0f degC"
            raise ValueError(text % (minimum, maximum, sensor.low, sensor.high))
        if self.accessibles["target"].definition.keep:
            # it would be resumed after any start, also one by the watchdog
            raise ValueError("a heater's target is not kept: modules.oven.Oven has resume=True for that")
        self.sensor = sensor
        self.heater = heater
        self.deadman = deadman
        self.guard = guard
        self.allow(minimum, maximum)
        self.pid = PID()
        self.settle = Settle(tolerance=0.5, time=5.0)
        self.active = False  # whether decisions are made, and the heater may be on
        self.tripped = None  # the guard's words
        self.reading = 0.0  # degC, the last one of the control
        self.measured = self.decided = self.looked = pace.ticks_ms()  # when the last good reading, decision, look was

    # ---- what clients see

    def read_value(self):
        if not self.active:
            self.reading = self.measure()
            text = self.guard.stuck()
            if text:
                raise errors.HardwareError(text)
        else:
            text = self._too_old(pace.ticks_ms())
            if text:
                raise errors.HardwareError(text)
        return self.reading

    def write_target(self, value):
        self.begin()
        self.settle.reset()
        self.status = BUSY, "heating" if value > self.reading else "cooling"

    def write__maxheaterpower(self, value):
        # at once: the guard does not wait for the next decision
        if self.heater.power > value:
            self.heater.set_power(value)

    def do_stop(self):
        # where it has arrived the target stays as it was set: the reading beside it is noise
        if self.active and self.settle.state != ARRIVED:
            self.settle.reset()
            self.target = self.nearest_target(self.reading)
            self.status = IDLE, "stopped, keeping the temperature"

    def do_clear_errors(self):
        if self.tripped:
            raw = self.sensor.read_raw()
            text = self.sensor.fault(raw) or self.guard.still(raw, self.sensor)
            if text:
                raise errors.HardwareError("the cause is still there: %s" % text)
            self.tripped = None
            self.guard.reset()
            self.status = IDLE, "off"

    # ---- for classes derived from this

    def measure(self):
        """The temperature in degC as clients see it. Raises SECoPErrors."""
        return self.sensor.read()

    def nearest_target(self, value):
        """The target next to `value` that its data type takes."""
        datainfo = self.accessibles["target"].definition.datainfo
        return min(max(value, datainfo.min), datainfo.max)

    def allow(self, minimum, maximum):
        """Set what the guard allows, in degC."""
        self.guard.low_raw, self.guard.high_raw = sorted((self.sensor.raw(minimum), self.sensor.raw(maximum)))

    def begin(self):
        """Make decisions from now on. Raises IsError after a trip, and what the sensor says: no temperature, no heating."""
        if self.tripped:
            raise errors.IsError("%s; clear_errors comes first" % self.tripped)
        self.reading = self.measure()
        if not self.active:
            self.pid.reset()
            self.active = True
            self.measured = self.decided = pace.ticks_ms()

    def power(self, dt):
        """The power in W that is right now, `dt` seconds after the last decision."""
        return self.pid.step(self.target, self.reading, self.guard.most, dt)

    def follow(self, dt):
        """Say how far it is, after a decision."""
        if self.guard.warning:
            if self.status[1] != self.guard.warning:
                self.status = WARN, self.guard.warning
        elif self.status[0] == WARN:
            self.status = BUSY, "on its way"
            self.settle.reset()
        elif self.settle.step(self.target, self.reading, dt) and self.status[0] == BUSY:
            self.status = IDLE, "at target"

    def goal(self):
        """The temperature in degC that the heater is to bring about just now, for the guard; None where there is none."""
        return self.target

    # ---- control and guard

    def cut(self):
        self.heater.cut()
        self.active = False

    def off(self):
        self.cut()  # first what needs no memory
        self.deadman.release()
        self.heater.off()
        self.guard.relax()

    def trip(self, text):
        """Off for good, until somebody clears the error."""
        self.off()
        if self.tripped is None:
            when = self.node.clock.time_of_day()
            self.tripped = "%s (%s)" % (text, when) if when else text
            log.error(self.name, "heater off: %s", text)
            self.status = ERROR, self.tripped

    async def run(self):
        guard = asyncio.create_task(self._watch())
        try:
            await self._control()
        finally:
            guard.cancel()

    async def _control(self):
        due = pace.ticks_ms()
        while True:
            try:
                self.step(_CONTROL)
            except MemoryError:
                self.heater.cut()  # no decision, no heat; where it lasts, the guard fails as well and says so
            now = pace.ticks_ms()
            due = pace.ticks_add(pace.recent(due, now), _CONTROL)
            if pace.ticks_diff(now, due) > _CONTROL:
                due = now  # after a long stall nothing is made up for
            await pace.sleep_ms(max(0, pace.ticks_diff(due, now)))

    def step(self, period):
        """What is done every `period` ms."""
        now = pace.ticks_ms()
        if (
            self.active and not self.deadman.has_cut
        ):  # else it hung, and goes on now as if nothing had been: the guard will say so
            age = _age(now, self.looked)
            if age > self.guard.max_age:
                self.trip("the guard did not look for %.1f s" % age)
            else:
                self._decide(period / 1000, now)

    def _decide(self, dt, now):
        try:
            self.reading = self.measure()
        except (errors.SECoPError, OSError):
            # one bad reading is no reason to stop, nor one to heat; the guard counts them
            self.heater.set_power(0.0)
        else:
            self.measured = now
            guard = self.guard
            guard.full = self._maxheaterpower
            guard.allow()
            power = self.power(dt)
            if self.active:
                self.heater.set_power(min(max(power, guard.least), guard.most) if power > 0 else 0.0)
                self.follow(dt)
            if not self.active:
                return
        self.deadman.renew()
        self.decided = now

    def _too_old(self, now):
        age = _age(now, self.measured)
        if age > self.guard.max_age:
            return "the last good reading is %.1f s old" % age

    async def _watch(self):
        last = pace.ticks_ms()
        failed = None
        while True:
            await pace.sleep_ms(_GUARD)
            self.looked = now = pace.ticks_ms()
            text = None
            try:
                text = self._look(pace.ticks_diff(now, pace.recent(last, now)) / 1000, now)
            except Exception as e:
                self.heater.cut()
                log.traceback(self.name, e)
                failed = failed or e
            last = now
            try:
                if failed:
                    text = "the guard itself failed: %s" % type(failed).__name__
                if text:
                    self.trip(text)
                    failed = None
            except MemoryError:
                pass  # it is off; the words come as soon as there is memory for them

    def _look(self, dt, now):
        sensor = self.sensor
        try:
            raw = sensor.read_raw()
            fault = sensor.fault(raw)
        except (errors.SECoPError, OSError) as e:
            from secnode import calls

            raw = 0.0
            fault = calls.secop_error(e, self).text
        heater = self.heater
        if self.active:
            age = _age(now, self.decided)
            if self.deadman.has_cut or age > self.guard.max_age:
                return "the control did not decide anything for %.1f s" % age
            if heater.power > self._maxheaterpower and heater.power > self._maxheaterpower * 1.02 + 0.5:
                return "%.1f W is above the limit of %.1f W" % (heater.power, self._maxheaterpower)
        text = heater.fault() or (self.deadman.fault() if self.active else None)
        if text:
            return text
        goal = self.goal() if self.active else None
        text = self.guard.step(dt, raw, fault, sensor.temperature(raw), goal, heater.power)
        return text or (self._too_old(now) if self.active else None)


def _age(now, then):
    # s; 0 for less than half a second, as things should be: else it is an object of 16 B, made ten times a second
    ms = pace.ticks_diff(now, pace.recent(then, now))
    return ms / 1000 if ms > 500 else 0
