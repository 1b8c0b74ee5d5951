"""What PIO makes of drivers.pio_stepper's program on the simulated board: runs of pulses, each when it is due.

What a node attaches to the step pin gets them: attach("steps", 10, model), a function of (number of pulses, level), in which
level(11) tells the way. Loaded for a node that has such a motor.
"""

import attached
import wired
from secnode import pace


class Steps:
    def __init__(self, pin):
        self._pin = pin
        self._words = []
        self._left = 0  # pulses of the present run
        self._period = 0  # us
        self._us = 0  # of it that have gone
        self._then = pace.ticks_ms()
        self.on = 0

    def put(self, word):
        self.advance()
        assert len(self._words) < 4, "a board would wait here"
        self._words.append(word)
        self.advance()

    def waiting(self):
        self.advance()
        return len(self._words)

    def x(self):
        """As it is pushed: of the present run, less one."""
        self.advance()
        return (self._left - 1) & 0xFFFFFFFF

    def advance(self):
        now = pace.ticks_ms()
        us = pace.ticks_diff(now, self._then) * 1000
        self._then = now
        if not self.on:
            return
        made = 0
        while True:
            if not self._left:
                if not self._words:
                    break
                word = self._words.pop(0)
                self._left = (word & 0xFFF) + 1
                self._period = 2 * (word >> 12) + 5
                self._us = 0
            some = min((us + self._us) // self._period, self._left)
            self._left -= some
            made += some
            if self._left:
                self._us += us - some * self._period
                break
            us -= some * self._period - self._us
            self._us = 0
        model = attached.find("steps", self._pin)
        if made and model:
            model(made, wired.level)
