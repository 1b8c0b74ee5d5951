"""A node that can be looked into: its heap, and the periods of its heater's control."""

import gc
from array import array

import micropython
from drivers.curves import Beta
from drivers.deadman import DeadMan
from drivers.divider import Divider
from drivers.pwm_heater import PWMHeater
from machine import ADC
from modules.heater import Heater
from secnode import pace, slow  # noqa: F401 - what a busy PC loads sooner or later is there
from secnode.datainfo import Array, Double, Int, String
from secnode.module import Command, Module, Parameter, Readable
from secnode.node import Node

_MOST = 64  # periods


class WatchedHeater(Heater):
    """Notes how long each period of the control took."""

    value = Parameter(Double(unit="°C"), description="temperature of the block")
    target = Parameter(Double(0, 120, unit="°C"), readonly=False, checkable=True, description="where it shall be")
    _maxheaterpower = Parameter(Double(0, 100, unit="W"), readonly=False, default=50, description="most power")
    _periods = Command(
        result=Array(Int(0, 65535), maxlen=_MOST), description="how long the control periods since the last time were, in ms"
    )

    last = None
    count = 0

    def __init__(self, *args, **kwds):
        super().__init__(*args, **kwds)
        self.took = array("H", [0] * _MOST)

    def step(self, period):
        now = pace.ticks_ms()
        if self.last is not None:
            self.took[self.count % _MOST] = min(pace.ticks_diff(now, self.last), 65535)
            self.count += 1
        self.last = now
        super().step(period)

    def do__periods(self):
        result = list(self.took)[: self.count]
        self.count = 0
        return result


class Values(Module):
    """Values that clients set: a short one, a long one, some."""

    _int = Parameter(Int(-1000000, 1000000), readonly=False, description="a whole number")
    _double = Parameter(Double(-1000, 1000, unit="V"), readonly=False, checkable=True, description="a real number")
    _text = Parameter(String(maxchars=900, isUTF8=True), readonly=False, description="longer than the output buffer")
    _array = Parameter(Array(Double(), maxlen=16), readonly=False, description="some numbers")
    _sum = Command(Array(Int(0, 9), maxlen=5), Int(0, 45), checkable=True, description="of some digits")

    def do__sum(self, digits):
        return sum(digits)


class Ticker(Readable):
    pollinterval = 0.1
    value = Parameter(Int(0, 9999), description="counts its polls")

    def read_value(self):
        return (self.value + 1) % 10000


class Heap(Module):
    """MicroPython's heap. Under CPython the numbers say nothing."""

    _used = Command(result=Int(0, 16777216), description="bytes in use after a collection; the log gets more")

    def do__used(self):
        gc.collect()
        if hasattr(micropython, "mem_info"):
            micropython.mem_info()
        return gc.mem_alloc()


def node(board):
    heater = PWMHeater(board.HEATER_PIN, resistance=5.76, supply=24)
    return Node(
        equipment_id="test.secnode.watched",
        description="a node that can be looked into",
        modules=(
            WatchedHeater(
                Divider(ADC(board.SENSOR_ADC), Beta(10000, 3950), series=10000),
                heater,
                DeadMan(heater.cut, timer=board.TIMER),
                minimum=-10,
                maximum=130,
                name="heater",
                description="a heated block",
            ),
            Values(name="values", description="values that clients set"),
            Ticker(name="ticker", description="counts"),
            Heap(name="heap", description="the heap"),
        ),
    )
