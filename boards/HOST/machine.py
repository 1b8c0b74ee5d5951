"""MicroPython's `machine` for the simulated board: pins that are wired to plant.py."""

import board
from plant import Plant
from secnode import pace

plant = Plant()  # for tests to break
_ratio = {board.SENSOR_ADC: plant.sensor_ratio, board.OUTSIDE_ADC: plant.outside_ratio}


def _drive(pin, duty):
    levels[pin] = duty
    if pin == board.HEATER_PIN:
        plant.set_duty(duty)


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


class Timer:
    """A timer, whose callbacks come when the firmware looks at the clock: at least every poll."""

    ONE_SHOT = 0
    PERIODIC = 1
    _running = []

    def __init__(self, id=-1):
        pass

    def init(self, mode=PERIODIC, period=-1, callback=None):
        self._period = period
        self._due = pace.ticks_add(_ticks_ms(), period)
        self._callback = callback
        self._mode = mode
        Timer._running.append(self)

    def deinit(self):
        if self in Timer._running:
            Timer._running.remove(self)

    def _fire(self, now):
        while self in Timer._running and pace.ticks_diff(now, self._due) >= 0:
            self._due = pace.ticks_add(self._due, self._period)
            if self._mode == Timer.ONE_SHOT:
                self.deinit()
            self._callback(self)


def _ticks_with_timers():
    now = _ticks_ms()
    for timer in list(Timer._running):
        timer._fire(now)
    return now


_ticks_ms = pace.ticks_ms
pace.ticks_ms = _ticks_with_timers


class ADC:
    """An analogue input: 12 bits stretched to 16, noisy, as the RP2040's."""

    def __init__(self, pin):
        self._look = _ratio[pin]

    def read_u16(self):
        code = int(self._look() * 4096)
        code = min(max(code, 0), 4095)
        return code << 4 | code >> 8
