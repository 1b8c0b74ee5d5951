"""In place of boards/HOST/machine.py: nothing is wired to the pins and nothing happens by itself, so that what is measured is
the firmware's. As on a board it costs next to no heap."""

import os
import sys
import time

if os.getenv("SECNODE_UART"):
    from uart import UART  # noqa: F401 - a cable is there all the same

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
SOFT_RESET = 5


levels = {}  # of pins that were driven


class Pin:
    OUT = 1
    IN = 0
    OPEN_DRAIN = 2
    PULL_UP = 1

    def __init__(self, id, mode=-1, pull=-1, value=None):
        self.id = id
        if value is not None:
            self.value(value)

    def value(self, value=None):
        if value is None:
            return levels.get(self.id)
        levels[self.id] = value
        if "sim_buses" in sys.modules:
            sys.modules["sim_buses"].drive(self.id, value)

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


if not os.getenv("SECNODE_CHIPS"):  # else sim_buses has them, with chips

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


# ---- buses of the simulated board, where chips are asked for that are in another process (host_tests/chips/apart.py)


def __getattr__(name):
    if name in ("I2C", "SPI"):
        return getattr(_sim_buses(), name)
    raise AttributeError(name)


def _sim_buses():
    import models

    import sim_buses

    models.sources.update({"temperature": _still, "hot": _still})
    models.clock = time.ticks_ms
    return sim_buses


def _still():
    return 25
