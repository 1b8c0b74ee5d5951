"""Maxim's DS18B20 by its datasheet, with a supply of its own."""

import models
from one_wire import OneWire, crc8

_EEPROM = b"\x4b\x46\x7f"  # TH, TL and configuration, from the factory


class Model(OneWire):
    QUANTITIES = {"temperature": 23.0}
    FAULTS = dict(models.Model.FAULTS)
    FAULTS.update(
        {
            "crc": "a bit of each answer is wrong",
            "parasite": "its supply pin has come off: it lives by the data line",
            "deaf": "it hears no command to measure",
            "reset": "its supply drops out after each conversion",
        }
    )

    def reset(self):
        self._scratch = bytearray(b"\x50\x05" + _EEPROM + b"\xff\x0c\x10")
        self._due = None
        self._tells = False
        self._out = []

    def present(self):
        self._convert()
        self._tells = False
        return super().present()

    def command(self, byte):
        self._convert()
        self._stage = self._done
        if byte == 0x44 and self.fault != "deaf":
            self._tells = True  # how far it is, until the next reset
            self._begun = self.ms()
            self._due = 0 if self.fault == "parasite" else 750 >> (3 - (self._scratch[4] >> 5 & 3))
            self._taken = self.get("temperature")
        elif byte == 0x4E:
            self._written = 2
            self.hear(self._write)
        elif byte == 0xBE:
            check = crc8(self._scratch) ^ (0x10 if self.fault == "crc" else 0)
            self.say(bytes(self._scratch) + bytes([check]))
        elif byte == 0xB4:
            self.say(b"\x00" if self.fault == "parasite" else b"\xff")

    def _write(self, byte):
        self._scratch[self._written] = byte & 0x60 | 0x1F if self._written == 4 else byte
        self._written += 1
        if self._written == 5:
            self._stage = self._done

    def idle_bit(self):
        self._convert()
        return 0 if self._tells and self._due is not None and self.fault != "parasite" else 1

    def _convert(self):
        if self._due is None or models.since(self._begun, self.ms()) < self._due:
            return
        self._due = None
        bits = 9 + (self._scratch[4] >> 5 & 3)
        code = min(max(round(self._taken * 16), -880), 2000) & 0xFFFF & ~((1 << 12 - bits) - 1)
        self._scratch[0] = code & 0xFF
        self._scratch[1] = code >> 8
        self._scratch[6] = 0x10 - (code & 0x0F)
        if self.fault == "reset":
            self.reset()
