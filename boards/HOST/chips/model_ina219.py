"""TI's INA219 by its datasheet, with 0.1 Ohm: it converts continuously; current and power by its calibration register."""

import models


class Model(models.Model):
    QUANTITIES = {"voltage": 24.0, "current": 1.0}  # V, A
    FAULTS = dict(models.Model.FAULTS)
    FAULTS["reset"] = "its supply has dropped out for a moment"

    def break_(self, fault):
        super().break_(fault)
        if fault == "reset":
            self.reset()

    def reset(self):
        self._pointer = 0
        self._config = 0x399F
        self._calibration = 0

    def write(self, data):
        if data:
            self._pointer = data[0]
        if len(data) == 3:
            value = data[1] << 8 | data[2]
            if self._pointer == 0:
                self._config = value
                if value & 0x8000:
                    self.reset()
            elif self._pointer == 5:
                self._calibration = value & 0xFFFE
        return True

    def _value(self):
        if self._pointer == 0:
            return self._config
        if self._pointer == 5:
            return self._calibration
        highest = 4000 << (self._config >> 11 & 3)
        shunt = min(max(round(self.get("current") * 0.1 / 1e-5), -highest), highest)
        volts = min(max(round(self.get("voltage") / 0.004), 0), 8000 if self._config & 0x2000 else 4000)
        current = shunt * self._calibration // 4096
        return {1: shunt, 2: volts << 3 | 2, 3: abs(current) * volts // 5000, 4: current}.get(self._pointer, 0)

    def read(self, n):
        value = self._value() & 0xFFFF
        return (bytes([value >> 8, value & 0xFF]) * (n // 2 + 1))[:n]
