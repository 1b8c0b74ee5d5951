"""Sensirion's SHT4x by its datasheet."""

from sensirion import Sensirion


class Model(Sensirion):
    RESET, SERIAL = b"\x94", b"\x89"
    MEASURE = {b"\xfd": 7, b"\xf6": 4, b"\xe0": 1}  # ms, as most chips have; at most 8.3, 4.5 and 1.6
    LOW, HIGH = -6, 119
