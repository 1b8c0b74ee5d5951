"""The pulse counters that a node asks its board for: board.counter(). Loaded when a node asks for the first one."""

_made = 0


def counter(pin, pull=None):
    """What counts the rising edges at a pin by hardware alone, for drivers.pulses.Pulses; `pull` as board.pin_in() has it.

    On an RP2040 or RP2350 a state machine of PIO; on an ESP32 or ESP32-S3 a unit of its pulse counter, for which MicroPython
    has to be 1.26 or newer. There are four, an ESP32 has eight (COUNTERS in its board.py), an ESP32-C3 none. Raises ValueError
    where there is none, or no other one.
    """
    global _made
    import board
    from inputs import pin_in

    pin = pin_in(pin, pull)
    _made += 1
    most = getattr(board, "COUNTERS", 4)
    if _made > most:
        raise ValueError("%s can count at %d pins, and this is one more" % (board.NAME, most))
    try:
        from machine import Counter  # type: ignore - an ESP32 has it
    except ImportError:
        Counter = None
    if Counter:
        from drivers.unit_counter import UnitCounter

        return UnitCounter(Counter, _made - 1, pin)
    try:
        from drivers.pio_counter import PIOCounter
    except ImportError:
        raise ValueError("this board has no pulse counter, or its MicroPython is older than 1.26")
    return PIOCounter(_made - 1, pin)
