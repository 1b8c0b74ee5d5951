"""The example heater, with a module that breaks the software around it and tells what the heap holds: for tests on a chip."""

import gc
import time

import machine
from drivers.curves import Beta
from drivers.deadman import DeadMan
from drivers.divider import Divider
from drivers.pwm_heater import PWMHeater
from modules.heater import Heater
from modules.thermometer import Thermometer
from secnode.datainfo import Double, Int, String
from secnode.limits import Limit
from secnode.module import Command, Module, Parameter
from secnode.node import Node


class Broken(Exception):
    pass


def die(*_):
    raise Broken


class Hot(Heater):
    value = Parameter(Double(unit="°C"), description="temperature")
    target = Parameter(Double(0, 120, unit="°C"), readonly=False, description="temperature to go to")
    target_limits = Limit(description="lowest and highest target that is taken")
    stop = Command(description="stay at the present temperature")
    _maxheaterpower = Parameter(Double(0, 100, unit="W"), readonly=False, default=100, description="maximum heater power")


class Breaker(Module):
    interface_classes = []
    _break = Command(String(20), description="break something")
    _free = Command(result=Int(0, 1000000), description="bytes of the heap that are free, after a collection")
    _largest = Command(result=Int(0, 1000000), description="bytes of the longest piece of it that is free, within 256")
    _pause = Command(result=Int(0, 1000000), description="us that a collection takes")

    def __init__(self, heater, **kwds):
        super().__init__(**kwds)
        self.heater = heater

    def do__break(self, what):
        if what == "control":
            self.heater.pid.step = die
        elif what == "guard":
            self.heater.guard.step = die
        elif what == "hang":
            while True:
                pass
        elif what == "hang_deaf":
            machine.disable_irq()
            while True:
                pass
        elif what == "reset":
            machine.reset()
        elif what == "soft_reset":
            machine.soft_reset()
        elif what == "memory":
            held = []
            while True:
                held.append(bytearray(1000))
        else:
            raise ValueError(what)

    def do__free(self):
        gc.collect()
        return gc.mem_free()

    def do__largest(self):
        gc.collect()
        longest, step = 0, 1 << 17
        while step >= 256:
            try:
                bytearray(longest + step)
                longest += step
            except MemoryError:
                pass
            gc.collect()
            step >>= 1
        return longest

    def do__pause(self):
        begin = time.ticks_us()
        gc.collect()
        return time.ticks_diff(time.ticks_us(), begin)


def node(board):
    heater = PWMHeater(board.HEATER_PIN, resistance=5.76, supply=24)
    control = Hot(
        Divider(board.adc(board.SENSOR_ADC), Beta(10000, 3950), **board.DIVIDER),
        heater,
        DeadMan(heater.cut, timer=board.TIMER),
        minimum=-10,
        maximum=130,
        name="heater",
        description="heater",
    )
    outside = Thermometer(
        Divider(board.adc(board.OUTSIDE_ADC), Beta(10000, 3950), **board.DIVIDER), name="outside", description="outside"
    )
    return Node(
        equipment_id="breaking",
        description="for tests",
        modules=(outside, control, Breaker(control, name="breaker", description="x")),
    )
