"""A temperature that a heater keeps: control, and the guard beside it, as a Drivable to derive from."""

import asyncio

from control.guard import Guard
from control.pid import PID
from control.settle import Settle
from micropython import const
from secnode import log, pace
from secnode.errors import HardwareError, IsError, SECoPError
from secnode.module import BUSY, ERROR, IDLE, Command, Drivable, Parameter

_CONTROL = const(200)  # ms from one decision to the next
_GUARD = const(250)  # ms from one look of the guard to the next


class Heater(Drivable):
    """Keeps the temperature of `sensor` at the target with `heater`, once a target was set.

    `sensor` is a drivers.divider.Divider, `heater` a drivers.pwm_heater.PWMHeater, `deadman` a drivers.deadman.DeadMan that
    cuts it. `minimum` and `maximum` in degC are what the guard allows, compared as raw values. A class derived from this
    gives the Parameters `value`, `target` (with min and max) and `_maxheaterpower` (W) their data types.

    The control decides every 200 ms. The guard looks by itself every 250 ms, and what it finds is latched: heater off,
    ERROR, until `clear_errors` when the cause is gone.
    """

    _maxheaterpower = Parameter(None, readonly=False, description="maximum allowed heater power")
    clear_errors = Command(description="after an error, once its cause is gone: ready again, the heater stays off")

    def __init__(self, sensor, heater, deadman, minimum, maximum, **kwds):
        super().__init__(**kwds)
        if not (sensor.low <= minimum < maximum <= sensor.high):
            text = "minimum %g and maximum %g have to lie within what the sensor can see, %.0f to %.0f degC"
            raise ValueError(text % (minimum, maximum, sensor.low, sensor.high))
        self.sensor = sensor
        self.heater = heater
        self.deadman = deadman
        low_raw, high_raw = sorted((sensor.raw(minimum), sensor.raw(maximum)))
        self.guard = Guard(low_raw, high_raw)
        self.pid = PID()
        self.settle = Settle(tolerance=0.5, time=5.0)
        self.regulating = False
        self.tripped = None  # the guard's words
        self.reading = 0.0
        self.decided = pace.ticks_ms()

    # ---- what clients see

    def read_value(self):
        if not self.regulating:
            self.reading = self.sensor.read()
        return self.reading  # of the control, not older than its period

    def write_target(self, value):
        if self.tripped:
            raise IsError("%s; clear_errors comes first" % self.tripped)
        self.read_value()  # no heating without a temperature
        if not self.regulating:
            self.pid.reset()
        self.settle.reset()
        self.guard.reset()
        self.regulating = True
        self.decided = pace.ticks_ms()
        self.status = BUSY, "heating" if value > self.reading else "cooling"

    def write__maxheaterpower(self, value):
        # at once: the guard does not wait for the next decision
        if self.heater.power > value:
            self.heater.set_power(value)

    def do_stop(self):
        if self.regulating:
            self.settle.reset()
            self.status = IDLE, "stopped, keeping the temperature"
            datainfo = self.accessibles["target"].definition.datainfo
            self.target = min(max(self.reading, datainfo.min), datainfo.max)

    def do_clear_errors(self):
        if self.tripped:
            raw = self.sensor.read_raw()
            text = self.sensor.fault(raw)
            if not text and not self.guard.low_raw <= raw <= self.guard.high_raw:
                text = "%.1f degC is beyond what is allowed" % self.sensor.temperature(raw)
            if text:
                raise HardwareError("the cause is still there: %s" % text)
            self.tripped = None
            self.guard.reset()
            self.status = IDLE, "off"

    # ---- control and guard

    def off(self):
        self.regulating = False
        self.deadman.release()
        self.heater.off()

    def trip(self, text):
        """Off for good, until somebody clears the error."""
        self.off()
        if self.tripped is None:
            self.tripped = text
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
            if self.regulating:
                self._decide(_CONTROL / 1000)
            else:
                self.decided = pace.ticks_ms()
            due = pace.ticks_add(due, _CONTROL)
            await pace.sleep_ms(max(0, pace.ticks_diff(due, pace.ticks_ms())))

    def _decide(self, dt):
        if self.deadman.has_cut:
            return  # it hung, and goes on now as if nothing had been: the guard has a word to say first
        try:
            self.reading = self.sensor.read()
        except SECoPError:
            # one bad reading is no reason to stop, nor one to heat; the guard counts them
            self.heater.set_power(0.0)
            self.deadman.renew()
            return
        self.heater.set_power(self.pid.step(self.target, self.reading, self._maxheaterpower, dt))
        self.deadman.renew()
        self.decided = pace.ticks_ms()
        if self.status[0] == BUSY and self.settle.step(self.target, self.reading, dt):
            self.status = IDLE, "at target"

    async def _watch(self):
        last = pace.ticks_ms()
        while True:
            await pace.sleep_ms(_GUARD)
            now = pace.ticks_ms()
            try:
                text = self._look(pace.ticks_diff(now, last) / 1000, now)
            except Exception as e:
                log.traceback(self.name, e)
                text = "the guard itself failed: %s" % type(e).__name__
            last = now
            if text:
                self.trip(text)

    def _look(self, dt, now):
        raw = self.sensor.read_raw()
        heater = self.heater
        if self.tripped is None and self.regulating:
            age = pace.ticks_diff(now, self.decided) / 1000
            if self.deadman.has_cut or age > self.guard.max_age:
                return "the control did not decide anything for %.1f s" % age
            if heater.power > self._maxheaterpower * 1.02 + 0.5:
                return "%.1f W is above the limit of %.1f W" % (heater.power, self._maxheaterpower)
        if abs(heater.real_power() - heater.power) > 0.02 * heater.max_power:
            return "the pin has %.1f W where %.1f W were set" % (heater.real_power(), heater.power)
        setpoint = self.target if self.regulating else None
        fault = self.sensor.fault(raw)
        return self.guard.step(dt, raw, fault, self.sensor.temperature(raw), setpoint, heater.power)
