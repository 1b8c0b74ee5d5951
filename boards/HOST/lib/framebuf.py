"""MicroPython's `framebuf` for CPython: a picture can be made and drawn into, and nobody sees it."""

MONO_VLSB = MVLSB = 0
RGB565, GS2_HMSB, GS4_HMSB, GS8 = 1, 5, 2, 6
MONO_HLSB, MONO_HMSB = 3, 4


class FrameBuffer:
    def __init__(self, buffer, width, height, format, stride=None):
        bits = {RGB565: 16, GS8: 8, GS4_HMSB: 4, GS2_HMSB: 2}.get(format, 1)
        if len(buffer) * 8 < width * height * bits:
            raise ValueError
        self._pixels = {}

    def pixel(self, x, y, color=None):
        if color is None:
            return self._pixels.get((x, y), 0)
        self._pixels[x, y] = color

    def fill(self, color):
        """Nobody sees it."""

    def fill_rect(self, *args):
        """Nobody sees it."""

    rect = ellipse = line = hline = vline = poly = text = blit = scroll = fill_rect


def FrameBuffer1(buffer, width, height, stride=None):
    return FrameBuffer(buffer, width, height, MONO_VLSB, stride)
