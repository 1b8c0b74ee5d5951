"""A resistive heater that a transistor switches, driven by PWM.

wiring: 100 Ω to the gate of a MOSFET that switches the heater; a thermal cut-out and a fuse before the heater
"""

import time

from machine import PWM, Pin
from micropython import const
from secnode import pace

_FULL = const(65535)
_SLOWEST = const(20)  # Hz
_WRONG = const(1000)  # ms for which the pin may have another duty than it should
_RING = const(4)  # so many duties are remembered


class PWMHeater:
    """A heater of `resistance` ohm at `supply` volts, its transistor's gate at `pin`: a number or a Pin. Off when made.

        resistance: 0.01 to 1e5 Ω; heater: resistance
        supply: 1 to 60 V; heater: supply voltage
        frequency: 20 to 100000 Hz, whole; heater: frequency of the PWM

    `frequency` is the PWM's; 100 Hz is slow enough for any MOSFET without a driver. A board may have other bounds for it:
    describing a node says so. Raises ValueError below 20 Hz.
    """

    def __init__(self, pin, resistance, supply, frequency=100):
        if frequency < _SLOWEST:
            raise ValueError("the PWM of a heater is not slower than %d Hz" % _SLOWEST)
        self._pin = pin
        self._frequency = frequency
        self.max_power = supply * supply / resistance  # W
        self._scale = _FULL / self.max_power
        self.power = 0.0  # W, what it was set to
        self._duty = 0
        self._until = [pace.ticks_ms()] * _RING  # until when the pin should have
        self._was = [0] * _RING  # which duty
        self._next = 0
        self._wrong = None  # ticks since when the pin has another duty than it should
        self._pwm = None
        Pin(pin, Pin.OUT, value=0)

    def set_power(self, power):
        """Heat with `power` W, from 0 to max_power; what is beyond is taken as the nearer limit."""
        power = min(max(power, 0.0), self.max_power)
        if self._pwm is None:
            self._pwm = PWM(Pin(self._pin), freq=self._frequency, duty_u16=0)
        i = self._next
        self._next = (i + 1) % _RING
        self._until[i] = pace.ticks_ms()
        self._was[i] = self._duty
        self._duty = round(power * self._scale)
        self._pwm.duty_u16(self._duty)
        self.power = power

    def real_power(self):
        """What the pin's duty says, in W."""
        return self._pwm.duty_u16() / self._scale if self._pwm is not None else 0.0

    def fault(self):
        """Words where the pin has had another duty than it should, by 2 %, for longer than a second; None otherwise.

        It should have one between the lowest and the highest that were set within the last three periods: an ESP32 takes up
        a new one at the end of a period, and until then reads back the old one.
        """
        # integers: to compare powers takes 80 B
        duty = self._pwm.duty_u16() if self._pwm is not None else 0
        low = high = self._duty
        now = pace.ticks_ms()
        for i in range(_RING):
            # below 0: so old that the ticks have come round
            if 0 <= pace.ticks_diff(now, self._until[i]) * self._frequency <= 3000:
                low = min(low, self._was[i])
                high = max(high, self._was[i])
        if low - _FULL // 50 <= duty <= high + _FULL // 50:
            self._wrong = None
        elif self._wrong is None:
            self._wrong = now
        elif pace.ticks_diff(now, self._wrong) > _WRONG:
            return "the pin has %.1f W where %.1f W were set" % (duty / self._scale, self.power)

    def cut(self):
        """No power from the next period on. Allocates nothing, so that a timer's callback may call it."""
        if self._pwm is not None:
            self._pwm.duty_u16(0)
        self._duty = 0
        self.power = 0.0

    def off(self):
        """No power: duty 0, two periods' wait, then the pin as plain output at 0.

        A PWM that is only stopped freezes its pin as it was, perhaps high. Where a Ctrl-C comes meanwhile, call it again.
        """
        self.cut()
        pwm = self._pwm
        if pwm is not None:
            time.sleep_ms(2000 // self._frequency + 1)
            self._pwm = None  # a second call does not touch one that was stopped
            pwm.deinit()
        Pin(self._pin, Pin.OUT, value=0)
        self._wrong = None
