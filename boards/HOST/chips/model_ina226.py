"""TI's INA226 by its datasheet, with 0.1 Ohm: it converts continuously; current and power by its calibration register."""

import models


class Model(models.Model):
    QUANTITIES = {"voltage": 24.0, "current": 0.5}  # V, A
    FAULTS = dict(models.Model.FAULTS)
    FAULTS["reset"] = "its supply has dropped out for a moment"
    FAULTS["other"] = "it is another chip"

    def break_(self, fault):
        super().break_(fault)
        if fault in ("reset", "other"):
            self.reset()

    def reset(self):
        self._pointer = 0
        self._written = {0: 0x4127, 5: 0, 6: 0, 7: 0}  # configuration, calibration, mask and limit of the alert

    def write(self, data):
        if data:
            self._pointer = data[0]
        if len(data) == 3 and self._pointer in self._written:
            value = data[1] << 8 | data[2]
            self._written[self._pointer] = value
            if self._pointer == 0 and value & 0x8000:
                self.reset()
        return True

    def _value(self):
        pointer = self._pointer
        if pointer == 6:
            return self._written[6] | 8  # a conversion is there
        if pointer in self._written:
            return self._written[pointer]
        if pointer in (0xFE, 0xFF):
            return 0 if self.fault == "other" else 0x5449 if pointer == 0xFE else 0x2260
        shunt = min(max(round(self.get("current") * 0.1 / 2.5e-6), -32768), 32767)
        volts = min(max(round(self.get("voltage") / 0.00125), 0), 32767)
        current = shunt * self._written[5] // 2048
        return {1: shunt, 2: volts, 3: abs(current) * volts // 20000, 4: current}.get(pointer, 0)

    def read(self, n):
        value = self._value() & 0xFFFF
        return (bytes([value >> 8, value & 0xFF]) * (n // 2 + 1))[:n]
