"""Maxim's MAX31856 by its datasheet: conversions, cold junction, faults. It linearises any type, so a type is nothing to it."""

import models
from spi_registers import Registers

_LOW = (250, -200, -210, -200, -200, -50, -50, -200)  # degC, of the types in the order of their numbers
_HIGH = (1820, 1000, 1200, 1372, 1300, 1768, 1768, 400)


class Model(Registers):
    COUNT = 16
    QUANTITIES = {"hot": 25.0, "cold_junction": 25.0}
    FAULTS = dict(models.Model.FAULTS)
    FAULTS.update(
        {
            "open": "the thermocouple's wire is broken",
            "voltage": "a voltage beyond the supply's is at an input",
            "reversed": "the thermocouple's wires are the other way round",
            "junction_off": "its cold junction is taken for 0 degC",
        }
    )

    def reset(self):
        self.registers = [0, 3, 0xFF, 0x7F, 0xC0, 0x7F, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0]
        self._since = 0
        self._converts = False

    def put(self, register, byte):
        if register == 0:
            if byte & 0x40 or byte & ~self.registers[0] & 0x80:
                self._since = self.ms()
                self._converts = True
            self.registers[0] = byte & ~0x02
        elif register <= 9:
            self.registers[register] = byte

    def _advance(self):
        registers = self.registers
        config = registers[0]
        first = 185 if config & 1 else 155
        if not self._converts or models.since(self._since, self.ms()) < first:
            return
        # the next one by itself: 98 ms, at 60 Hz 82
        self._since += models.since(self._since, self.ms()) - first + (98 if config & 1 else 82)
        if not config & 0x80:
            self._converts = False
            registers[0] = config & ~0x40
        cold = self.get("cold_junction")
        hot = self.get("hot")
        status = 0
        if self.fault == "reversed":
            hot = 2 * cold - hot
        if self.fault == "junction_off":
            hot -= cold
            cold = 0
        kind = registers[1] & 7
        if not _LOW[kind] <= hot <= _HIGH[kind]:
            status |= 0x40
            hot = min(max(hot, _LOW[kind]), _HIGH[kind])
        if not -55 <= cold <= 125:
            status |= 0x80
        if self.fault == "open" and config & 0x30:
            status |= 0x01
        if self.fault == "voltage":
            status |= 0x02
        else:
            code = round(hot * 128) << 5 & 0xFFFFFF
            junction = round(cold * 64) << 2 & 0xFFFF
            registers[10:15] = [junction >> 8, junction & 0xFF, code >> 16, code >> 8 & 0xFF, code & 0xFF]
        registers[15] = status

    def take(self, register):
        self._advance()
        return self.registers[register]
