"""A heater whose dead man's timer can be stopped, as a soft reset of a board may leave it."""

from drivers.curves import Beta
from drivers.deadman import DeadMan
from drivers.divider import Divider
from drivers.pwm_heater import PWMHeater
from modules.oven import Oven
from secnode.datainfo import Double
from secnode.module import Command, Module, Parameter
from secnode.node import Node


class Timers(Module):
    """The board's timers."""

    _stop = Command(description="no more callbacks of the dead man")
    _start = Command(description="callbacks again")

    def do__stop(self):
        DeadMan._timer.deinit()

    def do__start(self):
        from drivers import deadman

        DeadMan._timer.init(period=100, mode=deadman.Timer.PERIODIC, callback=deadman._tick)


def node(board):
    heater = PWMHeater(board.pin_out(board.HEATER_PIN), resistance=5.76, supply=24)
    return Node(
        equipment_id="timeless",
        description="for tests",
        modules=(
            Oven(
                Divider(board.adc(board.SENSOR_ADC), Beta(10000, 3950), **board.DIVIDER),
                heater,
                DeadMan(heater.cut, timer=board.TIMER),
                minimum=-10,
                maximum=130,
                name="heater",
                description="temperature of the block",
                target=Parameter(Double(0, 120, unit="°C"), readonly=False, checkable=True, description="temperature to go to"),
                _maxheaterpower=Parameter(
                    Double(0, 100, unit="W"),
                    readonly=False,
                    default=100,
                    checkable=True,
                    description="maximum allowed heater power",
                ),
            ),
            Timers(name="timers", description="of the board"),
        ),
    )
