"""An oven whose sensor is what drivers/sensor.py says, and not a method more: a TMP102, whose lost transfers are OSErrors."""

from drivers.deadman import DeadMan
from drivers.pwm_heater import PWMHeater
from modules.heater_power import HeaterPower
from modules.oven import Oven
from modules.sensor import Sensor
from secnode import pace
from secnode.datainfo import Double
from secnode.errors import HardwareError
from secnode.module import Parameter
from secnode.node import Node


class TMP102:
    """In its extended mode: 13 bits, 1/16 K."""

    low, high = -55, 150

    def __init__(self, bus):
        bus.device(0x48, "TMP102")  # for the simulated board's console
        self._i2c = bus.i2c
        self._buf = bytearray(2)

    def read_raw(self):
        self._i2c.readfrom_into(0x48, self._buf)
        code = self._buf[0] << 5 | self._buf[1] >> 3
        return float(code - 0x2000 if code & 0x1000 else code)

    def raw(self, temperature):
        return temperature * 16.0

    def temperature(self, raw):
        return raw / 16

    def fault(self, raw):
        return "it is at its end" if raw > 2500 else None

    def read(self):
        raw = self.read_raw()
        if self.fault(raw):
            raise HardwareError(self.fault(raw))
        return raw / 16


def node(board):
    sensor = TMP102(board.i2c("i2c0"))
    heater = PWMHeater(board.pin_out(board.HEATER_PIN), resistance=5.76, supply=24)
    oven = Oven(
        sensor, heater, DeadMan(heater.cut, timer=board.TIMER), minimum=-10, maximum=130, resume=True, name="heater",
        description="temperature of the heated block",
        target=Parameter(Double(0, 120, unit="°C"), readonly=False, description="temperature to go to"),
        _maxheaterpower=Parameter(Double(0, 100, unit="W"), readonly=False, default=50, description="most power"),
    )  # fmt: skip
    return Node(
        equipment_id="example_org.contract",
        description="an oven with a sensor of one's own",
        modules=(
            oven,
            HeaterPower(oven, name="heater_power", description="power"),
            Sensor(sensor, name="sensor", description="the sensor"),
        ),
    )


class _Model:
    FAULTS = {"none": "whole", "absent": "pulled off", "loses": "a transfer in 700 ms is lost", "hot": "the highest code"}
    fault = "none"
    _lost = 0  # ticks

    def __init__(self, plant):
        self._plant = plant
        self._begun = pace.ticks_ms()

    def break_(self, fault):
        self.FAULTS[fault]
        self.fault = fault

    def write(self, data):
        return True

    def read(self, n):
        now = pace.ticks_ms()
        if self.fault == "loses" and not 0 <= pace.ticks_diff(now, self._lost) < 700:
            self._lost = now
            return None  # one in so many transfers would be four of the guard's in a row sooner or later
        if 0 <= pace.ticks_diff(now, self._begun) < 400:
            return None  # it was powered on just now
        self._plant.advance()
        code = 0xFFF if self.fault == "hot" else round(self._plant.sensor * 16) & 0x1FFF
        return bytes([code >> 5, code << 3 & 0xF8])


def simulate(attach):
    import sys

    attach("i2c0", 0x48, _Model(sys.modules["machine"].plant))
