"""MicroPython's `neopixel`: a strip that nobody sees."""


class NeoPixel:
    ORDER = (1, 0, 2, 3)  # green first

    def __init__(self, pin, n, bpp=3, timing=1):
        self.pin, self.n, self.bpp, self.timing = pin, n, bpp, timing
        self.buf = bytearray(n * bpp)

    def __len__(self):
        return self.n

    def __setitem__(self, i, color):
        for c in range(self.bpp):
            self.buf[i * self.bpp + self.ORDER[c]] = color[c]

    def __getitem__(self, i):
        return tuple([self.buf[i * self.bpp + self.ORDER[c]] for c in range(self.bpp)])

    def fill(self, color):
        for i in range(self.n):
            self[i] = color

    def write(self):
        """Nobody sees it."""
