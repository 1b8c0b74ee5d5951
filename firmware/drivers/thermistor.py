"""An NTC thermistor in a divider, read by an ADC."""

from math import log

from micropython import const
from secnode.errors import HardwareError

_FULL = const(65535)
_KELVIN = 273.15
_T25 = 298.15


class Thermistor:
    """Temperature in degC of an NTC from the ADC to ground, with a resistor from the ADC to the ADC's reference.

    `adc` has read_u16(); `r25` is the NTC's resistance in ohm at 25 degC and `beta` its B constant in K, both from its
    datasheet; `series` is the other resistor in ohm; `samples` are averaged. Only the ratio of the two resistors
    counts, not the supply's voltage.
    """

    def __init__(self, adc, r25=10000, beta=3950, series=10000, samples=32):
        self._adc = adc
        self._r25 = r25
        self._beta = beta
        self._series = series
        self._samples = samples

    def read(self):
        """The temperature now. Raises HardwareError where the line is open or shorted."""
        total = 0
        for _ in range(self._samples):
            total += self._adc.read_u16()
        ratio = total / self._samples / _FULL
        if ratio > 0.995:
            raise HardwareError("the sensor or its wire is open")
        if ratio < 0.005:
            raise HardwareError("the sensor or its wire is shorted")
        resistance = self._series * ratio / (1 - ratio)
        return 1 / (1 / _T25 + log(resistance / self._r25) / self._beta) - _KELVIN
