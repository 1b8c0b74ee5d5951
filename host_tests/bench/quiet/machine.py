"""In place of boards/HOST/machine.py: nothing is wired to the pins and nothing happens by itself, so that what is measured is
the firmware's. As on a board it costs next to no heap."""

import os

if os.getenv("SECNODE_UART"):
    from uart import UART  # noqa: F401 - a cable is there all the same

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
SOFT_RESET = 5


class Pin:
    OUT = 1
    IN = 0

    def __init__(self, id, mode=-1, value=None):
        self._value = value

    def value(self, value=None):
        return self._value

    __call__ = value


class PWM:
    def __init__(self, pin, freq=0, duty_u16=0):
        self._value = duty_u16

    def duty_u16(self, duty=None):
        if duty is None:
            return self._value
        self._value = duty

    def deinit(self):
        pass


class Timer:
    PERIODIC = 1
    ONE_SHOT = 0
    count = []  # all callbacks

    def __init__(self, id=-1):
        pass

    def init(self, mode=0, period=-1, callback=None, freq=None):
        self.count.append(callback)

    def deinit(self):
        pass


class WDT:
    def __init__(self, id=0, timeout=5000):
        pass

    def feed(self):
        pass


class ADC:
    """Counts around the middle, another one each time, without a float."""

    def __init__(self, pin):
        self._value = 0

    def read_u16(self):
        self._value = (self._value + 7) & 63
        return 32768 + self._value * 16


class SPI:
    """Nobody is on the bus."""

    def __init__(self, id, baudrate=0, sck=None, mosi=None, miso=None):
        pass

    def init(self, baudrate=0, polarity=0, phase=0):
        pass

    def write_readinto(self, send, receive):
        pass


class I2C:
    """Each address is acknowledged, and gives what the buffer has."""

    def __init__(self, id, scl=None, sda=None, freq=0, timeout=0):
        pass

    def readfrom_into(self, address, buf):
        pass

    def writeto(self, address, buf):
        pass

    def writeto_mem(self, address, register, buf):
        pass

    def readfrom_mem_into(self, address, register, buf):
        pass


def reset_cause():
    return PWRON_RESET


def reset():
    raise SystemExit


soft_reset = reset
