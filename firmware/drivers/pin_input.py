"""Contacts and switched signals at a pin.

wiring: a contact to GND, or a signal of 0 and 3.3 V
"""

from micropython import const
from secnode import pace

_LONGEST = const(60000)  # ms


class PinInput:
    """What is at an input: PinInput(board.pin_in(14, "up"), on=0) is a contact to ground.

        debounce: 0 to 60000 ms, whole; input: time that a level has to stay

    `on` is the level, 0 or 1, at which it counts as on. A change counts once the level has stayed for `debounce` ms, 0 to
    60000, as far as those who call read() see it: modules look every 10 ms. Raises ValueError for another level or time.
    """

    def __init__(self, pin, on=1, debounce=20):
        if on not in (0, 1):
            raise ValueError("on is the level 0 or 1, not %r" % (on,))
        if not 0 <= debounce <= _LONGEST:
            raise ValueError("debounce is 0 to %d ms" % _LONGEST)
        self._pin = pin
        self._on = on
        self._debounce = debounce
        self._level = self._seen = pin.value()
        self._since = 0  # when it was seen with another level

    def read(self):
        """Whether it is on. Allocates nothing."""
        level = self._pin.value()
        if level != self._seen:
            self._seen = level
            self._since = pace.ticks_ms()
        if level != self._level and pace.ticks_diff(pace.ticks_ms(), self._since) >= self._debounce:
            self._level = level
        return self._level == self._on
