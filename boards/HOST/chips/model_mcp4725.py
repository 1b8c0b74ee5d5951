"""Microchip's MCP4725 by its datasheet, with 3.3 V. Its EEPROM is at 0, as `secnode selftest --dac` leaves it."""

import models


class Model(models.Model):
    QUANTITIES = {"code": 0}  # what it gives, of 4096
    FAULTS = dict(models.Model.FAULTS)
    FAULTS.update(
        {
            "factory": "its EEPROM is as it comes from the factory: half its supply",
            "reset": "its supply has dropped out for a moment",
            "deaf": "it does not take what it is set to",
        }
    )
    eeprom = bytes(2)

    def break_(self, fault):
        super().break_(fault)
        if fault == "reset":
            self.reset()

    def _kept(self):
        return b"\x08\x00" if self.fault == "factory" else self.eeprom

    def reset(self):
        kept = self._kept()
        self.down = kept[0] >> 5 & 3
        self.now["code"] = kept[0] << 8 & 0xF00 | kept[1]
        self._due = None

    def write(self, data):
        if self._is_busy() or self.fault == "deaf" or len(data) < 2:
            return True
        if data[0] & 0xC0 == 0:  # fast: two bytes each time, the last ones hold
            high, low = data[len(data) // 2 * 2 - 2 :][:2]
            self.down = high >> 4 & 3
            self.now["code"] = high << 8 & 0xF00 | low
        elif data[0] & 0xC0 == 0x40 and len(data) >= 3:
            self.down = data[0] >> 1 & 3
            self.now["code"] = data[1] << 4 | data[2] >> 4
            if data[0] & 0x20:
                self.eeprom = bytes([self.down << 5 | self.now["code"] >> 8, self.now["code"] & 0xFF])
                self._begun = self.ms()
                self._due = 25  # ms, at most 50
        return True

    def _is_busy(self):
        if self._due is not None and models.since(self._begun, self.ms()) >= self._due:
            self._due = None
        return self._due is not None

    def read(self, n):
        code = round(self.get("code"))
        first = (0 if self._is_busy() else 0x80) | 0x40 | self.down << 1
        return (bytes([first, code >> 4, (code & 15) << 4]) + self._kept() + b"\xff" * n)[:n]
