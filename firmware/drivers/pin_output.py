"""What a pin switches: a relay, a valve, a lamp.

wiring: a relay board's input or a transistor's gate, never a coil
"""

from secnode.errors import HardwareError


class PinOutput:
    """PinOutput(board.pin_out(15)) is on at 1, PinOutput(board.pin_out(15, safe=1, pull_up=True), on=0) at 0.

    `safe` is the state in which it begins and ends, off unless this is true; it has to be that of board.pin_out()'s level.
    Raises ValueError for another level than 0 or 1.
    """

    def __init__(self, pin, on=1, safe=False):
        if on not in (0, 1):
            raise ValueError("on is the level 0 or 1, not %r" % (on,))
        self._pin = pin
        self._on = on
        self.safe = safe
        self._level = on if safe else 1 - on

    def set(self, on):
        """Switch it on (true) or off."""
        self._level = self._on if on else 1 - self._on
        self._pin.value(self._level)

    def read(self):
        """Whether it is on, by the level that the pin really has. Raises HardwareError where it was set to the other one."""
        level = self._pin.value()
        if level != self._level:
            words = ("low", "high") if self._level else ("high", "low")
            raise HardwareError("the pin is %s where it should be %s: it is shorted, or something else drives it" % words)
        return level == self._on

    def off(self):
        """To the safe state. Allocates nothing."""
        self.set(self.safe)
