"""The contract between a temperature sensor and its users: control, guard, modules.

Nothing imports this file on a board, so it takes no memory there: a sensor is what has these methods. divider.py has them.
"""


class Sensor:
    """A thermometer as an object. It has a raw value, which is what its hardware gives, and a temperature in degC by its curve.

    Limits are compared as raw values: a curve may be ambiguous or wrong at its ends, what the hardware says is neither. Over
    the range of a sensor the raw value rises everywhere, or falls everywhere.

    Plain methods; none takes longer than some 10 ms, for everything else waits. But for results, none allocates.
    """

    low = -273.15  # degC; from here
    high = 1700.0  # degC, to here, temperatures can be told from faults

    def read(self):
        """The temperature now, in degC, from `low` to `high`.

        Raises HardwareError with the words of fault(), OutOfRange where the temperature is not within `low` and `high`, and
        where a bus or a line is between what that raises: CommunicationFailed, or an OSError.
        """
        raise NotImplementedError

    def read_raw(self):
        """The raw value now, a float in the unit of the sensor's hardware, e.g. counts. It is finite.

        Raises CommunicationFailed or OSError where the hardware does not answer, and nothing else: what is out of range is
        told by fault().
        """
        raise NotImplementedError

    def raw(self, temperature):
        """The raw value at a temperature in degC, any: beyond `low` and `high` it goes on as before. Never raises."""
        raise NotImplementedError

    def temperature(self, raw):
        """The temperature in degC at a raw value, any: beyond `low` and `high` it only tells the direction. Never raises."""
        raise NotImplementedError

    def fault(self, raw):
        """What a raw value says of the wiring, as words for a person; None where it may be a temperature. Never raises."""
        raise NotImplementedError
