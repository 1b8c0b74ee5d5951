"""Maxim's MAX31855 by its datasheet, for each type: a straight line where the thermocouple has none, to 1000 degC (T: 400)."""

import models
from its90 import millivolts


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

    def __init__(self, address=None, kind="K"):
        self.kind = kind
        end = 400 if kind == "T" else 1000
        self._slope = millivolts(kind, end) / end
        super().__init__(address)

    def select(self):
        cold = self.get("cold_junction")
        seen = millivolts(self.kind, self.get("hot")) - millivolts(self.kind, cold)
        if self.fault == "reversed":
            seen = -seen
        junction = round(cold * 16)
        code = min(max(round((seen / self._slope + junction / 16) * 4), -8192), 8191)
        bits = {"open": 1, "ground": 2, "supply": 4}.get(self.fault, 0)
        if bits:
            code = 8191
        word = (code & 0x3FFF) << 18 | (1 << 16 if bits else 0) | (junction & 0xFFF) << 4 | bits
        self._left = [word >> 24, word >> 16 & 0xFF, word >> 8 & 0xFF, word & 0xFF]

    def exchange(self, byte):
        return self._left.pop(0) if self._left else 0
