"""The digital inputs that a node asks its board for: board.pin_in(). Loaded when a node asks for the first one."""


def pin_in(pin, pull=None):
    """A machine.Pin as input; `pull` is "up", "down" or None: the chip's own resistor, of some 50 kOhm.

    A contact to ground wants "up". With wires of more than a metre give it a resistor of 1 to 10 kOhm of its own.
    """
    from machine import Pin

    if pull not in (None, "up", "down"):
        raise ValueError('pull is "up", "down" or None, not %r' % (pull,))
    if pull is None:
        return Pin(pin, Pin.IN)
    return Pin(pin, Pin.IN, Pin.PULL_UP if pull == "up" else Pin.PULL_DOWN)
