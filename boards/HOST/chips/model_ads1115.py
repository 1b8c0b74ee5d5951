"""TI's ADS1115 by its datasheet: single and continuous conversions; its comparator is not there."""

import models

_SPANS = (6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256)
_PAIRS = (("a0", "a1"), ("a0", "a3"), ("a1", "a3"), ("a2", "a3"), ("a0",), ("a1",), ("a2",), ("a3",))


class Model(models.Model):
    QUANTITIES = {"a0": 1.0, "a1": 1.5, "a2": 2.0, "a3": 2.5}  # V
    RATES = (8, 16, 32, 64, 128, 250, 475, 860)
    UNUSED = 0  # bits of a result

    def reset(self):
        self._pointer = 0
        self._registers = [0, 0x8583, 0x8000, 0x7FFF]
        self._until = None  # when the conversion under way ends

    def write(self, data):
        if data:
            self._pointer = data[0] & 3
        if len(data) == 3 and self._pointer:
            value = data[1] << 8 | data[2]
            if self._pointer == 1:
                if value & 0x8000 or not value & 0x0100:
                    # slow by 10 %, as it may be
                    self._until = self.ms() + -(-1100 // self.RATES[min(value >> 5 & 7, len(self.RATES) - 1)])
                value &= 0x7FFF
            self._registers[self._pointer] = value
        return True

    def _advance(self):
        if self._until is not None and models.since(self._until, self.ms()) >= 0:
            config = self._registers[1]
            volts = [self.get(name) for name in _PAIRS[config >> 12 & 7]]
            code = round((volts[0] - sum(volts[1:])) / _SPANS[config >> 9 & 7] * 32768)
            self._registers[0] = min(max(code, -32768), 32767) & (0xFFFF << self.UNUSED) & 0xFFFF
            if config & 0x0100:
                self._until = None

    def read(self, n):
        self._advance()
        value = self._registers[self._pointer]
        if self._pointer == 1 and self._until is None:
            value |= 0x8000
        return (bytes([value >> 8, value & 0xFF]) * (n // 2 + 1))[:n]
