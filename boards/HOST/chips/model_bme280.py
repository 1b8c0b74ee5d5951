"""Bosch's BME280 by its datasheet: forced measurements, and codes from which its formulas give what is there."""

from struct import pack

import models

# what the factory found: T and P as in the datasheet of BMP280's example, H as many chips have it
_T = (27504, 26435, -1000)
_P = (36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)
_H = (75, 362, 0, 315, 50, 30)


def fine(code):
    """Of a temperature's code: 5120 a K."""
    x = code / 16384 - _T[0] / 1024
    return x * _T[1] + (x / 8) * (x / 8) * _T[2]


def pressure(code, t):
    """In Pa."""
    x = t / 2 - 64000
    y = (x * x * _P[5] / 32768 + x * _P[4] * 2) / 4 + _P[3] * 65536
    x = (1 + (_P[2] * x * x / 524288 + _P[1] * x) / 524288 / 32768) * _P[0]
    p = (1048576 - code - y / 4096) * 6250 / x
    return p + (_P[8] * p * p / 2147483648 + p * _P[7] / 32768 + _P[6]) / 16


def humidity(code, t):
    """In %."""
    x = t - 76800
    y = _H[1] / 65536 * (1 + _H[5] / 67108864 * x * (1 + _H[2] / 67108864 * x))
    h = (code - (_H[3] * 64 + _H[4] / 16384 * x)) * y
    return h * (1 - _H[0] * h / 524288)


def inverse(function, wanted, bits, falls=False):
    """The code at which a function has a value."""
    code = 0
    for i in range(bits - 1, -1, -1):
        there = function(code | 1 << i)
        if there > wanted if falls else there <= wanted:
            code |= 1 << i
    return code


class Model(models.Model):
    QUANTITIES = {"temperature": 23.0, "humidity": 45.0, "pressure": 1013.25}
    FAULTS = dict(models.Model.FAULTS)
    FAULTS["reset"] = "its supply drops out in each measurement"
    FAULTS["other"] = "a BMP280 is in its place"

    def reset(self):
        self._register = 0
        self._registers = bytearray(256)
        self._registers[0x88:0xA0] = pack("<HhhHhhhhhhhh", *(_T + _P))
        h1, h2, h3, h4, h5, h6 = _H
        self._registers[0xA1] = h1
        self._registers[0xE1:0xE8] = pack("<hBbBbb", h2, h3, h4 >> 4, h4 & 15 | (h5 & 15) << 4, h5 >> 4, h6)
        self._registers[0xF7:0xFF] = b"\x80\x00\x00\x80\x00\x00\x80\x00"
        self._due = None

    def write(self, data):
        if data:
            self._register = data[0]
        for i in range(1, len(data), 2):  # pairs of a register and its value
            self._put(data[i - 1], data[i])
        return True

    def _put(self, register, value):
        if register == 0xE0 and value == 0xB6:
            self.reset()
        elif register in (0xF2, 0xF5):
            self._registers[register] = value
        elif register == 0xF4:
            self._registers[register] = value
            if value & 3:
                samples = [0, 1, 2, 4, 8, 16, 16, 16]
                n = [samples[code] for code in (value >> 5, value >> 2 & 7, self._registers[0xF2] & 7)]
                self._due = 1 + 2 * sum(n) + (n[1] > 0) / 2 + (n[2] > 0) / 2  # ms, as most chips have
                self._begun = self.ms()
                self._registers[0xF3] |= 8

    def _measure(self):
        if self._due is None or models.since(self._begun, self.ms()) < self._due:
            return
        self._due = None
        self._registers[0xF3] &= ~8
        self._registers[0xF4] &= ~3
        if self.fault == "reset":
            self.reset()
            return
        t = inverse(lambda code: fine(code) / 5120, self.get("temperature"), 20)
        p = inverse(lambda code: pressure(code, fine(t)) / 100, self.get("pressure"), 20, falls=True)
        h = inverse(lambda code: humidity(code, fine(t)), self.get("humidity"), 16)
        for at, code in ((0xF7, p), (0xFA, t)):
            self._registers[at : at + 3] = bytes([code >> 12, code >> 4 & 0xFF, (code & 15) << 4])
        self._registers[0xFD:0xFF] = bytes([h >> 8, h & 0xFF])

    def read(self, n):
        self._measure()
        self._registers[0xD0] = 0x58 if self.fault == "other" else 0x60
        found = bytes(self._registers[self._register : self._register + n])
        self._register = (self._register + n) & 0xFF
        return found
