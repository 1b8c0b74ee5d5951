"""A thermometer in K, made of one that gives °C."""

from drivers.curves import KELVIN


class Kelvin:
    """Kelvin(Divider(...)): read() gives K. `sensor` has read() in degC, plain, and raises what that raises."""

    unit = "K"
    what = "temperature"

    def __init__(self, sensor):
        self._sensor = sensor

    def read(self):
        return self._sensor.read() + KELVIN
