"""Two heaters, a relay that is off at 1, and a valve whose driver opens its pin by itself: for tests of what is off when."""

from drivers.curves import Beta
from drivers.deadman import DeadMan
from drivers.divider import Divider
from drivers.pwm_heater import PWMHeater
from machine import Pin
from modules.oven import Oven
from secnode.datainfo import Bool, Double
from secnode.limits import Limit
from secnode.module import Parameter, Writable
from secnode.node import Node


class Switch(Writable):
    """Something that is on while its pin is at the level `on`."""

    value = Parameter(Bool(), description="whether it is on")
    target = Parameter(Bool(), readonly=False, description="whether it is to be on")

    def __init__(self, pin, on, **kwds):
        super().__init__(**kwds)
        self.pin = pin
        self.on = on

    def read_value(self):
        return self.pin.value() == self.on

    def write_target(self, value):
        self.pin.value(self.on if value else 1 - self.on)
        self.value = value


def oven(board, sensor, pin, highest, **kwds):
    heater = PWMHeater(pin, resistance=5.76, supply=24)
    return Oven(
        Divider(board.adc(sensor), Beta(10000, 3950), **board.DIVIDER),
        heater,
        DeadMan(heater.cut, timer=board.TIMER),
        minimum=-10,
        maximum=130,
        target=Parameter(Double(0, highest, unit="°C"), readonly=False, checkable=True, description="temperature to go to"),
        _maxheaterpower=Parameter(Double(0, 100, unit="W"), readonly=False, default=50, description="maximum heater power"),
        description="an oven",
        **kwds,
    )


def node(board):
    pins = board.HEATER_PINS
    second = pins[1] if pins[1] != board.HEATER_PIN else pins[0]
    relay = {
        "ESP32_GENERIC": 13,
        "OLIMEX_ESP32_POE": 13,
        "ESP32_GENERIC_C3": 4,
        "ESP32_GENERIC_C6": 18,
        "ESP32_GENERIC_S3": 12,
        "RPI_PICO2_W": 14,
        "RPI_PICO2": 14,
    }.get(board.NAME, 9)
    return Node(
        equipment_id="outputs",
        description="for tests",
        modules=(
            oven(board, board.SENSOR_ADC, board.pin_out(board.HEATER_PIN), 120, name="upper"),
            oven(board, board.OUTSIDE_ADC, second, 60, name="lower", target_limits=Limit(description="of its own", keep=True)),
            Switch(board.pin_out(relay, safe=1, pull_up=True), 0, name="relay", description="a relay board"),
            Switch(Pin(16 if board.NAME == "OLIMEX_ESP32_POE" else relay + 1, Pin.OUT), 1, name="valve", description="a valve"),
        ),
    )
