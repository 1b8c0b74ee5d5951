"""A chip on SPI with registers: the first byte of a transfer is an address, bit 7 for writing, then it counts on."""

import models


class Registers(models.Model):
    MODES = ((0, 1), (1, 1))  # of clock and phase
    COUNT = 0

    def select(self):
        self._address = None

    def exchange(self, byte):
        if self._address is None:
            self._address = byte
            return 0
        register = self._address & 0x7F
        writes = self._address & 0x80
        self._address = writes | (register + 1) % 128
        if register >= self.COUNT:
            return 0
        if writes:
            self.put(register, byte)
            return 0
        return self.take(register)

    def put(self, register, byte):
        """A byte is written into a register."""

    def take(self, register):
        """A register's content."""
        return self.registers[register]
