"""What the models of Sensirion's humidity sensors have in common."""

import models


def crc8(data):
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x31) & 0xFF if crc & 0x80 else crc << 1
    return crc


def words(*numbers):
    """Each 16-bit word with its check byte."""
    data = b""
    for number in numbers:
        word = bytes([number >> 8, number & 0xFF])
        data += word + bytes([crc8(word)])
    return data


class Sensirion(models.Model):
    """It acknowledges a command at once, and is read when the command has had its time."""

    QUANTITIES = {"temperature": 23.0, "humidity": 45.0}
    FAULTS = dict(models.Model.FAULTS)
    FAULTS["crc"] = "a bit of each answer is wrong"
    RESET, SERIAL = b"", b""
    MEASURE = {}  # command -> ms
    LOW, HIGH = 0, 100  # % of humidity at 0 and 65535

    def reset(self):
        self._answer = None
        self._due = 0

    def write(self, data):
        if data == self.RESET:
            self.reset()
        elif data == self.SERIAL:
            self._give(words(0x1234, 0x5678), 1)
        elif data in self.MEASURE:
            temperature = models.code(self.get("temperature"), -45, 130, 65535)
            self._give(words(temperature, models.code(self.get("humidity"), self.LOW, self.HIGH, 65535)), self.MEASURE[data])
        else:
            return self.other(data)
        return True

    def other(self, data):
        return True

    def _give(self, answer, ms):
        self._answer = answer
        self._begun = self.ms()
        self._due = ms

    def read(self, n):
        if self._answer is None or models.since(self._begun, self.ms()) < self._due:
            return None
        answer, self._answer = self._answer, None
        if self.fault == "crc":
            answer = answer[:2] + bytes([answer[2] ^ 0x10]) + answer[3:]
        return (answer + b"\xff" * n)[:n]
