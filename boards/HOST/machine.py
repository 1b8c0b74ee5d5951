"""MicroPython's `machine` for the simulated board: pins that are wired to ovens.py; the rest: __getattr__."""

import math
import os
import sys

import board
import late
import pins
from ovens import Ovens
from plant import noise
from rtc import RTC
from secnode import pace
from uart import UART

__all__ = ("ADC", "PWM", "Pin", "RTC", "Timer", "UART")

ovens = Ovens(board)
plant = ovens.first  # for tests to break


def _drive(pin, duty, is_pwm=False):
    levels[pin] = duty
    ovens.drive(pin, duty, is_pwm)
    if "sim_buses" in sys.modules:
        sys.modules["sim_buses"].drive(pin, duty)


def watch(id, level, is_pwm):
    """Told of each pin, as it was given, that becomes an output. Whoever describes a node puts another one into its place."""
    late.look(id.id if isinstance(id, pins.Pin) else id)  # not Pin: a trial may have put another thing there


# what each output pin has, 0 (low) to 1 (high), in between for PWM; for tests to look at
levels = {}


# modules that MicroPython has on boards alone
for _folder in ("/lib", "/chips"):
    sys.path.append(__file__.rpartition("/")[0] + _folder)


def __getattr__(name):
    # loaded when a node asks for it: what it does not use takes no room
    if name.startswith("__"):
        raise AttributeError(name)
    if name in ("I2C", "SoftI2C", "I2CTarget", "SPI", "SoftSPI", "I2S"):
        return getattr(_sim_buses(), name)
    if name in ("Signal", "ADCBlock", "ADCWiPy", "DAC", "TouchPad", "Encoder"):
        return getattr(pins, name)
    if name == "Counter":
        from counting import Counter

        return Counter
    import rest

    return getattr(rest, name)


def _sim_buses():
    import models

    import sim_buses

    # what the chips measure: the block of the first heater, but for those that are on another one, and the weather
    models.sources.update({"temperature": _whole(ovens.first.outside), "hot": _whole(ovens.first.measured)})
    models.clock = _whole(pace.ticks_ms)
    sim_buses.measured = _whole(ovens.measured)
    return sim_buses


def _whole(function):
    # what looks at the clock in the midst of a transfer: no chip is pulled off by a line at the console meanwhile
    def call(*args):
        console = sys.modules.get("console")
        if not console:
            return function(*args)
        was, console.busy = console.busy, True
        try:
            return function(*args)
        finally:
            console.busy = was

    return call


class Pin(pins.Pin):
    """A pin; only outputs do something."""

    def __init__(self, id, mode=-1, pull=-1, value=None, drive=0, alt=-1):
        self.id = getattr(id, "id", id)
        self.init(mode, pull)
        if mode == Pin.IN:
            import wired  # noqa: F401 - from now on pins are asked for there
        if mode == Pin.OUT:
            watch(id, value or 0, False)
            ovens.opened(self.id, True)
            for pwm in PWM._late:
                if pwm._pin == self.id:
                    pwm._due = None  # it has lost its pin
            _drive(self.id, value or 0)

    def value(self, value=None):
        if value is None:
            level = levels.get(self.id, self.unwired)
            wired = sys.modules.get("wired")
            return wired.digital(self.id, level) if wired else round(level)
        _drive(self.id, value)


def jump(ms):
    """Time is about to jump by so much, and what counts it here is not to notice."""
    WDT._fed = pace.ticks_add(WDT._fed, ms)
    ovens.jump(ms)
    for timer in Timer._running:
        timer._due = pace.ticks_add(timer._due, ms)


class PWM(pins.PWM):
    """Pulse-width modulation of a pin. As on the boards it goes on when nobody looks after it any more.

    A new duty is latched as an ESP32 does it, which is the hardest for who looks: see PERIODS.
    """

    PERIODS = 2  # that an ESP32's LEDC takes at most to a new duty, and reads back the old one until then; an RP2040 0
    _late = []  # who has a duty that is not latched yet

    def __init__(self, pin, freq=1000, duty_u16=0, **more):
        self._pin = getattr(pin, "id", pin)
        low, high = getattr(board, "PWM_HZ", (freq, freq))
        if not low <= freq <= high:
            raise ValueError("PWM of this board has %d to %d Hz, not %s" % (low, high, freq))
        self._freq = freq
        self._due = None
        watch(pin, 0, True)
        _drive(self._pin, duty_u16 / 65535, True)  # a PWM begins with a period
        self.init(**more)

    def duty_u16(self, duty=None):
        if duty is None:
            pace.ticks_ms()  # what is due is latched
            return round(levels[self._pin] * 65535)
        self._duty = duty / 65535
        if self._due is None:  # else the newer one is latched in the place of the older one
            self._due = pace.ticks_add(_ticks_ms(), -(-1000 * PWM.PERIODS // self._freq))
            if self not in PWM._late:
                PWM._late.append(self)

    def _latch(self, now):
        if self not in PWM._late or self._due is not None and pace.ticks_diff(now, self._due) < 0:
            return  # driving a pin may look at the clock, which latches the others
        PWM._late.remove(self)
        if self._due is not None:
            self._due = None
            _drive(self._pin, self._duty, True)

    def deinit(self):
        """Stopping freezes the pin as it is at that moment."""
        pace.ticks_ms()
        self._due = None
        _drive(self._pin, 1.0 if levels[self._pin] > 0 else 0.0)


class Timer:
    """A timer, whose callbacks come when the firmware looks at the clock: at least every poll.

    What hangs on the pins sees each when it was due. Two objects of one number are the same timer, as on an ESP32.
    """

    ONE_SHOT = 0
    PERIODIC = 1
    _running = []
    _at = None  # ticks, while a callback is at work

    def __init__(self, id=-1, **options):
        self._id = id
        if options:
            self.init(**options)

    def init(self, mode=PERIODIC, period=-1, callback=None, freq=None, hard=False, tick_hz=1000):
        for other in [timer for timer in Timer._running if timer is self or timer._id == self._id >= 0]:
            other.deinit()
        self._period = period if freq is None else 1000 / freq
        self._us = 0  # beyond the ms
        self._due = _ticks_ms()
        self._go_on()
        self._callback = callback
        self._mode = mode
        Timer._running.append(self)

    def deinit(self):
        if self in Timer._running:
            Timer._running.remove(self)

    def value(self):
        return round(self._period - pace.ticks_diff(self._due, _ticks_ms()))

    def _go_on(self):
        us = self._us + round(self._period * 1000)
        self._due = pace.ticks_add(self._due, us // 1000)
        self._us = us % 1000

    def _fire(self):
        Timer._at = self._due
        self._go_on()
        if self._mode == Timer.ONE_SHOT:
            self.deinit()
        try:
            self._callback(self)
        finally:
            Timer._at = None


def _fire(now):
    # in the order in which they are due
    while Timer._running:
        first = Timer._running[0]
        if len(Timer._running) > 1:
            for timer in Timer._running:
                if pace.ticks_diff(timer._due, first._due) < 0:
                    first = timer
        if pace.ticks_diff(now, first._due) < 0:
            return
        first._fire()


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
    PWM._late.clear()
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


_seen = None  # ticks for which all of it was done: nothing is due twice within a millisecond


def _ticks_with_timers():
    global _seen
    if Timer._at is not None:
        return Timer._at
    now = _ticks_ms()
    if now == _seen:
        return now
    if WDT._timeout and pace.ticks_diff(now, WDT._fed) > WDT._timeout:
        reset(WDT_RESET)
    if PWM._late:
        for pwm in list(PWM._late):
            pwm._latch(now)
    if Timer._running:
        _fire(now)
    _seen = now
    return now


_ticks_ms = pace.ticks_ms
pace.ticks_ms = _ticks_with_timers


def _rp2040(x):
    """The code of an RP2040's ADC for `x` LSB: 512, 1536, 2560 and 3584 are 9 LSB wide, the others a bit narrower (E11)."""
    beyond = (x - 512 + 4.5) % 1024
    base = x - beyond + 4.5
    return round(base) if beyond < 9 else round(base) + 1 + int((beyond - 9) * 1023 / 1015)


def _esp32(volts):
    """What an ESP32 finds at 11 dB, once it is calibrated: up to 6 mV beside it, and above 2.45 V ever less."""
    volts += 0.006 * math.sin(4 * math.pi * volts / 2.45)
    return volts if volts < 2.45 else 2.45 + (volts - 2.45) / 2


class ADC(pins.ADC):
    """An analogue input: 12 bits stretched to 16, noisy and not linear, as the RP2040's; and in volts, as an ESP32's."""

    ATTN_0DB = 0
    ATTN_11DB = 3

    def __init__(self, pin, atten=ATTN_0DB, sample_ns=0):
        self._pin = getattr(pin, "id", pin)
        ovens.opened(self._pin, False)
        self._top = 2.6 if atten == ADC.ATTN_11DB else 0.95  # V
        if "supply" not in board.DIVIDER:
            self.read_uv = None  # a board that measures ratios alone has no such method
        import attached

        self._wired = None  # to a thermistor
        if attached.find("adc", self._pin):
            import wired

            self._wired = wired

    def _ratio(self, supply):
        # of the supply in V
        if self._wired:
            return self._wired.volts(self._pin) / supply + noise()
        return ovens.ratio(self._pin)

    def read_u16(self):
        code = min(max(_rp2040(self._ratio(3.3) * 4096), 0), 4095)
        return code << 4 | code >> 8

    def read_uv(self):
        supply = board.DIVIDER["supply"]
        volts = min(_esp32(self._ratio(supply) * supply), self._top)
        return int(volts * 1000) * 1000 if volts >= 0.1 else 0
