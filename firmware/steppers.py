"""The step pulses that a node asks its board for: board.stepper(). Loaded when a node asks for the first one."""

_made = 0


def stepper(step, direction):
    """What makes step pulses at the pin `step`, with the way at the pin `direction`, by hardware alone: for modules.motor.

    On an RP2040 or RP2350, by PIO: three at most. Raises ValueError on others, and for a fourth.
    """
    global _made
    from outputs import pin_out

    step = pin_out(step)
    direction = pin_out(direction)
    try:
        from drivers.pio_stepper import PIOStepper
    except ImportError:
        import board

        raise ValueError("%s has nothing that makes step pulses by itself; an RP2040 or RP2350 has, by PIO" % board.NAME)
    _made += 1
    if _made > 3:
        raise ValueError("step pulses can be made for three motors, and this is one more")
    return PIOStepper(8 - _made, step, direction)  # from the end: a Pico W's radio takes one as well
