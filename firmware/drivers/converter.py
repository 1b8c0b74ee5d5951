"""What chips that measure a temperature sensor by themselves have in common: each is a thermometer as drivers.sensor has it.

So control and guard take one wherever they take a divider. All methods are plain: the chip converts by itself, and what it
had last is read in 0.2 ms.
"""

from secnode.errors import HardwareError, OutOfRange


class Converter:
    """Good from `low` to `high` degC; a raw value at or beyond `short_raw` or `open_raw` is no sensor's.

    A class gives read_raw(); and temperature() and raw(), where a raw value is not the temperature itself: 16 times the degrees
    above -2048 degC. read_raw() sets `why` to what is wrong, in words, or None; and `lost`,
    whether that is between board and chip.
    """

    full = 65535
    what, unit = "temperature", "°C"
    why = None
    lost = False

    def __init__(self, device, low, high, short_raw, open_raw):
        self.device = device
        self.low = low
        self.high = high
        self.short_raw = short_raw
        self.open_raw = open_raw

    def read_raw(self):
        """The last conversion, from 0 to `full`; 0.0 where there is none, and fault() says why. Never raises."""
        raise NotImplementedError

    def temperature(self, raw):
        """The temperature in degC at a raw value. Never raises; beyond `low` and `high` it only tells the direction."""
        return raw / 16 - 2048

    def raw(self, temperature):
        """The raw value at a temperature in degC. Never raises."""
        return min(max((temperature + 2048) * 16, 0.0), 65535.0)

    def fault(self, raw):
        """What is wrong by the last read_raw() and its value, as words for a person; None where it may be a temperature."""
        if self.why:
            return str(self.device.failed(self.why)) if self.lost else self.why
        if raw >= self.open_raw:
            return "the sensor or its wire is open"
        if raw <= self.short_raw:
            return "the sensor or its wire is shorted"
        return None

    def convert(self, raw):
        """The temperature in degC at the raw value that read_raw() gave last.

        Raises CommunicationFailed, HardwareError where something is wrong at the sensor, OutOfRange beyond its range.
        """
        if self.why and self.lost:
            raise self.device.failed(self.why)
        text = self.fault(raw)
        if text:
            raise HardwareError(text)
        temperature = self.temperature(raw)
        if not self.low <= temperature <= self.high:
            text = "%.0f °C is outside of the sensor's range, %.0f to %.0f °C"
            raise OutOfRange(text % (temperature, self.low, self.high))
        return temperature

    def read(self):
        """The temperature in degC now. Raises as convert() does."""
        return self.convert(self.read_raw())
