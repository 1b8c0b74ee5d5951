"""Maxim's MAX31865 by its datasheet, with a PT100 beside 430 Ohm: conversions, thresholds, the faults of the wires."""

import models
from spi_registers import Registers


class Model(Registers):
    COUNT = 8
    QUANTITIES = {"hot": 25.0}
    FAULTS = dict(models.Model.FAULTS)
    FAULTS.update(
        {
            "open": "the sensor's wire is broken",
            "short": "the sensor is shorted",
            "voltage": "a voltage beyond the supply's is at an input",
        }
    )

    def reset(self):
        self.registers = [0, 0, 0, 0xFF, 0xFF, 0, 0, 0]
        self._since = 0
        self._code = 0
        self._converts = False

    def ratio(self):
        """The sensor's resistance over the reference's, by Callendar and Van Dusen."""
        t = self.get("hot")
        x = 1 + 3.9083e-3 * t - 5.775e-7 * t * t
        if t < 0:
            x -= 4.183e-12 * (t - 100) * t * t * t
        return 100 * x / 430

    def put(self, register, byte):
        if register == 0:
            if byte & 0x02:
                self.registers[7] = 0
            if (byte & 0x20 or byte & ~self.registers[0] & 0x40) and byte & 0x80:
                self._since = self.ms()
                self._converts = True
            self.registers[0] = byte & ~0x02
        elif 3 <= register <= 6:
            self.registers[register] = byte

    def _advance(self):
        config = self.registers[0]
        first = 63 if config & 1 else 53
        if not self._converts or models.since(self._since, self.ms()) < first:
            return
        # the next one by itself: 20 ms, at 60 Hz 17
        self._since += models.since(self._since, self.ms()) - first + (20 if config & 1 else 17)
        if not config & 0x40:
            self._converts = False
            self.registers[0] = config & ~0x20
        if self.fault == "open":
            code = 32767
        elif self.fault == "short":
            code = 0
        else:
            code = min(max(round(self.ratio() * 32768), 0), 32767)
        high, low = (self.registers[i] << 7 | self.registers[i + 1] >> 1 for i in (3, 5))
        if code >= high:
            self.registers[7] |= 0x80
        if code <= low:
            self.registers[7] |= 0x40
        if self.fault == "voltage":
            self.registers[7] |= 0x04
        self._code = code

    def take(self, register):
        self._advance()
        word = self._code << 1 | (1 if self.registers[7] else 0)
        if register in (1, 2):
            return word >> 8 if register == 1 else word & 0xFF
        return self.registers[register]
