"""MicroPython's `ds18x20`: thermometers on a 1-Wire bus, of which there are none."""

from onewire import OneWireError


class DS18X20:
    def __init__(self, onewire):
        self.ow = onewire
        self.buf = bytearray(9)

    def scan(self):
        return [rom for rom in self.ow.scan() if rom[0] in (0x10, 0x22, 0x28)]

    def convert_temp(self):
        self.ow.reset(True)

    def read_scratch(self, rom):
        raise OneWireError  # nobody answers

    read_temp = read_scratch

    def write_scratch(self, rom, buf):
        raise OneWireError
