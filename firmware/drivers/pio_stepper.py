"""Step pulses by PIO, on an RP2040 or RP2350: whatever the processor does meanwhile, each comes when it should.

    wiring: STEP or DIR of a driver for stepper motors, which takes 3.3 V

Source: RP2040 datasheet, chapter 3.4, "Instruction set".
"""
# ruff: noqa: F821 - rp2's assembler knows these names
# pyright: reportUndefinedVariable=false

import rp2  # type: ignore - no ESP32 has it

from micropython import const

_HZ = const(1000000)  # of the state machine
_X_ALL_ONES = const(0xA02B)  # mov(x, invert(null))
_ISR_X = const(0xA0C1)
_PUSH = const(0x8020)
_WAITING = const(4)  # runs that wait for their turn


@rp2.asm_pio(sideset_init=rp2.PIO.OUT_LOW, out_shiftdir=rp2.PIO.SHIFT_RIGHT)
def steps():
    # a word is a run of pulses: their number less one, 12 bits, and how long each half of one takes. x has how many are left
    pull(block).side(0)
    out(x, 12).side(0)
    label("step")
    mov(y, osr).side(1)
    label("high")
    jmp(y_dec, "high").side(1)
    mov(y, osr).side(0)
    label("low")
    jmp(y_dec, "low").side(0)
    jmp(x_dec, "step").side(0)


class PIOStepper:
    """Makes runs of equally spaced pulses, one after the other: four may wait. When they are made it stands still.

    `position` is where it will be then, in steps.
    """

    highest = 100000  # steps a second
    most = 4096  # steps of a run

    def __init__(self, number, step, direction):
        self._step = step
        self._direction = direction
        self._forward = True
        self.position = 0
        self._runs = [0] * _WAITING  # those that were put last, the last one first
        self._sm = rp2.StateMachine(number)
        self._init()

    def _init(self):
        self._sm.init(steps, freq=_HZ, sideset_base=self._step)
        self._sm.exec(_X_ALL_ONES)
        self._sm.active(1)

    def room(self):
        """How many runs may be put."""
        return _WAITING - self._sm.tx_fifo()

    def put(self, count, hz):
        """Make so many pulses, up to `most`, at so many a second, 1 to `highest`."""
        half = int((_HZ / hz - 5) / 2)
        self._sm.put(max(half, 0) << 12 | count - 1)
        runs = self._runs
        for i in range(_WAITING - 1, 0, -1):
            runs[i] = runs[i - 1]
        runs[0] = count
        self.position += count if self._forward else -count

    def left(self):
        """How many pulses are still to come."""
        while True:
            waiting = self._sm.tx_fifo()
            found = self._begun()
            if self._sm.tx_fifo() == waiting:
                break
        for i in range(waiting):
            found += self._runs[i]
        return found

    def _begun(self):
        # of the present run
        self._sm.exec(_ISR_X)
        self._sm.exec(_PUSH)
        return self._sm.get() + 1 & 0xFFFFFFFF

    def now(self):
        """Where it is, in steps."""
        return self.position - self.left() if self._forward else self.position + self.left()

    def turn(self, forward):
        """Which way it goes from now on; only while it stands."""
        self._forward = forward
        self._direction.value(int(forward))

    def halt(self):
        """Stop at once, without a ramp."""
        self._sm.active(0)
        for _ in range(3):
            if self._begun() or not self._sm.tx_fifo():
                break
            # between two runs, where x says nothing: a moment on
            self._sm.active(1)
            self._sm.active(0)
        self.position = self.now()
        self._init()
