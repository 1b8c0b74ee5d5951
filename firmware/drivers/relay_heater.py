"""A resistive heater that a solid-state relay switches: time-proportional control, also called slow PWM.

wiring: the control input of a solid-state relay for the mains; a thermal cut-out and a fuse before the heater
"""

from machine import Pin, Timer
from micropython import const
from secnode import pace

_FULL = const(65535)
_HALF = const(32768)
_WRONG = const(1000)  # ms for which the pin may have another level than it should, or the timer may not tick


class RelayHeater:
    """A heater of `resistance` ohm at `supply` volts (RMS), its relay's input at `pin`, a number or a Pin. Off when made.

        resistance: 0.01 to 1e5 Ω; heater: resistance
        supply: 1 to 400 V; heater: supply voltage
        period: 0.5 to 60 s; heater: period of the relay's switching
        mains: 50 or 60 Hz; heater: frequency of the mains

    The relay is on for a share of each `period`, 0.5 to 60 s, in whole periods of the mains: `mains` is 50 or 60 Hz. Nothing
    follows the mains' phase: a relay that switches at the zero crossing does that. What a period could not give, since it
    is less than one of the mains, the next one gives. `timer` is board.RELAY_TIMER; all relays share it.

    Raises ValueError for another period or mains, and where two relays are on different mains.
    """

    _all = ()
    _timer = None

    def __init__(self, pin, resistance, supply, period=2, mains=50, timer=-1):
        if not 0.5 <= period <= 60:
            raise ValueError("the period of a relay's output is 0.5 to 60 s, not %s" % period)
        if mains not in (50, 60):
            raise ValueError("the mains has 50 or 60 Hz, not %s" % mains)
        if RelayHeater._all and RelayHeater._all[0]._mains != mains:
            raise ValueError("all relays of a board are on the same mains, of 50 or of 60 Hz")
        self._pin = pin
        self._out = Pin(pin, Pin.OUT, value=0)
        self._mains = mains
        self._ticks = round(period * mains)  # in a period
        self.max_power = supply * supply / resistance  # W
        self.power = 0.0  # W, what it was set to
        self._duty = 0  # of _FULL
        self._width = _HALF  # what is owed when it goes on, so that it does so once in a period
        self._owed = 0  # what was asked for and not given yet; _FULL is a tick with the relay on
        self._level = 0  # that the pin should have
        self._wrong = 0  # ticks with another one,
        self._right = 0  # those without since then,
        self._had = 0  # and what it was
        self._count = self._high = 0  # ticks, and those with the pin high, since it went on last
        self._share = None  # of _FULL, as the pin had it until then
        self._ticked = True
        self._since = pace.ticks_ms()  # when the timer was seen to tick
        if not RelayHeater._all:
            RelayHeater._timer = Timer(timer)
            RelayHeater._timer.init(freq=mains, mode=Timer.PERIODIC, callback=_tick)
        RelayHeater._all += (self,)

    def set_power(self, power):
        """Heat with `power` W on average, from 0 to max_power; what is beyond is the nearer limit. 0 is off at once."""
        power = min(max(power, 0.0), self.max_power)
        share = power / self.max_power
        duty = round(share * _FULL)
        if not duty:
            return self.cut()
        self._width = width = max(round(share * (1 - share) * self._ticks * _FULL), _HALF)
        if not self._duty:
            self._owed = width  # it begins with what is on
            self._share = None
            self._count = self._high = 0
        elif self._owed > width:
            self._owed = width  # less is wanted now
        self._duty = duty
        self.power = power

    def real_power(self):
        """What the pin's levels in the last period say, in W; within the first one what was set."""
        share = self._share
        return self.power if share is None else share * self.max_power / _FULL

    def fault(self):
        """Words where the pin has had another level than it should for a second in all, or nothing switches it; else None.

        Called at least once a second.
        """
        now = pace.ticks_ms()
        if self._ticked:
            self._ticked = False
            self._since = now
        elif pace.ticks_diff(now, self._since) > _WRONG:
            return "nothing switches the relay: its timer does not tick"
        if self._wrong * 1000 > _WRONG * self._mains:
            return "the relay's pin is %s where it should be %s" % (("low", "high") if self._had == 0 else ("high", "low"))

    def cut(self):
        """No power from now on, from the mains' next zero. Allocates nothing, so that a timer's callback may call it."""
        self._duty = self._owed = 0
        self._level = 0
        self._out.value(0)
        self.power = 0.0
        self._share = 0

    def off(self):
        """No power, and the pin is a plain output at 0. Where a Ctrl-C comes meanwhile, call it again."""
        self.cut()
        Pin(self._pin, Pin.OUT, value=0)
        self._wrong = 0

    def _step(self):
        # once in a period of the mains, by the timer: nothing here allocates
        self._ticked = True
        had = self._out.value()
        if had == self._level:
            self._right += 1
            if self._right > 4 * self._ticks:
                self._wrong = 0
        else:
            self._right = 0
            self._wrong += 1
            self._had = had
        self._high += had
        self._count += 1
        level = 0
        if self._duty:
            owed = self._owed + self._duty
            if owed >= (_HALF if self._level else self._width):
                level = 1
                owed -= _FULL
            self._owed = owed
            if self._count >= self._ticks and (level > self._level or self._count >= 3 * self._ticks):
                self._share = self._high * _FULL // self._count
                self._count = self._high = 0
        self._level = level
        self._out.value(level)


def _tick(_):
    for relay in RelayHeater._all:
        relay._step()


def end():
    """No more callbacks, ever, as drivers.deadman has it."""
    if RelayHeater._timer:
        RelayHeater._timer.deinit()
