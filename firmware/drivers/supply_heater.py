"""A heater at a power supply that follows a voltage, 0 to 10 V or a DAC's, and that a pin of its own enables."""

from math import sqrt

from machine import Pin
from micropython import const
from secnode import pace
from secnode.errors import SECoPError

_WRONG = const(1000)  # ms for which the output may fail, or the pin have another level than it should


class SupplyHeater:
    """A heater of `resistance` ohm at a supply that gives `voltage` V when `output` is at its highest. Off when made.

        resistance: 0.01 to 1e5 Ω; heater: resistance
        voltage: 1 to 1000 V; heater: the supply's highest voltage

    `output` is what drivers.pwm_output.PWMOutput or drivers.mcp4725.MCP4725 are: the supply's voltage is in proportion to it.
    `enable` is a Pin from board.pin_out(), at which the supply is on with the level `on`: a relay before it, or its inhibit
    (`on=0`, where that is active high; the pin has safe=1 then).

    Off is by the pin alone, for a bus that is stuck leaves the output as it is, perhaps at full power. Where the output can't
    be set or read, the supply is off at once, and fault() says so after a second of that.

    Raises ValueError without `enable`, and where resistance or voltage are not above 0.
    """

    def __init__(self, output, resistance, voltage, enable=None, on=1):
        if enable is None:
            raise ValueError(
                "a heater at a power supply needs an enable pin, a relay's or the supply's inhibit: what sets its voltage "
                "can't switch it off where the bus is stuck"
            )
        if not (resistance > 0 and voltage > 0):
            raise ValueError("resistance and voltage have to be above 0")
        self._output = output
        self._enable = Pin(enable, Pin.OUT, value=1 - on)
        self._on = on
        self._off = 1 - on
        self._level = self._off  # that the pin should have
        self.max_power = voltage * voltage / resistance  # W
        self.power = 0.0  # W, what it was set to
        self._given = 0.0  # W, by the output as it was read last
        self._why = None  # why the output fails
        self._since = None  # ticks since when it does, or the pin is wrong

    def set_power(self, power):
        """Heat with `power` W, from 0 to max_power; what is beyond is taken as the nearer limit. 0 is off at once."""
        power = min(max(power, 0.0), self.max_power)
        if not power:
            return self.cut()
        try:
            self._output.set(self._output.high * sqrt(power / self.max_power))
        except (SECoPError, OSError) as e:
            self.cut()
            self._why = str(e)
            return
        self._why = None
        self._level = self._on
        self._enable.value(self._on)
        self.power = power

    def real_power(self):
        """What the output and the pin say, in W, as fault() found them last."""
        return self._given

    def fault(self):
        """Words where the output fails, or the pin has another level than it should, for longer than a second; None otherwise.

        Called at least once a second.
        """
        if self._level == self._on:
            try:
                share = self._output.read() / self._output.high
                self._given = share * share * self.max_power
                self._why = self._output.trouble or None
            except (SECoPError, OSError) as e:
                self._why = str(e)
            if self._why:
                self.cut()
        level = self._enable.value()
        if not self._why and level == self._level:
            self._since = None
            return None
        now = pace.ticks_ms()
        if self._since is None:
            self._since = now
        elif not 0 <= pace.ticks_diff(now, self._since) <= _WRONG:
            if self._why:
                return "the power supply's voltage can't be set, it is disabled: %s" % self._why
            return "the power supply's enable pin is %s where it should be %s" % (("high", "low") if level else ("low", "high"))

    def cut(self):
        """The supply is disabled at once, whatever its output is. Allocates nothing, so that a timer's callback may call it."""
        self._level = self._off
        self._enable.value(self._off)
        self.power = self._given = 0.0

    def off(self):
        """No power, and the output goes to its lowest, where it can be had. May be called again."""
        self.cut()
        self._why = self._since = None
        try:
            self._output.set(self._output.low)
        except (SECoPError, OSError):
            pass  # the pin is what counts
