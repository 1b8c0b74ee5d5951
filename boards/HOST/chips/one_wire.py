"""A chip on 1-Wire, bit by bit: what selects it by its ROM code, for models of such chips."""

import models

_READ, _MATCH, _SKIP, _SEARCH, _ALARM = 0x33, 0x55, 0xCC, 0xF0, 0xEC


def crc8(data):
    crc = 0
    for byte in data:
        for _ in range(8):
            crc, byte = crc >> 1 ^ (0x8C if (crc ^ byte) & 1 else 0), byte >> 1
    return crc


class OneWire(models.Model):
    """It hears a reset, a ROM command, and where it is meant what comes after it: command(byte), data(byte), bits()."""

    FAMILY = 0x28
    count = 0  # models that were made: each has a serial number of its own

    def __init__(self, address=None):
        if address is None:
            OneWire.count += 1
            address = bytes([self.FAMILY, OneWire.count, 0x4C, 0x1B, 0x90, 0x16, 0x03])
            address += bytes([crc8(address)])
        self.rom = address
        self._stage = self._done
        super().__init__(address)

    def _done(self, bit):
        """It is not meant, or has nothing more to hear."""

    def present(self):
        """A reset pulse: whether it answers."""
        self._out = []
        if self.fault == "absent":
            self._stage = self._done
            return False
        self._begin(self._rom_command)
        return True

    def write_bit(self, bit):
        self._out = []
        self._stage(bit)

    def read_bit(self):
        """What it lets the line be: 0 or 1. A read slot of which it knows nothing is 1."""
        return self._out.pop(0) if self._out else self.idle_bit()

    def slot(self, bit):
        """A slot as it is on the wire: 0, or 1, by which a 1 is written or a bit is asked for. Gives what the line shows."""
        if bit and (self._out or self._stage == self._done):
            return self.read_bit()
        self.write_bit(bit)
        return bit

    def idle_bit(self):
        """What a read slot is where nothing is to be said."""
        return 1

    def _begin(self, what):
        # bytes come in by bits
        self._stage = self._bits
        self._what = what
        self._byte = self._n = 0

    def _bits(self, bit):
        self._byte |= bit << self._n
        self._n += 1
        if self._n == 8:
            byte, self._byte, self._n = self._byte, 0, 0
            self._what(byte)

    def _rom_command(self, byte):
        if byte == _SKIP:
            self._begin(self.command)
        elif byte == _READ:
            self.say(self.rom)
            self._begin(self.command)
        elif byte == _MATCH:
            self._matched = 0
            self._what = self._match
        elif byte == _SEARCH or (byte == _ALARM and self.alarmed()):
            self._searched = 0  # bits of its code that a search has gone through
            self._stage = self._search
            self._offer()
        else:
            self._stage = self._done

    def _match(self, byte):
        if byte != self.rom[self._matched]:
            self._stage = self._done
            return
        self._matched += 1
        if self._matched == 8:
            self._begin(self.command)

    def _offer(self):
        bit = self.rom[self._searched >> 3] >> (self._searched & 7) & 1
        self._out = [bit, 1 - bit]

    def _search(self, bit):
        i = self._searched
        if bit != self.rom[i >> 3] >> (i & 7) & 1:
            self._stage = self._done
            return
        self._searched = i + 1
        if i == 63:
            self._begin(self.command)
        else:
            self._offer()

    def say(self, data):
        """What the next read slots give."""
        self._out = [byte >> i & 1 for byte in data for i in range(8)]

    def hear(self, what):
        """Bytes go to that function from now on."""
        self._begin(what)

    def alarmed(self):
        return False

    def command(self, byte):
        """A command that is meant for it."""
