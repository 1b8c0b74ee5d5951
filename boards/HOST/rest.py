"""What MicroPython's `machine` has besides, of any port: the processor, sleep, storage, USB. machine.py takes it from here."""

import errno
import sys
import time

# reset causes, kinds of sleep and what wakes; as the ports number them
DEEPSLEEP_RESET = 4
IDLE, SLEEP, DEEPSLEEP = 1, 2, 4
PIN_WAKE = EXT0_WAKE = 2
EXT1_WAKE, TIMER_WAKE, TOUCHPAD_WAKE, ULP_WAKE = 3, 4, 5, 6
RTC_WAKE, WLAN_WAKE = 4, 2

mem8, mem16, mem32 = {}, {}, {}  # registers: what was written
_freq = 125000000


def _nothing(*args, **options):
    pass


idle = bitstream = bootloader = _nothing


def fail(number):
    """Raise OSError as MicroPython does; CPython's has no `errno` without a text."""
    if sys.implementation.name == "micropython":
        raise OSError(number)
    raise OSError(number, errno.errorcode[number])


def freq(hz=None, *more):
    """Of the processor in Hz."""
    global _freq
    if hz is None:
        return _freq
    _freq = hz


def unique_id():
    return b"\xe6\x60\x00HOST\x00"


def disable_irq():
    return 1


def enable_irq(state):
    pass


def lightsleep(ms=0):
    time.sleep_ms(ms)


sleep = lightsleep


def deepsleep(ms=0):
    """A board starts again afterwards."""
    import machine

    time.sleep_ms(ms)
    machine.reset(DEEPSLEEP_RESET)


def wake_reason():
    return 0


def time_pulse_us(pin, pulse_level, timeout_us=1000000):
    """No pulse comes: -2."""
    return -2


def dht_readinto(pin, buf):
    """No sensor answers."""
    fail(errno.ETIMEDOUT)


class SDCard:
    """There is none in its slot."""

    def __init__(self, slot=1, width=1, cd=None, wp=None, sck=None, miso=None, mosi=None, cs=None, freq=20000000, **options):
        pass

    init = deinit = _nothing

    def info(self, *args):
        fail(errno.ENODEV)

    readblocks = writeblocks = ioctl = info


class _Builtin:
    itf_max = ep_max = str_max = 0
    desc_dev = desc_cfg = b""


class USBDevice:
    """USB stays what it is."""

    BUILTIN_NONE = _Builtin()
    BUILTIN_DEFAULT = BUILTIN_CDC = BUILTIN_MSC = BUILTIN_CDC_MSC = _Builtin()

    config = remote_wakeup = stall = _nothing

    def active(self, on=None):
        return False

    def submit_xfer(self, ep, buffer):
        fail(errno.ENODEV)
