"""Maxim's MAX31855K by its datasheet: a straight line of 41.276 uV/K where the thermocouple has none."""

import math

import models

# NIST's ITS-90 tables of type K: mV from degC, at and above 0 and below it
_UP = (
    -0.017600413686, 0.038921204975, 0.000018558770032, -9.9457592874e-8, 3.1840945719e-10, -5.6072844889e-13,
    5.6075059059e-16, -3.2020720003e-19, 9.7151147152e-23, -1.2104721275e-26,
)  # fmt: skip
_DOWN = (
    0, 0.039450128025, 0.000023622373598, -3.2858906784e-7, -4.9904828777e-9, -6.7509059173e-11, -5.7410327428e-13,
    -3.1088872894e-15, -1.0451609365e-17, -1.9889266878e-20, -1.6322697486e-23,
)  # fmt: skip


def millivolts(t):
    found = 0
    for c in reversed(_UP if t >= 0 else _DOWN):
        found = found * t + c
    return found + (0.1185976 * math.exp(-0.0001183432 * (t - 126.9686) ** 2) if t >= 0 else 0)


class Model(models.Model):
    MODES = ((0, 0),)
    QUANTITIES = {"hot": 25.0, "cold_junction": 25.0}
    FAULTS = dict(models.Model.FAULTS)
    FAULTS.update(
        {
            "open": "the thermocouple's wire is broken",
            "ground": "the thermocouple is shorted to ground",
            "supply": "the thermocouple is shorted to the supply",
            "reversed": "the thermocouple's wires are the other way round",
        }
    )

    def select(self):
        cold = self.get("cold_junction")
        seen = millivolts(self.get("hot")) - millivolts(cold)
        if self.fault == "reversed":
            seen = -seen
        junction = round(cold * 16)
        code = min(max(round((seen / 0.041276 + junction / 16) * 4), -8192), 8191)
        bits = {"open": 1, "ground": 2, "supply": 4}.get(self.fault, 0)
        if bits:
            code = 8191
        word = (code & 0x3FFF) << 18 | (1 << 16 if bits else 0) | (junction & 0xFFF) << 4 | bits
        self._left = [word >> 24, word >> 16 & 0xFF, word >> 8 & 0xFF, word & 0xFF]

    def exchange(self, byte):
        return self._left.pop(0) if self._left else 0
