"""MicroPython's `machine` for the simulated board: pins that are wired to plant.py."""

import os

import board
from plant import Plant
from rtc import RTC
from secnode import pace
from uart import UART

__all__ = ("ADC", "PWM", "Pin", "RTC", "Timer", "UART")

plant = Plant(board.DIVIDER["series"])  # for tests to break
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


def jump(ms):
    """Time is about to jump by so much, and what counts it here is not to notice."""
    WDT._fed = pace.ticks_add(WDT._fed, ms)
    plant._last = pace.ticks_add(plant._last, ms)
    for timer in Timer._running:
        timer._due = pace.ticks_add(timer._due, ms)


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


class WDT:
    """The watchdog. It barks when the firmware looks at the clock, as Timer; once started it can't be stopped."""

    _timeout = 0
    _fed = 0

    def __init__(self, id=0, timeout=5000):
        self.feed()  # first: looking at the clock may be when it barks
        WDT._timeout = timeout

    def feed(self):
        WDT._fed = _ticks_ms()


PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
SOFT_RESET = 5

# what a reset leaves behind for the start that follows it; whoever starts the board starts it again
_CAUSE = os.getenv("SECNODE_RESET")


def reset_cause():
    """Why the board started last."""
    return _cause


def reset(cause=HARD_RESET):
    """At once, whatever is going on: nothing of the firmware runs any more, and pins are not driven."""
    WDT._timeout = 0
    for pin in levels:
        _drive(pin, 0)
    if _CAUSE:
        with open(_CAUSE, "w") as f:
            f.write(str(cause))
    os.system("kill -KILL $PPID")


def soft_reset():
    """As on a board: what `finally` asks for is done first."""
    raise SystemExit


def _find_cause():
    try:
        with open(_CAUSE) as f:
            cause = int(f.read())
        os.remove(_CAUSE)
        return cause
    except OSError:
        return PWRON_RESET


_cause = _find_cause() if _CAUSE else PWRON_RESET


def _ticks_with_timers():
    now = _ticks_ms()
    if WDT._timeout and pace.ticks_diff(now, WDT._fed) > WDT._timeout:
        reset(WDT_RESET)
    for timer in list(Timer._running):
        timer._fire(now)
    return now


_ticks_ms = pace.ticks_ms
pace.ticks_ms = _ticks_with_timers


class ADC:
    """An analogue input: 12 bits stretched to 16, noisy, as the RP2040's; and in volts, as an ESP32's."""

    ATTN_0DB = 0
    ATTN_11DB = 3

    def __init__(self, pin, atten=ATTN_0DB):
        self._look = _ratio[pin]
        self._top = 2.6 if atten == ADC.ATTN_11DB else 0.95  # V

    def read_u16(self):
        code = int(self._look() * 4096)
        code = min(max(code, 0), 4095)
        return code << 4 | code >> 8

    def read_uv(self):
        volts = min(self._look() * board.DIVIDER["supply"], self._top)
        return int(volts * 1000) * 1000 if volts >= 0.1 else 0
