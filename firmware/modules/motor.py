"""A step motor: a stage, a shutter, a slit."""

from math import sqrt

from micropython import const
from secnode import pace
from secnode.datainfo import Bool, Double
from secnode.errors import Impossible
from secnode.module import BUSY, ERROR, IDLE, Command, Drivable, Parameter

_LOOK = const(10)  # ms between two looks
_RUN = 0.02  # s that a run of pulses takes: with those that wait 0.1 s are there in advance
_SHOWN = const(200)  # ms between two values while it moves
# what it does
_REST = const(0)
_MOVE = const(1)
_STOP = const(2)
_SEEK = const(3)  # towards the switch
_LEAVE = const(4)  # away from it, slowly, until it opens


class Motor(Drivable):
    """Moves by `stepper` (board.stepper()), with `steps` a unit, up to `speed` units/s, by a ramp of `acceleration` units/s^2.

    `low` and `high` are limit switches, objects with read(): drivers.pin_input.PinInput(..., debounce=0). It stops at once
    where the one that it goes towards is on. With `low` a target is refused until a reference run, `_home`, has found where
    that opens: this is `home` then, in units. Without switches it is at `home` at the start. `enable`, an object with set() and
    off() (drivers.pin_output.PinOutput), has it powered from the first motion until the node ends.

    stop() ends within the ramp, and what is there in advance: 0.1 s. Where the node hangs for longer than that it stands still.
    """

    value = Parameter(Double(), description="position, as counted")
    target = Parameter(Double(), readonly=False, description="where to go")
    _speed = Parameter(Double(0), readonly=False, description="units a second")
    _homed = Parameter(Bool(), description="whether the position is known")
    _home = Command(description="find the lower limit switch, and count from there")

    def __init__(self, stepper, steps, speed, acceleration, low=None, high=None, home=0, enable=None, **kwds):
        if not (steps > 0 and acceleration > 0 and 1 <= speed * steps <= stepper.highest):
            raise ValueError("steps and acceleration are above 0, and speed is 1 to %d steps a second" % stepper.highest)
        if "_speed" not in kwds:
            kwds["_speed"] = Parameter(
                Double(1 / steps, speed), readonly=False, default=speed, description="units a second, at most"
            )
        super().__init__(**kwds)
        self.stepper = stepper
        self._steps = steps
        self._acceleration = acceleration * steps
        self._slow = max(sqrt(self._acceleration / 2), 1.0)  # steps a second, at which it starts and stops
        self._low = low
        self._high = high
        self._at_home = round(home * steps)
        self._enable = enable
        self._doing = _REST
        self._hz = 0.0  # of the last run
        self._forward = True
        self._goal = stepper.position = self._at_home
        self._bound = 0  # steps that a reference run may take
        self._shown = pace.ticks_ms()
        self._homed = low is None
        self.value = self.target = home

    def read_value(self):
        return self.stepper.now() / self._steps

    def check_target(self, value):
        if not self._homed:
            raise Impossible("its position is not known: a reference run, _home, comes first")

    def write_target(self, value):
        self._goal = round(value * self._steps)
        self._go(_MOVE, "moving")

    def do__home(self):
        if self._low is None:
            raise Impossible("it has no switch to find")
        datainfo = self.accessibles["target"].definition.datainfo
        span = min(datainfo.max, 1e6) - max(datainfo.min, -1e6)
        self._bound = round(span * self._steps * 1.2) + 1000
        self._homed = False
        if self._doing == _REST:
            self.stepper.position = 0
            self._go(_LEAVE if self._low.read() else _SEEK, "reference run")
        else:
            raise Impossible("it moves: stop it first")

    def do_stop(self):
        if self._doing != _REST:
            self._go(_STOP, "stopping")

    def _go(self, doing, text):
        if self._enable:
            self._enable.set(True)
        self._doing = doing
        self.status = BUSY, text

    async def run(self):
        while True:
            if self._doing != _REST:
                self._look()
            await pace.sleep_ms(_LOOK)

    def _look(self):
        stepper = self.stepper
        left = stepper.left()
        low = self._low is not None and self._low.read()
        high = self._high is not None and self._high.read()
        doing = self._doing
        if doing == _LEAVE and not low:
            stepper.halt()
            self._hz = 0.0
            stepper.position = self._goal = self._at_home
            self._homed = True
            self.target = self._goal / self._steps
            return self._end(IDLE, "")
        if (low and high) or (left or self._hz) and (high if self._forward else low):
            stepper.halt()
            self._hz = 0.0
            if doing == _SEEK and low and not high:
                self._doing = _LEAVE
                return None
            self._homed = self._low is None
            text = "both limit switches are on" if low and high else "at the %s limit switch" % ("upper" if high else "lower")
            return self._end(ERROR, text)
        if doing in (_SEEK, _LEAVE) and abs(stepper.position) > self._bound:
            stepper.halt()
            self._hz = 0.0
            return self._end(ERROR, "the lower limit switch does not %s" % ("open" if doing == _LEAVE else "come"))
        while stepper.room() and self._feed(left):
            left = 1
        if not left and not self._hz and (doing == _STOP or doing == _MOVE and stepper.position == self._goal):
            if doing == _STOP:
                self.target = stepper.position / self._steps
            return self._end(IDLE, "")
        now = pace.ticks_ms()
        if not 0 <= pace.ticks_diff(now, self._shown) < _SHOWN:
            self._shown = now
            self.value = stepper.now() / self._steps
        return None

    def _feed(self, left):
        # put the next run, where there is one to put
        stepper = self.stepper
        hz = self._hz
        doing = self._doing
        most = min(self._speed * self._steps, stepper.highest)
        if doing == _LEAVE:
            most = self._slow
        if doing == _MOVE:
            way = self._goal - stepper.position
        elif doing == _STOP:
            way = 0
        else:
            way = self._bound * 2 if doing == _LEAVE else -self._bound * 2
        if not hz:
            if not way or left:
                return False  # it turns when it stands
            self._forward = way > 0
            stepper.turn(self._forward)
        if not self._forward:
            way = -way
        change = self._acceleration * _RUN
        # from which it can stop there, after this run
        limit = sqrt(change * change + self._slow * self._slow + 2 * self._acceleration * max(way, 0)) - change
        if way > 0:
            hz = max(min(hz + change, most, limit), hz - change)
        elif hz <= self._slow:
            self._hz = 0.0
            return False
        else:
            hz -= change
        hz = max(hz, min(self._slow, most))
        count = min(max(int(hz * _RUN), 1), stepper.most)
        if 0 < way <= count and hz <= limit + change:
            count = way
            self._hz = 0.0
        else:
            self._hz = hz
        stepper.put(count, hz)
        return True

    def _end(self, code, text):
        self._doing = _REST
        self.value = self.stepper.now() / self._steps
        self.status = code, text

    def cut(self):
        self.stepper.halt()
        self._hz = 0.0

    def off(self):
        self.cut()
        if self._enable:
            self._enable.off()
