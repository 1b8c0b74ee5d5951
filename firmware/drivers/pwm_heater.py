"""A resistive heater that a transistor switches, driven by PWM."""

import time

from machine import PWM, Pin
from micropython import const

_FREQUENCY = const(100)  # Hz: slow enough for any MOSFET without a driver
_FULL = const(65535)


class PWMHeater:
    """A heater of `resistance` ohm at `supply` volts, its transistor's gate at `pin`: a number or a Pin. Off when made."""

    def __init__(self, pin, resistance, supply):
        self._pin = pin
        self.max_power = supply * supply / resistance  # W
        self._scale = _FULL / self.max_power
        self.power = 0.0  # W, what it was set to
        self._pwm = None
        Pin(pin, Pin.OUT, value=0)

    def set_power(self, power):
        """Heat with `power` W, from 0 to max_power; what is beyond is taken as the nearer limit."""
        power = min(max(power, 0.0), self.max_power)
        if self._pwm is None:
            self._pwm = PWM(Pin(self._pin), freq=_FREQUENCY, duty_u16=0)
        self._pwm.duty_u16(round(power * self._scale))
        self.power = power

    def real_power(self):
        """What the pin's duty says, in W."""
        return self._pwm.duty_u16() / self._scale if self._pwm is not None else 0.0

    def fault(self):
        """Words for a duty at the pin that is not what `power` asks for, to 2 %; None where it is."""
        # integers: to compare powers takes 80 B
        duty = self._pwm.duty_u16() if self._pwm is not None else 0
        if abs(duty - round(self.power * self._scale)) > _FULL // 50:
            return "the pin has %.1f W where %.1f W were set" % (duty / self._scale, self.power)

    def cut(self):
        """No power from the next period on. Allocates nothing, so that a timer's callback may call it."""
        if self._pwm is not None:
            self._pwm.duty_u16(0)
        self.power = 0.0

    def off(self):
        """No power: duty 0, one period's wait, then the pin as plain output at 0.

        A PWM that is only stopped freezes its pin as it was, perhaps high.
        """
        if self._pwm is not None:
            self._pwm.duty_u16(0)
            time.sleep_ms(1000 // _FREQUENCY + 1)
            self._pwm.deinit()
            self._pwm = None
        Pin(self._pin, Pin.OUT, value=0)
        self.power = 0.0
