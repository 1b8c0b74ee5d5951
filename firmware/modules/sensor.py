"""What an oven's control and guard see of their sensor."""

from secnode.datainfo import Double
from secnode.module import Parameter, Readable


class Sensor(Readable):
    """The temperature of `sensor`, a drivers.divider.Divider, as its curve says it, and what that comes from."""

    value = Parameter(Double(unit="°C"), description="temperature by the sensor's curve, without offset")
    _raw = Parameter(Double(0, 65535), description="voltage at the ADC as a share of 65535")
    _resistance = Parameter(Double(0, unit="Ohm"), description="resistance of the sensor", visibility="expert")

    def __init__(self, sensor, **kwds):
        super().__init__(**kwds)
        self.sensor = sensor

    def read_value(self):
        raw = self.sensor.read_raw()
        self._raw = raw
        self._resistance = self.sensor.resistance(raw)
        return self.sensor.convert(raw)
