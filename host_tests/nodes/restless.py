"""An oven that goes back to its target after a loss of power, and ways to end it."""

import machine
from drivers.curves import Beta
from drivers.deadman import DeadMan
from drivers.divider import Divider
from drivers.pwm_heater import PWMHeater
from modules.oven import Oven
from secnode import pace
from secnode.datainfo import Double, Enum
from secnode.module import Command, Parameter
from secnode.node import Node


def _end(how):
    if how == 0:
        while True:
            pace.ticks_ms()
    elif how == 1:
        machine.reset()
    elif how == 2:
        machine.soft_reset()
    raise MemoryError


class Restless(Oven):
    _end = Command(Enum({"hang": 0, "reset": 1, "soft_reset": 2, "error": 3}), description="ends the program this way")

    def do__end(self, how):
        self.how = how

    def step(self, period):
        if self.how is not None:
            _end(self.how)
        super().step(period)

    how = None


def node(board):
    sensor = Divider(machine.ADC(board.SENSOR_ADC), Beta(10000, 3950), series=10000)
    heater = PWMHeater(board.HEATER_PIN, resistance=5.76, supply=24)
    oven = Restless(
        sensor, heater, DeadMan(heater.cut, timer=board.TIMER), minimum=-10, maximum=130, resume=True,
        name="heater", description="an oven",
        target=Parameter(Double(0, 120, unit="°C"), readonly=False, description="temperature to go to"),
        _maxheaterpower=Parameter(Double(0, 100, unit="W"), readonly=False, default=50, description="maximum power"),
    )  # fmt: skip
    return Node(equipment_id="test_restless", description="for tests", modules=(oven,))
