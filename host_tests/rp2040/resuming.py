"""An oven that goes back to its target after a loss of power, with a module that resets the chip: for tests on a chip."""

import machine
from drivers.curves import Beta
from drivers.deadman import DeadMan
from drivers.divider import Divider
from drivers.pwm_heater import PWMHeater
from modules.oven import Oven
from secnode.datainfo import Double, String
from secnode.module import Command, Module, Parameter
from secnode.node import Node


class Breaker(Module):
    interface_classes = []
    _break = Command(String(20), description="reset, or hang")

    def do__break(self, what):
        if what == "reset":
            machine.reset()
        elif what == "soft_reset":
            machine.soft_reset()
        while True:
            pass


def node(board):
    heater = PWMHeater(board.pin_out(board.HEATER_PIN), resistance=5.76, supply=24)
    oven = Oven(
        Divider(board.adc(board.SENSOR_ADC), Beta(10000, 3950), **board.DIVIDER),
        heater,
        DeadMan(heater.cut, timer=board.TIMER),
        minimum=-10,
        maximum=130,
        resume=True,
        name="heater",
        description="an oven",
        target=Parameter(Double(0, 120, unit="°C"), readonly=False, description="temperature to go to"),
        _maxheaterpower=Parameter(Double(0, 100, unit="W"), readonly=False, default=50, description="maximum heater power"),
    )
    return Node(equipment_id="resuming", description="for tests", modules=(oven, Breaker(name="breaker", description="x")))
