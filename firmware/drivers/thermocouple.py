"""Thermocouples by NIST's ITS-90 tables (Standard Reference Database 60): from a voltage to the temperature.

In few steps, since each result of a float takes 16 B on a board. A file for each type, type_k.py and so on, holds a tuple,
which takes no heap where the firmware is in flash:

    its letter; the straight line in mV/K that a MAX31855 takes it for; from and to which degC it is good
    a polynomial's coefficients without the first one, which is 0: mV of a cold junction from its degC
    pieces of its curve: (mV up to which, mV in the middle, coefficients of degC by mV from the middle) each
"""


def _polynomial(coefficients, x):
    i = len(coefficients) - 1
    found = coefficients[i]
    while i:
        i -= 1
        found = found * x + coefficients[i]
    return found


def junction_voltage(couple, temperature):
    """mV of a cold junction from -40 to 125 degC, against 0 degC: within 0.03 K of the table, from 0 to 90 degC."""
    return temperature * _polynomial(couple[4], temperature)


def temperature(couple, voltage):
    """degC at a voltage in mV against 0 degC: within 0.06 K of the table, and on along the same curve beyond."""
    pieces = couple[5]
    i = 0
    while i < len(pieces) - 1 and voltage >= pieces[i][0]:
        i += 1
    return _polynomial(pieces[i][2], voltage - pieces[i][1])
