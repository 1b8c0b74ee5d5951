"""A heater for everyday use: ramps, arrival, autotune, open loop, and all that can be set."""

from control.autotune import Autotune
from control.guard import NOT_WARM, Guard
from control.jitter import Jitter
from control.ramp import Ramp
from control.settle import ARRIVED
from micropython import const
from modules.heater import Heater
from secnode import log, pace
from secnode.datainfo import Bool, Double, Int, String, Struct, Tuple
from secnode.errors import Impossible
from secnode.limits import Enable, Limit
from secnode.module import BUSY, ERROR, IDLE, RAMPING, STABILIZING, WARN, Command, Parameter, status_type

# who decides about the power
_NOBODY = const(0)
_TARGET = const(1)
_TUNER = const(2)
_OUTPUT = const(3)  # modules.heater_power

_GUARD = {
    "bad_readings": Int(1, 20),
    "hysteresis": Double(1, 50, unit="K"),
    "gain": Double(0.1, 20, unit="K"),
    "gain_time": Double(1, 3600, unit="s"),
    "max_error": Double(1, 100000, unit="K s"),
    "creep": Double(1, 50, unit="K"),
    "rest": Double(1, 3600, unit="s"),
    "surroundings": Double(-50, 100, unit="°C"),
    "max_rate": Double(0.1, 100, unit="K/s"),
    "stuck_time": Double(5, 3600, unit="s"),
    "max_age": Double(1, 10, unit="s"),
}
_GAINS = {
    "p": Double(0, 1e6, unit="W/K"),
    "i": Double(0, 1e6, unit="W/(K s)"),
    "d": Double(0, 1e6, unit="W s/K"),
    "filter": Double(0, 1e4, unit="s"),
}
_DEFAULTS = {"p": 14.0, "i": 1.4, "d": 14.0, "filter": 0.5}  # PID's


class Oven(Heater):
    """A Heater (modules/heater.py) with a ramp, sub-states, autotune and settings that are kept.

    A class derived from this, or the node, gives `target` its data type with min and max, and `_maxheaterpower` its own.
    `p`, `i`, `d` and `filter` may be given by name: what `_ctrlpars` has before anybody tunes it.
    Temperatures that clients see are the sensor's minus `offset`; the guard's are the sensor's.

    With `resume` it goes back to its target after a loss of power: not after a watchdog, an error or an orderly end, and
    not where it was off. Without, it stays off after every start.
    """

    value = Parameter(Double(unit="°C"), description="temperature")
    status = Parameter(
        status_type("IDLE", "WARN", "BUSY", "RAMPING", "STABILIZING", "ERROR"),
        description="what it does, and after an error what was seen",
        default=(IDLE, "off"),
    )
    target_limits = Limit(description="lowest and highest target that is taken", keep=True)
    ramp = Parameter(
        Double(0.1, 1000, unit="K/min"), readonly=False, default=10, checkable=True, keep=True,
        description="how fast the setpoint goes to the target, if ramp_enable is true",
    )  # fmt: skip
    ramp_enable = Enable(description="false: straight to the target", default=False, keep=True)
    setpoint = Parameter(Double(unit="°C"), description="where the ramp is now")
    time_to_target = Parameter(Double(0, unit="s"), description="expected until it is at the target")
    offset = Parameter(
        Double(-20, 20, unit="K"), readonly=False, default=0, checkable=True, keep=True, visibility="advanced",
        description="what the sensor says is more than the value by this",
    )  # fmt: skip
    control_active = Parameter(Bool(), default=False, description="whether it controls the temperature")
    stop = Command(description="stay at the present temperature; ends an autotune, heater off")
    hold = Command(description="stay where the ramp is; changing target, also to what it is, goes on")
    control_off = Command(description="heater off")
    _autotune = Command(
        Double(unit="°C"), checkable=True, visibility="advanced",
        description="find the control parameters around this temperature, by heating and cooling a few times",
    )  # fmt: skip
    _ctrlpars = Parameter(
        Struct(_GAINS, optional=tuple(_GAINS)), readonly=False, default=_DEFAULTS, keep=True, visibility="advanced",
        description="of the PID control",
    )  # fmt: skip
    _tolerance = Parameter(
        Double(0.01, 20, unit="K"), readonly=False, default=0.5, keep=True, visibility="advanced",
        description="so near it has arrived",
    )  # fmt: skip
    _settling_time = Parameter(
        Double(0, 3600, unit="s"), readonly=False, default=5, keep=True, visibility="advanced",
        description="so long it has to be that near; time outside is counted back",
    )  # fmt: skip
    _timeout = Parameter(
        Double(0, 86400, unit="s"), readonly=False, default=0, keep=True, visibility="advanced",
        description="so much later than expected is a warning; 0 for never",
    )  # fmt: skip
    _deadman = Parameter(
        Double(0, 86400, unit="s"), readonly=False, default=0, keep=True, visibility="advanced",
        description="heater off when no client said anything for so long; 0 for never",
    )  # fmt: skip
    _guard = Parameter(
        Struct(_GUARD, optional=tuple(_GUARD)), readonly=False, default={n: getattr(Guard, n) for n in _GUARD}, keep=True,
        visibility="expert", description="what switches it off, see docs/safety.md",
    )  # fmt: skip
    _plant = Parameter(
        Tuple(Double(0, unit="J/K"), Double(0, unit="s")), default=(0, 0), visibility="expert",
        description="heat capacity and lag, as the last autotune found them; 0 before",
    )  # fmt: skip
    _jitter = Parameter(
        Double(0, unit="ms"), visibility="expert", description="by which a control period was off its 200 ms, within a minute"
    )
    _started = Parameter(String(maxchars=120, isUTF8=True), visibility="expert", description="why the board started last")

    resuming = None  # modules.resuming.Resuming, where that is wanted

    def __init__(self, sensor, heater, deadman, minimum=None, maximum=None, resume=False, **kwds):
        if minimum is not None and maximum is not None:
            limit = Double(minimum, maximum, unit="°C")
            kwds["_allowed_range"] = Parameter(
                Tuple(limit, limit), readonly=False, default=(minimum, maximum), keep=True, visibility="expert",
                description="temperatures of the sensor, without offset, beyond which it is switched off",
            )  # fmt: skip
        gains = {name: kwds.pop(name) for name in _GAINS if name in kwds}
        super().__init__(sensor, heater, deadman, minimum, maximum, **kwds)
        if gains:
            values = dict(self._ctrlpars)
            values.update(gains)
            self._ctrlpars = values
        if resume:
            from modules.resuming import Resuming

            self.resuming = Resuming(self)
        self.output = None  # the module of open loop, see modules.heater_power
        self.decider = _NOBODY
        self.driving = False  # on the way to a target
        self.way = Ramp()
        self.tuner = None
        self.progress = None
        self.jitter = Jitter()
        self.heard = None
        self.silence = 0.0  # s
        self.before = None  # the status to go back to, after a warning of the guard
        self.wide = None  # words where the guard is as good as off, and
        self.calm = IDLE  # the status but for that
        # what the node's author gave is a default as well
        given = {n: getattr(self.guard, n) for n in _GUARD if getattr(self.guard, n) != getattr(Guard, n)}
        if given:
            values = dict(self._guard)
            values.update(given)
            self._guard = values
        for name in ("ramp", "ramp_enable", "_ctrlpars", "_tolerance", "_settling_time", "_timeout", "_guard"):
            getattr(self, "write_" + name)(getattr(self, name))

    # ---- what clients see

    def read_setpoint(self):
        return self.way.setpoint if self.decider == _TARGET else self.reading

    def read_time_to_target(self):
        # a ramp's is known; without one, and for the last bit, it is what plant and slope let expect
        if self.decider != _TARGET or self.settle.state == ARRIVED:
            return 0.0
        return self.way.time_to_target(self.target) or self._expected(self.target - self.reading)

    def read__jitter(self):
        return self.jitter.largest()

    def write_target(self, value):  # type: ignore - it may have to be awaited
        self.begin()
        if self.decider != _TARGET:
            self.pid.reset()
            self.way.start(self.reading)
        self.way.hold = False
        self.settle.reset()
        self._take(_TARGET)
        self.driving = True
        self._say_way(value)
        self.target = value
        self.show()
        return self._resumed(value)

    def write_ramp(self, value):
        self.way.rate = value
        self.settle.rate = value if self.ramp_enable else 0.0
        self.show()

    def write_ramp_enable(self, value):
        self.way.enabled = value
        self.settle.rate = self.ramp if value else 0.0
        self.show()

    def write__maxheaterpower(self, value):
        super().write__maxheaterpower(value)
        self._maxheaterpower = value
        self._judge_guard(self._guard)
        self.show()

    def write_offset(self, value):
        step = self.offset - value
        self.reading += step
        self.pid.shift(step)
        if not self.accessibles["value"].error:
            self.value = self.reading
            self.show()

    def write__ctrlpars(self, value):
        self.pid.tune(value["p"], value["i"], value["d"])
        self.pid.filter = value["filter"]

    def write__tolerance(self, value):
        self.settle.tolerance = value

    def write__settling_time(self, value):
        self.settle.time = value

    def write__timeout(self, value):
        self.settle.timeout = value

    def write__guard(self, value):
        for name, threshold in value.items():
            setattr(self.guard, name, threshold)
        self.guard.relax()
        self._judge_guard(value)

    def check__allowed_range(self, value):
        if value[0] >= value[1]:
            raise Impossible("the first one has to be below the second one")

    def write__allowed_range(self, value):
        self.allow(*value)

    def check__autotune(self, temperature):
        datainfo = self.accessibles["target"].definition.datainfo
        datainfo.check(temperature)
        low, high = self.target_limits
        if not low <= temperature <= high:
            raise Impossible("%g must be between %g and %g by target_limits" % (temperature, low, high))
        if self._maxheaterpower <= 0:
            raise Impossible("there is no power to tune with: _maxheaterpower is 0")

    def do__autotune(self, temperature):
        high, low = self.sensor.temperature(self.guard.high_raw), self.sensor.temperature(self.guard.low_raw)
        # first what needs memory: without it nothing has begun
        tuner = Autotune(temperature, self._maxheaterpower, most=max(high, low) - self.offset)
        self.begin()
        self._take(_TUNER)
        self.tuner = tuner
        self._say(BUSY, "autotune")
        return self._resumed(None)

    def do_stop(self):  # type: ignore - it may have to be awaited
        if self.decider == _TARGET:
            if self.settle.state == ARRIVED and not self.way.hold:
                return  # the target stays as it was set: the reading beside it is noise
            self.target = self.nearest_target(self.reading)
            self.way.start(self.target)
            self.way.hold = self.driving = False
            self.settle.reset()
            self._say(IDLE, "stopped, keeping the temperature")
            self.show()
            return self._resumed(self.target)
        if self.decider == _TUNER:
            return self.switch_off("autotune stopped, off")

    def do_hold(self):
        if self.decider == _TARGET:
            if self.way.setpoint == self.target:
                self.way.start(self.reading)
            self.way.hold = True
            self.driving = False
            self._say(IDLE, "holding at %.1f °C" % self.way.setpoint)
            self.show()
            held = self.read_setpoint()
            return self._resumed(self.nearest_target(self.target if self.target < held else held))

    def do_control_off(self):
        # open loop is the other module's
        if self.decider != _OUTPUT:
            return self.switch_off("off")

    # ---- for modules.heater_power

    def couple(self, output):
        """Let the module `output` show who decides, and decide about the power when it is asked to."""
        self.output = output

    def begin_output(self):
        """Let the module `output` decide about the power. Raises as begin() does. Gives what has to be awaited, or None."""
        self.begin()
        self._take(_OUTPUT)
        self._say(IDLE, "off, %s has the power" % self.output.name)
        self.show()
        return self._resumed(None)

    def switch_off(self, text):
        """Heater off, on purpose, whatever the status is; that of an error stays. Gives what has to be awaited, or None."""
        self.off()
        if self.healthy is not None:
            self.healthy = IDLE, text  # for when the value can be read again
        elif self.status[0] < ERROR:
            self._say(IDLE, text)
        self.show()
        return self.resuming.wait() if self.resuming else None

    # ---- what Heater asks

    def measure(self):
        return super().measure() - self.offset

    def goal(self):
        if self.decider == _TARGET:
            return self.way.setpoint + self.offset
        return self.tuner.target + self.offset if self.tuner else None

    def power(self, dt):
        if self.decider == _TARGET:
            return self.pid.step(self.way.step(self.target, dt), self.reading, self.guard.most, dt)
        if self.decider == _OUTPUT:
            return min(self.output.target, self._maxheaterpower)
        return self._tune(self.tuner, dt)

    def follow(self, dt):
        warning = self.guard.warning
        if warning and self.tuner:
            self.tuner.stop(warning)
            self._tuned(self.tuner)
        elif warning:
            if self.status[1] != warning:
                self.before = self.before or self.status
                self._say(WARN, warning)
            if self.decider == _TARGET:
                self.settle.step(self.target, self.reading, dt)
        else:
            if self.before:
                self._say(*self.before)
                self.before = None
            self._say_progress(dt)

    def _say_progress(self, dt):
        if self.decider == _TUNER:
            text = self.tuner.text
            if text is not self.progress:
                self.progress = text
                self._say(BUSY, "autotune: " + self.progress)
        elif self.decider == _TARGET:
            self.settle.step(self.target, self.reading, dt)
            self._say_way(self.target)

    def off(self):
        super().off()
        self.tuner = None
        if self.resuming:
            self.resuming.keep(None)
        self._take(_NOBODY)

    def trip(self, text):
        if self.tuner and not self.tuner.arrived and text.startswith(NOT_WARM):
            # no fault that is known: a long dead time, or too little power
            self.tuner.stop(text)
            self._tuned(self.tuner)
            return
        self.off()
        if self.resuming:
            self.resuming.save()  # before anybody is told
        super().trip(text)
        if self.output:
            self.output.status = self.status

    def do_clear_errors(self):
        super().do_clear_errors()
        if self.output:
            self.output.status = IDLE, ""

    def step(self, period):
        self.jitter.step(pace.ticks_ms(), period)
        if self._deadman and self.active:
            self._listen(period / 1000)
        else:
            self.silence = 0.0
        super().step(period)

    async def run(self):
        self._started = self.node.started
        if self.node.store and self.node.store.get(self.name, "plant"):
            from modules import plant

            plant.recall(self)
        self._judge_guard(self._guard)
        if self.resuming:
            await self.resuming.begin()
        await super().run()

    # ---- inner workings

    def show(self):
        """Say what somebody's change has altered besides, rather than with the next poll."""
        self.setpoint = self.read_setpoint()
        self.time_to_target = self.read_time_to_target()
        if self.output:
            self.output.value = self.output.read_value()

    def _expected(self, distance):
        """In how many s the temperature may have changed by `distance` K: at its present slope, before by what is known."""
        capacity, lag = self._plant
        slope = self.pid.slope
        # before an autotune as the slowest plant that the guard takes by default; so, too, where it has to cool down
        rate = Guard.gain / Guard.gain_time  # K/s
        if capacity and distance > 0:
            rate = max(self._maxheaterpower, 0.001) / capacity
        if distance < 0:
            slope = -slope
        distance = abs(distance)
        if distance <= self._tolerance:
            return 0.0
        return distance / slope if slope > rate / 4 else lag + distance / rate

    def _take(self, decider):
        self.decider = decider
        self.tuner = self.tuner if decider == _TUNER else None
        self.driving = False
        self.before = None
        self.control_active = decider in (_TARGET, _TUNER)
        if self.output:
            self.output.tell(decider == _OUTPUT, self.control_active)

    def _judge_guard(self, values):
        """Say as long as it lasts that the guard's thresholds are so wide that it is as good as off."""
        if self._plant[0] or max(values["gain_time"], values["stuck_time"], values["max_error"] / 10) > Guard.gain_time:
            from modules import plant

            wide = plant.wide(self, values)
        else:
            wide = None
        last, self.wide = self.wide, wide
        if self.status[0] < ERROR and (wide or last):
            text = self.status[1]
            self._say(self.calm if last else self.status[0], text.replace("; " + last, "") if last else text)

    def _say(self, code, text):
        self.calm = code
        if self.wide and self.wide not in text:
            text = "%s; %s" % (text, self.wide)
        if self.wide and code == IDLE:
            code = WARN
        status = self.status
        if status[0] != code or status[1] != text:
            self.status = code, text

    def _say_way(self, target):
        state = self.settle.state
        if self.way.hold:
            return
        if state == ARRIVED:
            self.driving = False
            self._say(IDLE, "at target")
        elif state == "left":
            self._say(WARN, "it has left the target by more than %g K" % self._tolerance)
        elif self.driving:
            if self.way.enabled and self.way.setpoint != target:
                self._say(RAMPING, "ramping")
            elif state == "timed out":
                self.driving = False
                self._say(WARN, "not at the target in time")
            elif state == "stabilizing":
                self._say(STABILIZING, "stabilizing")
            else:
                self._say(STABILIZING, "heating" if target > self.reading else "cooling")

    def _tune(self, tuner, dt):
        tuner.limit(self._maxheaterpower)
        power = tuner.step(self.reading, dt)
        if tuner.done:
            self._tuned(tuner)
        return min(power, self._maxheaterpower)

    def _tuned(self, tuner):
        if tuner.error:
            self.off()
            self._say(WARN, "autotune failed: " + tuner.error)
            log.error(self.name, "autotune failed: %s", tuner.error)
        else:
            found = {"p": tuner.p, "i": tuner.i, "d": tuner.d, "filter": tuner.filter}
            self.write__ctrlpars(found)
            self._ctrlpars = found
            from modules import plant

            self.switch_off("autotuned, off: " + tuner.text + plant.found(self, tuner.capacity, tuner.lag))
            log.info(self.name, "autotuned: %s", tuner.text)

    def _listen(self, dt):
        if self.heard != self.node.heard:
            self.heard = self.node.heard
            self.silence = 0.0
        self.silence += dt
        if self.silence > self._deadman:
            self.silence = 0.0
            self.trip("no client said anything for %d s" % self._deadman)

    def _resumed(self, value):
        """Note the target that is resumed after a loss of power, None for none. Gives what has to be awaited, or None."""
        if self.resuming:
            self.resuming.keep(value)
            return self.resuming.wait()
