"""The outputs of a heater, answering questions at either level (see ../properties/driver.py): on a pin that latches late."""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import driver  # puts the firmware on the path

from secnode import pace


class _Machine:
    """Stands in for `machine`: one pin, whose PWM takes up a duty when the test says so."""

    level = 0  # of the pin as an output
    duty = None  # what its PWM has; None without
    wanted = 0  # what it was set to
    now = 0  # ms


class Pin:
    OUT = 1

    def __init__(self, id, mode=-1, value=None):
        if value is not None:
            _Machine.level = value

    def value(self, value=None):
        if value is None:
            return _Machine.level
        _Machine.level = value


class PWM:
    def __init__(self, pin, freq, duty_u16):
        _Machine.duty = _Machine.wanted = duty_u16

    def duty_u16(self, duty=None):
        if duty is None:
            return _Machine.duty
        _Machine.wanted = duty

    def deinit(self):
        _Machine.duty = None


_Machine.Pin = Pin
_Machine.PWM = PWM
sys.modules["machine"] = _Machine
pace.ticks_ms = lambda: _Machine.now & 0x3FFFFFFF

from drivers.pwm_heater import PWMHeater  # noqa: E402 - after its hardware


def pwm(frequency, begin, steps):
    """What fault() says after each step: ["set", W], ["cut"], ["pass", ms], ["latch"], ["duty", share], ["off"].

    100 W at most; the clock begins at `begin` ms.
    """
    _Machine.now = begin
    heater = PWMHeater(2, resistance=1.0, supply=10.0, frequency=frequency)
    said = []
    for what, *values in steps:
        if what == "set":
            heater.set_power(float(values[0]))
        elif what == "pass":
            _Machine.now += values[0]
        elif what == "latch":
            _Machine.duty = _Machine.wanted
        elif what == "duty":
            _Machine.duty = round(values[0] * 65535)
        else:
            getattr(heater, what)()
        said.append(heater.fault())
    return said


OPERATIONS = (pwm,)

if __name__ == "__main__":
    driver.serve({operation.__name__: operation for operation in OPERATIONS})
