"""MicroPython's `onewire` with nothing on the wire: nobody answers a reset, and each bit that is read is 1."""


class OneWireError(Exception):
    pass


class OneWire:
    SEARCH_ROM, MATCH_ROM, SKIP_ROM = 0xF0, 0x55, 0xCC

    def __init__(self, pin):
        self.pin = pin

    def reset(self, required=False):
        if required:
            raise OneWireError
        return False

    def readbit(self):
        return 1

    def readbyte(self):
        return 0xFF

    def readinto(self, buf):
        for i in range(len(buf)):
            buf[i] = 0xFF

    def writebit(self, value):
        """Nobody hears it."""

    writebyte = write = select_rom = writebit

    def scan(self):
        return []

    def crc8(self, data):
        """The check byte of 1-Wire: x^8 + x^5 + x^4 + 1, the lowest bit first."""
        crc = 0
        for byte in data:
            for _ in range(8):
                crc, byte = crc >> 1 ^ (0x8C if (crc ^ byte) & 1 else 0), byte >> 1
        return crc
