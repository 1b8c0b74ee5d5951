"""What pins of boards have beside what the plant needs (machine.py): constants, pulls and interrupts; and what hangs on pins.

Nothing is wired to these pins but what a node attaches (wired.py). An input shows what its pull makes of it, and nothing
interrupts.
"""


def _nothing(*args, **options):
    pass


class _Names:
    """Pin.board.X and Pin.cpu.X."""

    def __getattr__(self, name):
        from machine import Pin

        return Pin(name)


class Pin:
    """Numbers as an ESP32 has them where the ports differ."""

    IN, OUT, OPEN_DRAIN, ALT, ALT_OPEN_DRAIN, ANALOG = 0, 1, 2, 3, 4, 5
    PULL_UP, PULL_DOWN, PULL_HOLD = 1, 2, 4
    IRQ_FALLING, IRQ_RISING, IRQ_LOW_LEVEL, IRQ_HIGH_LEVEL = 4, 8, 1, 2
    WAKE_LOW, WAKE_HIGH = 4, 5
    DRIVE_0, DRIVE_1, DRIVE_2, DRIVE_3 = 0, 1, 2, 3
    ALT_SPI, ALT_UART, ALT_I2C, ALT_PWM, ALT_SIO, ALT_PIO0, ALT_PIO1, ALT_GPCK, ALT_USB = 1, 2, 3, 4, 5, 6, 7, 8, 9
    board = cpu = _Names()
    unwired = 0  # what it reads where nothing drives it
    irq = _nothing

    def init(self, mode=-1, pull=-1, value=None, drive=0, alt=-1):
        self._mode = mode
        self.pull(pull)
        if value is not None:
            self.value(value)

    def pull(self, pull=None):
        if pull is None:
            return self._pull
        self._pull = pull
        self.unwired = 1 if pull == Pin.PULL_UP else 0

    def mode(self, mode=None):
        if mode is None:
            return self._mode
        self._mode = mode

    def drive(self, drive=0):
        return drive

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    high, low = on, off

    def toggle(self):
        self.value(1 - self.value())

    def __call__(self, *value):
        return self.value(*value)


class PWM:
    """Beside duty_u16()."""

    def init(self, freq=None, duty_u16=None, duty_ns=None, duty=None, invert=0):
        if freq is not None:
            self.freq(freq)
        if duty is not None:
            self.duty(duty)
        if duty_ns is not None:
            self.duty_ns(duty_ns)
        if duty_u16 is not None:
            self.duty_u16(duty_u16)

    def freq(self, freq=None):
        if freq is None:
            return self._freq
        self._freq = freq

    def duty(self, duty=None):
        """Of 1023, on an ESP32."""
        if duty is None:
            return self.duty_u16() >> 6
        self.duty_u16(duty << 6)

    def duty_ns(self, ns=None):
        if ns is None:
            return self.duty_u16() * 1000000000 // (self._freq * 65535)
        self.duty_u16(min(ns * self._freq * 65535 // 1000000000, 65535))


class ADC:
    """Beside read_u16() and read_uv(). Where nothing is wired an input floats near ground."""

    ATTN_2_5DB, ATTN_6DB = 1, 2
    WIDTH_9BIT, WIDTH_10BIT, WIDTH_11BIT, WIDTH_12BIT, WIDTH_13BIT = 9, 10, 11, 12, 13
    CORE_TEMP, CORE_VBAT, CORE_VREF, VREF = 4, 3, 2, 1
    init = deinit = width = _nothing

    def atten(self, atten):
        self._top = (0.95, 1.25, 1.75, 2.6)[atten]

    def read(self):
        return self.read_u16() >> 4

    def block(self):
        return ADCBlock(1)


def floating():
    """One conversion of an input that nothing is wired to, 0 to 1."""
    from plant import noise

    return abs(noise())


class ADCBlock:
    def __init__(self, id, bits=12):
        pass

    init = _nothing

    def connect(self, channel, source=None):
        from machine import ADC

        return ADC(source or channel)


class ADCWiPy:
    def __init__(self, id=0, bits=12):
        pass

    def channel(self, id=None, pin=None):
        from machine import ADC

        return ADC(pin or id)


class Signal:
    """A pin that may be inverted."""

    def __init__(self, pin, *args, invert=False, **options):
        if args or options:
            from machine import Pin

            pin = Pin(pin, *args, **options)
        self._pin = pin
        self._invert = invert

    def value(self, value=None):
        if value is None:
            return self._pin.value() ^ bool(self._invert)
        self._pin.value(bool(value) ^ bool(self._invert))

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def __call__(self, *value):
        return self.value(*value)


class DAC:
    def __init__(self, pin, bits=8):
        pass

    write = deinit = _nothing


class TouchPad:
    """Nobody touches it."""

    def __init__(self, pin):
        pass

    config = _nothing

    def read(self):
        return 1000


class Encoder:
    """Nothing is counted; one can set it."""

    RISING, FALLING, UP, DOWN = 1, 2, 1, -1
    IRQ_INDEX, IRQ_MATCH, IRQ_RESET, IRQ_ROLL_OVER, IRQ_ROLL_UNDER = 1, 2, 4, 8, 16
    _value = 0
    init = deinit = irq = _nothing

    def __init__(self, id, phase_a=None, phase_b=None, **options):
        self._phases = options.get("phases", 1)

    def phases(self):
        return self._phases

    def value(self, value=None):
        found = self._value
        if value is not None:
            self._value = value
        return found
