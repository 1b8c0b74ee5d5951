"""The outputs of a heater, answering questions at either level (see ../properties/driver.py): on a pin that latches late."""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import driver  # puts the firmware on the path

from secnode import pace


class _Machine:
    """Stands in for `machine`: one pin, whose PWM takes up a duty when the test says so."""

    level = 0  # of the pin as an output
    stuck = None  # at which level, whatever it is set to
    callback = None  # of the timer, that the test lets tick
    frequency = None  # Hz
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
            return _Machine.level if _Machine.stuck is None else _Machine.stuck
        _Machine.level = value


class Timer:
    PERIODIC = 1

    def __init__(self, id):
        pass

    def init(self, freq, mode, callback):
        _Machine.callback = callback
        _Machine.frequency = freq


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
_Machine.Timer = Timer
sys.modules["machine"] = _Machine
pace.ticks_ms = lambda: _Machine.now & 0x3FFFFFFF

from drivers.pwm_heater import PWMHeater  # noqa: E402 - after its hardware
from drivers.relay_heater import RelayHeater  # noqa: E402


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


def relay(period, mains, begin, steps):
    """What is after each step: [ticks that the pin was high, times that it rose, real_power(), fault()].

    Steps: ["set", W], ["cut"], ["off"], ["tick", n], ["pass", ms] without a tick, ["stick", level or None]. 100 W at most; the
    guard's look at it four times a second is among the ticks.
    """
    _Machine.now = begin
    _Machine.level = 0
    _Machine.stuck = None
    RelayHeater._all = ()
    heater = RelayHeater(2, resistance=1.0, supply=10.0, period=period, mains=mains)
    said = []
    for what, *values in steps:
        high = rises = 0
        text = None
        if what == "set":
            heater.set_power(float(values[0]))
        elif what == "tick":
            for i in range(values[0]):
                before = _Machine.level
                begin += 1000 / mains
                _Machine.now = int(begin)
                _Machine.callback(None)
                high += _Machine.level
                rises += _Machine.level > before
                if i % (mains // 4) == 0:
                    text = heater.fault() or text
        elif what == "pass":
            begin += values[0]
            _Machine.now = int(begin)
        elif what == "stick":
            _Machine.stuck = values[0]
        else:
            getattr(heater, what)()
        said.append([high, rises, heater.real_power(), heater.fault() or text, _Machine.level])
    return said


def second_relay(first, second):
    """Two relays on the mains of so many Hz each; the frequency of their timer."""
    RelayHeater._all = ()
    for mains in (first, second):
        RelayHeater(2, resistance=1.0, supply=10.0, mains=mains)
    return _Machine.frequency


def relay_ticks():
    """Bytes that 100 ticks, a look and a cut allocate."""
    import gc

    RelayHeater._all = ()
    heater = RelayHeater(2, resistance=1.0, supply=10.0)
    heater.set_power(30.0)
    tick = _Machine.callback
    _Machine.now = 1000
    gc.collect()
    before = gc.mem_alloc()
    i = 0
    while i < 100:
        tick(None)
        i += 1
    heater.fault()
    heater.cut()
    return gc.mem_alloc() - before


OPERATIONS = (pwm, relay, second_relay, relay_ticks)

if __name__ == "__main__":
    driver.serve({operation.__name__: operation for operation in OPERATIONS})
