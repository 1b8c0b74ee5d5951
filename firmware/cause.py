"""Why the board started. running.py asks once, and forgets this file."""

import sys

import machine
from micropython import const

# by their names in `machine`; ports have some of them
_CAUSES = {
    "PWRON_RESET": "power on",
    "HARD_RESET": "reset",
    "WDT_RESET": "watchdog or reset",
    "SOFT_RESET": "soft reset",
}
# MicroPython calls it "power on" there also after the button RUN and after a soft reset. By a chip's name, from its datasheet:
# the register CHIP_RESET, the bits of it for a loss of power (RP2350: or a brown-out) and for the pin RUN, and the watchdog's
# SCRATCH0, which holds a word until the power or RUN resets it
_CHIPS = {
    "RP2040": (0x40064008, 0x100, 0x10000, 0x4005800C),
    "RP2350": (0x4010002C, 0x30000, 0x40000, 0x400D800C),
}
_MARK = const(0x5EC0DE)


def why(name=None):
    """Words, and whether power had been lost. `name` is what the board's MicroPython calls itself."""
    cause = machine.reset_cause()
    words, lost = "reset cause %s" % cause, False
    for constant, text in _CAUSES.items():
        if cause == getattr(machine, constant, None):
            words, lost = text, constant == "PWRON_RESET"
    name = name or getattr(sys.implementation, "_machine", "")
    for chip, (register, power, run, scratch) in _CHIPS.items():
        if chip in name:
            bits = machine.mem32[register]
            ran = machine.mem32[scratch] == _MARK
            machine.mem32[scratch] = _MARK
            if lost:
                if ran:
                    return "soft reset", False
                if bits & run:
                    return "button RUN", False
                if not bits & power:
                    return "reset", False
    return words, lost
