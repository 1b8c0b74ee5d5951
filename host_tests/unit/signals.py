"""What hangs at pins, answering questions at a level (see ../properties/driver.py)."""

import gc
import sys
import time

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import driver  # puts the firmware on the path
from coded import decode, encode

from drivers import transmitter
from drivers.pin_input import PinInput
from drivers.pin_output import PinOutput
from drivers.pin_voltage import PinVoltage
from drivers.pwm_output import PWMOutput
from secnode import pace


class _Source:
    """Volts that a test says, at once or as a coroutine."""

    highest = 3.3
    volts = 0.0
    later = False

    async def _later(self):
        return self.volts

    def read(self):
        return self._later() if self.later else self.volts


class _ADC:
    def __init__(self, codes):
        self._codes = codes
        self._at = 0

    def read_u16(self):
        self._at = (self._at + 1) % len(self._codes)
        return self._codes[self._at]


class _Microvolts(_ADC):
    read_uv = _ADC.read_u16


class _Pin:
    level = 0
    shorted = None

    def value(self, value=None):
        if value is None:
            return self.level if self.shorted is None else self.shorted
        self.level = value


class _PWM:
    """That an ESP32's latches late does not matter here."""

    def __init__(self, duty):
        self.duty = duty
        self.ended = 0

    def freq(self):
        return 1000

    def duty_u16(self, duty=None):
        if duty is None:
            return self.duty
        self.duty = duty

    def deinit(self):
        self.ended += 1


_now = 0
_MOST = time.ticks_add(0, -1)  # the ticks come round after it


def _ticks():
    return _now & _MOST


pace.ticks_ms = _ticks


def convert(kind, keywords, volts, later=False):
    """For each voltage [value] or [class of the error, text]."""
    source = _Source()
    source.later = later
    keywords = {key: [tuple(p) for p in v] if key == "table" else v for key, v in keywords.items()}
    made = getattr(transmitter, kind)(source, **keywords)
    found = []
    for v in volts:
        source.volts = decode(v)
        try:
            value = made.read()
            if hasattr(value, "send"):
                try:
                    value.send(None)
                except StopIteration as e:
                    value = e.value
            found.append([encode(value)])
        except Exception as e:
            found.append([type(e).__name__, str(e)])
    return found


def pin_voltage(codes, uv=False, **keywords):
    return encode(PinVoltage((_Microvolts if uv else _ADC)(codes), **keywords).read())


def contact(on, debounce, steps, begin=0):
    """What it says at each step (ms after the one before, level)."""
    global _now
    _now = begin
    pin = _Pin()
    made = PinInput(pin, on, debounce)
    found = []
    for ms, level in steps:
        _now += ms
        pin.level = level
        found.append(made.read())
    return found


def output(on, safe):
    """Levels of the pin and states: made, on, off, on, at the end; then what a short says."""
    pin = _Pin()
    pin.level = on if safe else 1 - on
    made = PinOutput(pin, on, safe)
    found = [[pin.level, made.read()]]
    for state in (True, False, True):
        made.set(state)
        found.append([pin.level, made.read()])
    made.off()
    found.append([pin.level, made.read()])
    pin.shorted = 1 - pin.level
    try:
        made.read()
    except Exception as e:
        found.append([type(e).__name__, str(e)])
    return found


def by_pwm(full, values, inverted=False):
    """Duties and what is read back for values; at the end [duty, how often it was ended]."""
    pwm = _PWM(65535 if inverted else 0)
    made = PWMOutput(pwm, full, inverted=inverted)
    found = []
    for value in values:
        made.set(decode(value))
        found.append([pwm.duty, encode(made.read())])
        assert not made.trouble
    made.off()
    made.off()
    return found + [[pwm.duty, pwm.ended]]


def wrong_duty(set_to, has, ms, then):
    """`trouble` that many ms after it was set while the pin has that duty; and again once it has `then`."""
    global _now
    pwm = _PWM(0)
    made = PWMOutput(pwm, 10)
    made.set(set_to)
    found = []
    _now += ms
    for duty in (has, then):
        pwm.duty = duty
        made.read()
        found.append(made.trouble)
    return found


def taken(kind, keywords):
    """Bytes that a reading through an ADC keeps, and takes in between."""
    made = getattr(transmitter, kind)(PinVoltage(_ADC([20000])), **keywords)
    made.read()
    gc.collect()
    before = gc.mem_alloc()
    made.read()
    between = gc.mem_alloc() - before
    gc.collect()
    return [gc.mem_alloc() - before, between]


if __name__ == "__main__":
    driver.serve(
        {
            "convert": convert,
            "pin_voltage": pin_voltage,
            "contact": contact,
            "output": output,
            "by_pwm": by_pwm,
            "wrong_duty": wrong_duty,
            "taken": taken,
        }
    )
