"""Sensirion's SHT3x by its datasheet: single measurements, its status register and its heater."""

from sensirion import Sensirion, words


class Model(Sensirion):
    RESET, SERIAL = b"\x30\xa2", b"\x37\x80"
    # with clock stretching (0x2C) a board waits in the transfer
    MEASURE = {b"\x24\x00": 12, b"\x24\x0b": 5, b"\x24\x16": 3, b"\x2c\x06": 0, b"\x2c\x0d": 0, b"\x2c\x10": 0}

    def reset(self):
        super().reset()
        self._status = 0x0010

    def other(self, data):
        if data in (b"\x30\x66", b"\x30\x6d"):
            self._status = self._status & ~0x2000 | (0x2000 if data[1] == 0x6D else 0)
        elif data == b"\x30\x41":
            self._status &= 0x2000
        elif data == b"\xf3\x2d":
            self._give(words(self._status), 0)
        else:
            return data in (b"", b"\x30\x93")  # stop; anything else is not acknowledged
        return True
