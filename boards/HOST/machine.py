"""MicroPython's `machine` for the simulated board: pins that are wired to plant.py."""

import board
from plant import Plant

_plant = Plant()
_ratio = {board.SENSOR_ADC: _plant.sensor_ratio, board.OUTSIDE_ADC: _plant.outside_ratio}


def _drive(pin, duty):
    levels[pin] = duty
    if pin == board.HEATER_PIN:
        _plant.set_duty(duty)


# what each output pin has, 0 (low) to 1 (high), in between for PWM; for tests to look at
levels = {}


class Pin:
    """A pin; only outputs do something."""

    OUT = 1
    IN = 0

    def __init__(self, id, mode=-1, value=None):
        self.id = id
        if mode == Pin.OUT:
            _drive(id, value or 0)

    def value(self, value=None):
        if value is None:
            return round(levels.get(self.id, 0))
        _drive(self.id, value)


class PWM:
    """Pulse-width modulation of a pin. As on the boards it goes on when nobody looks after it any more."""

    def __init__(self, pin, freq=1000, duty_u16=0):
        self._pin = pin.id
        self._freq = freq
        self.duty_u16(duty_u16)

    def duty_u16(self, duty=None):
        if duty is None:
            return round(levels[self._pin] * 65535)
        _drive(self._pin, duty / 65535)

    def deinit(self):
        """Stopping freezes the pin as it is at that moment."""
        _drive(self._pin, 1.0 if levels[self._pin] > 0 else 0.0)


class ADC:
    """An analogue input: 12 bits stretched to 16, noisy, as the RP2040's."""

    def __init__(self, pin):
        self._look = _ratio[pin]

    def read_u16(self):
        code = int(self._look() * 4096)
        code = min(max(code, 0), 4095)
        return code << 4 | code >> 8
