"""What an oven's control and guard see of their sensor."""

from secnode.datainfo import Double
from secnode.errors import HardwareError, OutOfRange
from secnode.module import Parameter, Readable


class Sensor(Readable):
    """The temperature of `sensor`, and the raw value that it comes from: a thermometer as drivers.sensor.Sensor has it.

    One that has resistance(raw), as drivers.divider.Divider and drivers.max31865.MAX31865 have, shows that, too.
    """

    value = Parameter(Double(unit="°C"), description="temperature by the sensor's curve, without offset")
    _raw = Parameter(Double(), description="raw value of the sensor's hardware, by which the guard judges it")

    def __init__(self, sensor, **kwds):
        if hasattr(sensor, "resistance") and "_resistance" not in kwds:
            kwds["_resistance"] = Parameter(Double(0, unit="Ohm"), description="resistance of the sensor", visibility="expert")
        super().__init__(**kwds)
        self.sensor = sensor

    def read_value(self):
        sensor = self.sensor
        raw = sensor.read_raw()
        self._raw = raw
        if "_resistance" in self.accessibles:
            self._resistance = sensor.resistance(raw)
        if hasattr(sensor, "convert"):
            return sensor.convert(raw)  # it has a class of its own for each error
        text = sensor.fault(raw)
        if text:
            raise HardwareError(text)
        temperature = sensor.temperature(raw)
        if not sensor.low <= temperature <= sensor.high:
            text = "%.0f °C is outside of the sensor's range, %.0f to %.0f °C"
            raise OutOfRange(text % (temperature, sensor.low, sensor.high))
        return temperature
