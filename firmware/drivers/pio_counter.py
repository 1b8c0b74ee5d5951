"""Pulses counted by PIO, on an RP2040 or RP2350: whatever the processor does meanwhile, none is lost.

Source: RP2040 datasheet, chapter 3.4, "Instruction set".
"""
# ruff: noqa: F821 - rp2's assembler knows these names
# pyright: reportUndefinedVariable=false

import rp2  # type: ignore - no ESP32 has it

from micropython import const

_HZ = const(3000000)  # of the state machine
_MASK = const(0x3FFFFFFF)
# instructions that the processor has it carry out, encoded: rp2 would do so each time, and allocate
_X_ALL_ONES = const(0xA02B)  # mov(x, invert(null))
_Y_ALL_ONES = const(0xA04B)
_OSR_Y = const(0xA0E2)
_ISR_X = const(0xA0C1)
_ISR_Y = const(0xA0C2)
_ISR_OSR = const(0xA0C7)
_PUSH = const(0x8020)


@rp2.asm_pio()
def count():
    # x counts pulses down, y counts us down: every way through takes three cycles for each time that y is decremented; osr has
    # what y was at the last pulse
    label("high")
    jmp(y_dec, "h")
    label("h")
    jmp(pin, "high")[1]
    label("low")
    jmp(y_dec, "l")
    label("l")
    jmp(pin, "rise")
    jmp("low")
    label("rise")
    jmp(x_dec, "r")
    label("r")
    jmp(y_dec, "t")
    label("t")
    mov(osr, y)[1]


class PIOCounter:
    """What drivers.pulses.Pulses reads: look() sets `count`, and `at`, the moment of the last pulse, and `now`, in us.

    Counts come round after 2**30, times after 2**30 us. Both levels have to stay for 1.7 us: up to 250 kHz.
    """

    highest = 250000  # Hz
    exact = True

    def __init__(self, number, pin):
        self._sm = sm = rp2.StateMachine(number, count, freq=_HZ, jmp_pin=pin)
        for instruction in (_X_ALL_ONES, _Y_ALL_ONES, _OSR_Y):
            sm.exec(instruction)
        sm.active(1)
        self.look()

    def look(self):
        count = self._get(_ISR_X)
        self.at = self._get(_ISR_OSR)
        again = self._get(_ISR_X)
        self.now = self._get(_ISR_Y)
        if again != count:
            self.at = self.now  # there was one meanwhile, so the next one is near
        self.count = again

    def _get(self, into_isr):
        self._sm.exec(into_isr)
        self._sm.exec(_PUSH)
        return ~self._sm.get() & _MASK
