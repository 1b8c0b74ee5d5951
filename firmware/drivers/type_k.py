"""Thermocouples of type K by NIST's ITS-90 tables (Standard Reference Database 60): from a voltage to the temperature.

In few steps, since each result of a float takes 16 B on a board.
"""

_BACK = (
    (0.0, 25.173462, -1.1662878, -1.0833638, -0.8977354, -0.37342377, -8.6632643e-2, -1.0450598e-2, -5.1920577e-4),
    (0.0, 25.08355, 7.860106e-2, -2.503131e-1, 8.31527e-2, -1.228034e-2, 9.804036e-4, -4.41303e-5, 1.057734e-6, -1.052755e-8),
    (-131.8058, 48.30222, -1.646031, 5.464731e-2, -9.650715e-4, 8.802193e-6, -3.11081e-8),
)


def junction_voltage(temperature):
    """mV of a cold junction from -40 to 125 degC, against 0 degC: within 0.6 uV (0.015 K) of the table."""
    return temperature * (3.94235265e-2 + temperature * (2.64499522e-5 - temperature * 1.10857706e-7))


def temperature(voltage):
    """degC at a voltage in mV against 0 degC: within 0.06 K from -200 to 1372 degC, and on along the same curve beyond."""
    coefficients = _BACK[0 if voltage < 0 else 1 if voltage < 20.644 else 2]
    i = len(coefficients) - 1
    found = coefficients[i]
    while i:
        i -= 1
        found = found * voltage + coefficients[i]
    return found
