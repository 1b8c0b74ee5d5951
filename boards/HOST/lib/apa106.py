"""MicroPython's `apa106`, of an ESP32: a NeoPixel with red first."""

from neopixel import NeoPixel


class APA106(NeoPixel):
    ORDER = (0, 1, 2, 3)
