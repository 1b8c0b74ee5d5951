"""The outputs that a node asks its board for: board.pin_out(), board.pwm(); and board.off(), which puts them all off.

Digital inputs as well, which are in inputs.py: board.pin_in(); pulse counters, in counters.py: board.counter(); step pulses, in
steppers.py: board.stepper(); and buses, in buses.py: board.i2c(), .spi(), .onewire(), .uart().

`secnode describe` runs the node's definition and notes each of them, with its safe level, in outputs.txt beside the node.
boot.py goes by that list before anything else, and off() at the end.
"""


def pin_out(pin, safe=0, pull_up=False):
    """A machine.Pin as output, at its safe level: the one at which what is connected there is off, 0 or 1.

    What is off at 1 (most relay boards) needs a resistor to 3V3: nothing drives the pin during a reset or in BOOTSEL mode.
    `pull_up=True` says that it has one. Without, `secnode describe` refuses the node.
    """
    from machine import Pin

    return Pin(pin, Pin.OUT, value=safe)


def pwm(pin, freq, safe=0, pull_up=False):
    """A machine.PWM of `freq` Hz at an output, as pin_out() has it, with the duty of its safe level."""
    from machine import PWM

    return PWM(pin_out(pin, safe, pull_up), freq=freq, duty_u16=65535 * safe)


def __getattr__(name):
    # of board.py, which takes this one over: a node without inputs and buses has no room for them
    if name == "pin_in":
        import inputs as room
    elif name == "counter":
        import counters as room
    elif name == "stepper":
        import steppers as room
    elif name in ("i2c", "spi", "onewire", "uart"):
        import buses as room
    else:
        raise AttributeError(name)
    return getattr(room, name)


def off():
    """Every output of the board and the node to its safe level; where the node's list can't be read, all heater pins low."""
    import board
    from machine import Pin

    for pin in board.OUTPUTS:
        Pin(pin, Pin.OUT, value=0)
    try:
        with open("outputs.txt") as f:
            for line in f:
                pin, safe = line.split()
                if pin == "=":
                    return  # it was whole
                Pin(int(pin), Pin.OUT, value=int(safe))
    except (OSError, ValueError, MemoryError):
        pass  # as if it had no end
    for pin in getattr(board, "HEATER_PINS", ()):
        Pin(pin, Pin.OUT, value=0)
