"""Thermocouples by NIST's ITS-90 tables (Standard Reference Database 60): from a voltage to the temperature.

In few steps, since each result of a float takes 16 B on a board. A file for each type, type_k.py and so on.
"""


def _polynomial(coefficients, x):
    i = len(coefficients) - 1
    found = coefficients[i]
    while i:
        i -= 1
        found = found * x + coefficients[i]
    return found


class Thermocouple:
    """A type of thermocouple, good from `low` to `high` degC.

    `slope` is the straight line in mV/K that a MAX31855 takes it for. `junction` are a polynomial's coefficients without the
    first one, which is 0: mV of a cold junction from its degC. `pieces` are (mV up to which, mV in the middle, coefficients
    of degC by mV from the middle).
    """

    def __init__(self, kind, slope, low, high, junction, pieces):
        self.kind = kind
        self.slope = slope
        self.low = low
        self.high = high
        self._junction = junction
        self._pieces = pieces

    def junction_voltage(self, temperature):
        """mV of a cold junction from -40 to 125 degC, against 0 degC: within 0.03 K of the table, from 0 to 90 degC."""
        return temperature * _polynomial(self._junction, temperature)

    def temperature(self, voltage):
        """degC at a voltage in mV against 0 degC: within 0.06 K of the table, and on along the same curve beyond."""
        pieces = self._pieces
        i = 0
        while i < len(pieces) - 1 and voltage >= pieces[i][0]:
            i += 1
        return _polynomial(pieces[i][2], voltage - pieces[i][1])
