"""Why a board started, by what its chip's registers hold, answering at a level (see ../properties/driver.py)."""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import driver  # puts the firmware on the path


class Machine:
    """Stands for `machine`."""

    PWRON_RESET = 1
    WDT_RESET = 3


sys.modules["machine"] = Machine

import cause  # noqa: E402 - after its stand-in


def starts(name, register, scratch, first, then):
    """Two starts of a board that calls itself `name`: each [reset_cause(), what CHIP_RESET holds, whether SCRATCH0 goes]."""
    Machine.mem32 = {scratch: 0x1234}
    found = []
    for number, bits, lost in (first, then):
        Machine.mem32[register] = bits
        if lost:
            Machine.mem32[scratch] = 0
        Machine.reset_cause = lambda number=number: number
        found.append(cause.why(name))
    return found


if __name__ == "__main__":
    driver.serve({"starts": starts})
