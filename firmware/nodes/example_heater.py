"""The node of SECoP's introduction to the bare protocol: a thermometer outside, and a heater."""

from control.pid import PID
from control.settle import Settle
from drivers.curves import Beta
from drivers.divider import Divider
from drivers.pwm_heater import PWMHeater
from machine import ADC
from micropython import const
from secnode import VERSION, pace
from secnode.datainfo import Double, Struct
from secnode.errors import SECoPError
from secnode.limits import Limit
from secnode.module import BUSY, ERROR, IDLE, Command, Drivable, Parameter, Readable
from secnode.node import Node

_PERIOD = const(200)  # ms from one look at the sensor to the next


class Thermometer(Readable):
    value = Parameter(Double(unit="°C"), description="temperature outside")

    def __init__(self, sensor, **kwds):
        super().__init__(**kwds)
        self.sensor = sensor

    def read_value(self):
        return self.sensor.read()


class Heater(Drivable):
    """Keeps the temperature of `sensor` at the target with `heater`, once a target was set."""

    value = Parameter(Double(unit="°C"), description="current value of the module")
    target = Parameter(Double(0, 120, unit="°C"), readonly=False, checkable=True, description="target value of the module")
    target_limits = Limit(description="lowest and highest target that is taken")
    stop = Command(description="Stop heating, stay at current temperature.")
    _maxheaterpower = Parameter(
        Double(0, 100, unit="W"), readonly=False, default=50, checkable=True, description="maximum allowed heater power"
    )
    _examplecommand = Command(
        Struct({"a": Double(0, 10), "b": Double()}), Double(), checkable=True, description="Do some calculation: a + b."
    )

    def __init__(self, sensor, heater, **kwds):
        super().__init__(**kwds)
        self.sensor = sensor
        self.heater = heater
        self.pid = PID(p=8.0, i=0.4)
        self.settle = Settle(tolerance=0.5, time=5.0)
        self.regulating = False
        self.reading = 0.0
        self.looked = False
        self.fault = None

    def read_value(self):
        if not self.looked:
            self.look()
        if self.fault:
            raise self.fault
        return self.reading

    def write_target(self, value):
        self.go(value, "heating" if value > self.value else "cooling")

    def do_stop(self):
        if self.fault:
            raise self.fault
        if self.regulating:
            self.settle.reset()
            self.status = IDLE, "stopped, keeping the temperature"
        self.target = min(max(self.reading, 0), 120)

    def do__examplecommand(self, a, b):
        return a + b

    def go(self, target, text):
        if self.fault:
            raise self.fault
        if not self.regulating:
            self.pid.reset()
        self.settle.reset()
        self.regulating = True
        self.status = BUSY, text

    def off(self):
        self.regulating = False
        self.heater.off()

    def look(self):
        self.looked = True
        try:
            self.reading = self.sensor.read()
            if self.fault:
                self.fault = None
                self.status = IDLE, "off"
        except SECoPError as e:
            self.fault = e
            self.off()
            self.status = ERROR, e.text

    async def run(self):
        dt = _PERIOD / 1000
        due = pace.ticks_ms()
        while True:
            self.look()
            if self.regulating:
                self.heater.set_power(self.pid.step(self.target, self.reading, self._maxheaterpower, dt))
                if self.status[0] == BUSY and self.settle.step(self.target, self.reading, dt):
                    self.status = IDLE, "at target"
            due = pace.ticks_add(due, _PERIOD)
            await pace.sleep_ms(max(0, pace.ticks_diff(due, pace.ticks_ms())))


def node(board):
    return Node(
        equipment_id="example_org.example_heater",
        description="a basic example temperature SEC node.",
        firmware="ExampleSECoPFirmware v" + VERSION,
        modules=(
            Thermometer(
                Divider(ADC(board.OUTSIDE_ADC), Beta(10000, 3950), series=10000),
                name="outside",
                description="Outside temperature monitor.",
                implementation="example.sensors.Temperature",
            ),
            Heater(
                Divider(ADC(board.SENSOR_ADC), Beta(10000, 3950), series=10000),
                PWMHeater(board.HEATER_PIN, resistance=5.76, supply=24),
                name="heater",
                description="Example Heater",
                implementation="example.actuators.Heater",
            ),
        ),
    )
