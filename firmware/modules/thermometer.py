"""A temperature that is only read."""

from secnode.datainfo import Double
from secnode.module import Parameter, Readable


class Thermometer(Readable):
    """The temperature of `sensor`, an object with read() in degC."""

    value = Parameter(Double(unit="°C"), description="temperature of the sensor")

    def __init__(self, sensor, **kwds):
        super().__init__(**kwds)
        self.sensor = sensor

    def read_value(self):
        return self.sensor.read()
