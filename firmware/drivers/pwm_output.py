"""PWM as an analogue output: through a low-pass filter, or a converter module from PWM to 0-10 V.

wiring: a low-pass filter, or a converter module from PWM to 0-10 V
"""

import time

from micropython import const
from secnode import pace

_FULL = const(65535)


class PWMOutput:
    """PWMOutput(board.pwm(14, freq=1000), full=10) is 0 to 10 V by a converter that gives 10 V at a duty of 1.

        full: 0.001 to 1000; analogue output: what it gives at a duty of 1

    `full` is what the whole duty stands for, in `unit`. It begins and ends at 0. `inverted=True` where the converter gives
    `full` at a duty of 0: board.pwm() has to have safe=1 then. The step is full/65535, or what the frequency leaves
    of it: on an ESP32 80 MHz / frequency steps, on an RP2040 125 MHz / frequency.

    Raises ValueError where `full` is not above 0.
    """

    low = 0.0

    def __init__(self, pwm, full=10, unit="V", what="voltage", inverted=False):
        if not full > 0:
            raise ValueError("full has to be above 0")
        self._pwm = pwm
        self.high = full
        self.unit = unit
        self.what = what
        self._inverted = inverted
        self._safe = _FULL if inverted else 0
        self._duty = self._safe
        self._since = pace.ticks_ms()  # when it was set to that
        self._wait = 2000 // pwm.freq() + 1  # ms: an ESP32 takes up a duty at the end of a period, or of the next one
        self.trouble = ""  # why it does not drive, as words

    def set(self, value):
        """Give `value`, from 0 to `full`; what is beyond is taken as the nearer limit."""
        duty = min(max(round(value / self.high * _FULL), 0), _FULL)
        self._put(_FULL - duty if self._inverted else duty)

    def _put(self, duty):
        if self._pwm is not None:
            self._pwm.duty_u16(duty)
        self._duty = duty
        self._since = pace.ticks_ms()

    def read(self):
        """What the pin's duty says, in `unit`; `trouble` says it where that is another one than was set, by 2 %.

        An ESP32 has the former duty for up to two periods after set().
        """
        duty = self._pwm.duty_u16() if self._pwm is not None else self._safe
        if abs(duty - self._duty) <= _FULL // 50:
            self.trouble = ""
        elif not 0 <= pace.ticks_diff(pace.ticks_ms(), self._since) <= self._wait:
            self.trouble = "the pin has a duty of %.1f %% where %.1f %% were set" % (duty / 655.35, self._duty / 655.35)
        return (_FULL - duty if self._inverted else duty) * self.high / _FULL

    def cut(self):
        """To 0, from the next period on."""
        self._put(self._safe)

    def off(self):
        """To 0, and then no PWM any more: one that is stopped freezes its pin as it is. May be called again."""
        self.cut()
        pwm = self._pwm
        if pwm is not None:
            time.sleep_ms(self._wait)
            self._pwm = None
            pwm.deinit()
