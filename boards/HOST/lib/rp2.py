"""MicroPython's `rp2`: the parts of an RP2040 can be named and made, and nothing moves."""

import errno

from rest import fail


def _nothing(*args, **options):
    pass


def _none(self, *args):
    return 0


def const(value):
    return value


def country(code=None):
    import network

    return network.country(code)


def bootsel_button():
    """Nobody presses it."""
    return 0


class PIOASMError(Exception):
    pass


class PIOASMEmit:
    def __init__(self, **options):
        pass


def asm_pio(**options):
    """A decorator: the program is not assembled here."""
    return lambda program: program


def asm_pio_encode(instr, sideset_count, sideset_opt=False):
    return 0


class PIO:
    IN_LOW, IN_HIGH, OUT_LOW, OUT_HIGH = 0, 1, 2, 3
    SHIFT_LEFT, SHIFT_RIGHT = 0, 1
    JOIN_NONE, JOIN_TX, JOIN_RX = 0, 1, 2
    IRQ_SM0, IRQ_SM1, IRQ_SM2, IRQ_SM3 = 256, 512, 1024, 2048

    def __init__(self, id):
        pass

    def state_machine(self, id, program=None, **options):
        return StateMachine(id, program, **options)

    add_program = remove_program = irq = gpio_base = _nothing


class StateMachine:
    """It never runs: what is put is gone, and nothing comes. But for the program of drivers.pio_stepper: stepping.py."""

    def __init__(self, id, program=None, freq=-1, **options):
        self._active = 0
        self._steps = None
        self._pushed = 0
        self.init(program, freq, **options)

    def init(self, program=None, freq=-1, sideset_base=None, **options):
        if getattr(program, "__name__", "") == "steps":
            import stepping

            self._steps = stepping.Steps(sideset_base.id)

    restart = irq = _nothing
    rx_fifo = _none

    def exec(self, instruction):
        if instruction == 0xA0C1 and self._steps:
            self._pushed = self._steps.x()

    def put(self, value, shift=0):
        if self._steps:
            self._steps.put(value)

    def get(self, buf=None, shift=0):
        return self._pushed

    def tx_fifo(self):
        return self._steps.waiting() if self._steps else 0

    def active(self, on=None):
        if on is None:
            return self._active
        self._active = int(on)
        if self._steps:
            self._steps.advance()
            self._steps.on = self._active


class DMA:
    read = write = count = ctrl = channel = 0
    registers = ()

    config = irq = close = _nothing
    active = pack_ctrl = _none

    def unpack_ctrl(self, value):
        return {}


class Flash:
    """None of its blocks can be had."""

    def __init__(self, start=-1, len=-1):
        pass

    def readblocks(self, *args):
        fail(errno.EIO)

    writeblocks = ioctl = readblocks
