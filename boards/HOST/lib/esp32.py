"""MicroPython's `esp32`: its parts can be named and made, and nothing moves."""

import errno

from rest import fail

HEAP_DATA, HEAP_EXEC = 4, 1
WAKEUP_ALL_LOW, WAKEUP_ANY_HIGH = False, True


def _nothing(*args, **options):
    pass


def _none(self, *args):
    return 0


wake_on_touch = wake_on_ulp = wake_on_ext0 = wake_on_ext1 = wake_on_gpio = gpio_deep_sleep_hold = _nothing


def raw_temperature():
    """In °F."""
    return 128


def mcu_temperature():
    """In °C."""
    return 53


def idf_heap_info(capabilities):
    return []


class NVS:
    """As after the first start: nothing is stored, and what is set holds until the end."""

    _all = {}

    def __init__(self, namespace):
        self._own = NVS._all.setdefault(namespace, {})

    def set_i32(self, key, value):
        self._own[key] = value

    def set_blob(self, key, value):
        self._own[key] = bytes(value)

    def get_i32(self, key):
        if key not in self._own:
            raise OSError(-0x1102)  # ESP_ERR_NVS_NOT_FOUND
        return self._own[key]

    def get_blob(self, key, buffer):
        value = self.get_i32(key)
        buffer[: len(value)] = value
        return len(value)

    def erase_key(self, key):
        self.get_i32(key)
        del self._own[key]

    def commit(self):
        """There is nothing to write to."""


class Partition:
    BOOT, RUNNING, TYPE_APP, TYPE_DATA = 0, 1, 0, 1

    def __init__(self, id, block_size=4096):
        pass

    @classmethod
    def find(cls, type=0, subtype=0xFF, label=None, block_size=4096):
        return []

    def info(self):
        return 0, 0, 0, 0, "factory", False

    def readblocks(self, *args):
        fail(errno.EIO)

    writeblocks = ioctl = get_next_update = readblocks
    set_boot = mark_app_valid_cancel_rollback = _nothing


class PCNT:
    """Nothing is counted."""

    IGNORE, INCREMENT, DECREMENT, NORMAL, HOLD, REVERSE = 0, 1, 2, 0, 1, 2
    IRQ_MIN, IRQ_MAX, IRQ_ZERO, IRQ_THRESHOLD0, IRQ_THRESHOLD1 = 1, 2, 4, 8, 16

    def __init__(self, id, **options):
        pass

    init = deinit = start = stop = irq = _nothing
    value = _none


class RMT:
    PULSE_MAX = 32767

    def __init__(self, channel=0, pin=None, **options):
        pass

    deinit = loop = loop_count = write_pulses = active = _nothing
    clock_div = _none

    @staticmethod
    def source_freq():
        return 80000000

    @staticmethod
    def bitstream_channel(value=None):
        return 1

    bitstream_rmt = bitstream_channel

    def wait_done(self, timeout=0):
        return True


class ULP:
    RESERVE_MEM = 2040

    set_wakeup_period = load_binary = run = _nothing
