"""A vector magnet in a cryostat: what can be reached depends on the configuration, and `check` tells before anything moves."""

from math import sqrt

from micropython import const
from secnode import log, pace
from secnode.datainfo import Array, Double
from secnode.errors import Impossible, IsError
from secnode.module import BUSY, ERROR, IDLE, Command, Drivable, Parameter
from secnode.node import Node
from simulated.coils import SimulatedCoils
from simulated.cryostat import SimulatedCryostat

_PERIOD = const(100)  # ms from one step of the ramp to the next
_AT_FIELD = 0.001  # T
_AT_TEMPERATURE = 0.01  # as a share of the target


def _vector(low=None, high=None):
    return Array(Double(low, high, unit="T"), minlen=3, maxlen=3)


def _length(vector):
    return sqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2])


class VectorMagnet(Drivable):
    """Ramps the field of three coils along a straight line to the target."""

    value = Parameter(_vector(), description="the field at the sample")
    target = Parameter(_vector(-10, 10), readonly=False, checkable=True, description="the field to go to")
    ramp = Parameter(
        Double(0.1, 60, unit="T/min"), readonly=False, checkable=True, default=6, description="how fast the field changes"
    )
    setpoint = Parameter(_vector(), description="where the ramp is now")
    stop = Command(description="hold the field that is there now")
    clear_errors = Command(description="after a quench: ready again, once the coils are cold")
    _maxfield = Parameter(
        Double(0, 10, unit="T"), readonly=False, checkable=True, default=sqrt(7.2), description="radius of the allowed sphere"
    )
    _maxtemperature = Parameter(
        Double(unit="K"), description="above this temperature of the cryostat the coils do not superconduct"
    )

    def __init__(self, coils, cryostat, **kwds):
        super().__init__(**kwds)
        self.coils = coils
        self.cryostat = cryostat  # the module
        self.point = self.setpoint  # of the ramp; clients hear of it once a poll

    def is_cold(self):
        return self.cryostat.value <= self.coils.max_temperature

    def check_target(self, value):
        if not self.is_cold():
            if _length(value) > 0:
                text = "the coils do not superconduct above %g K: only the zero field is possible" % self.coils.max_temperature
                raise Impossible(text, closest_valid=[0.0, 0.0, 0.0])
        elif _length(value) > self._maxfield:
            raise Impossible(
                "value outside allowed sphere: %g T is more than %g T" % (_length(value), self._maxfield),
                closest_valid=self.closest(value),
            )

    def closest(self, value):
        # of few digits, and what is rounded has to be inside the sphere
        factor = self._maxfield / _length(value)
        for share in (1, 0.999999, 0.99999, 0):
            found = [float("%.5e" % (v * factor * share)) for v in value]
            if _length(found) <= self._maxfield:
                return found

    def read_value(self):
        return self.coils.field()

    def read_setpoint(self):
        return self.point

    def read__maxtemperature(self):
        return self.coils.max_temperature

    def write_target(self, value):
        if self.status[0] >= ERROR:
            raise IsError("%s; clear_errors comes first" % self.status[1])
        self.status = BUSY, "ramping field"

    def do_stop(self):
        if self.status[0] == BUSY:
            self.point = self.coils.field()
            self.target = [min(max(b, -10.0), 10.0) for b in self.point]
            self.coils.set_field(self.point)
            self.status = IDLE, "stopped, holding the field"

    def do_clear_errors(self):
        if self.status[0] >= ERROR and self.is_cold():
            self.status = IDLE, ""

    def off(self):
        self.coils.dump()

    async def run(self):
        while True:
            if not self.is_cold() and _length(self.point) > 0:
                self.quench()
            elif self.status[0] == BUSY:
                self.step(self.ramp / 60 * _PERIOD / 1000)
            await pace.sleep_ms(_PERIOD)

    def quench(self):
        self.coils.dump()
        self.point = self.target = [0.0, 0.0, 0.0]
        self.status = ERROR, "quenched: the coils became warmer than %g K" % self.coils.max_temperature
        log.error(self.name, self.status[1])

    def step(self, length):
        way = [t - s for t, s in zip(self.target, self.point)]
        left = _length(way)
        if left > length:
            self.point = [s + w * length / left for s, w in zip(self.point, way)]
        else:
            self.point = self.target
        self.coils.set_field(self.point)
        if left == 0 and _length([v - t for v, t in zip(self.coils.field(), self.target)]) < _AT_FIELD:
            self.value = self.coils.field()
            self.status = IDLE, "at field"


class Cryostat(Drivable):
    """A temperature whose target can't be checked: whether it is reached depends on the helium that is left."""

    value = Parameter(Double(unit="K"), description="temperature of the coils")
    target = Parameter(Double(1.5, 300, unit="K"), readonly=False, default=4.2, description="temperature to go to")
    stop = Command(description="stay at the present temperature")

    def __init__(self, cryostat, **kwds):
        super().__init__(**kwds)
        self.cryostat = cryostat

    def read_value(self):
        value = self.cryostat.temperature()
        if self.status[0] == BUSY and abs(value - self.target) < _AT_TEMPERATURE * self.target:
            self.status = IDLE, "at temperature"
        return value

    def write_target(self, value):
        self.cryostat.set_temperature(value)
        self.status = BUSY, "cooling" if value < self.value else "warming"

    def do_stop(self):
        if self.status[0] == BUSY:
            self.target = min(max(self.value, 1.5), 300.0)
            self.cryostat.set_temperature(self.target)
            self.status = IDLE, "stopped"


def node(board):
    cryo = Cryostat(SimulatedCryostat(), name="cryo", description="the cryostat around the coils")
    mf = VectorMagnet(SimulatedCoils(), cryo, name="mf", description="the field of three crossed coils")
    return Node(
        equipment_id="example_org.vector_magnet",
        description="a vector magnet, simulated: not every field within the limits of each axis can be reached.",
        modules=(mf, cryo),
    )
