"""A 1-Wire bus and the devices on it, each known by its ROM code; over MicroPython's module _onewire."""

import _onewire

from machine import Pin
from secnode import pace
from secnode.errors import CommunicationFailed


class Bus:
    """A 1-Wire bus at a pin, with a pull-up of 4.7 kOhm to 3V3.

    A reset blocks for 1 ms, a byte for 0.6 ms; the others run in between. One device has the wire until it is done with it.
    """

    def __init__(self, name, pin):
        self.name = name
        self.devices = []
        self.transfers = 0
        self.retries = 0  # what was tried once more
        self.failures = 0  # tries that failed
        self.busy = False
        self.pin = Pin(pin, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)

    def device(self, rom=None, chip="chip"):
        """The device of a ROM code: 16 hexadecimal digits, its family first and its check byte last, as `secnode selftest`
        prints them. None is the only device on the wire, whatever its code. `chip` is its name in messages.

        Raises ValueError for what is no ROM code, and where two devices can't be told from each other.
        """
        code = None
        if rom is not None:
            try:
                code = bytes([int(rom[i : i + 2], 16) for i in range(0, 16, 2)])
            except (TypeError, ValueError):
                code = b""
            if code == b"" or len(rom) != 16 or not code[0] or _onewire.crc8(code):
                raise ValueError("a ROM code has 16 hexadecimal digits, as `secnode selftest` prints them, not %r" % (rom,))
        for other in self.devices:
            if code is None or other.code is None:
                raise ValueError("%s has several devices: each of them needs its ROM code" % self.name)
            if other.code == code:
                raise ValueError("%s: the ROM code %s has a device already, a %s" % (self.name, rom, other.chip))
        device = Device(self, code, chip)
        self.devices.append(device)
        return device


class Device:
    """One device of a bus."""

    def __init__(self, bus, code, chip):
        self.bus = bus
        self.code = code
        self.chip = chip
        # what a message begins with: to skip, or to match, the ROM code
        self.select = b"\xcc" if code is None else b"\x55" + code

    async def transfer(self, send, receive=()):
        """Reset the wire, send bytes, which begin with `select`, and then fill a buffer. Raises CommunicationFailed."""
        bus = self.bus
        while bus.busy:
            await pace.sleep_ms(1)
        bus.busy = True
        try:
            bus.transfers += 1
            pin = bus.pin
            there = _onewire.reset(pin)
            if not pin.value():
                raise self.failed("the wire is stuck low, or has no pull-up")
            if not there:
                raise self.failed("it does not answer")
            for i in range(-len(send), len(receive)):
                if i < 0:
                    _onewire.writebyte(pin, send[i])
                else:
                    receive[i] = _onewire.readbyte(pin)
                await pace.sleep_ms(0)
        finally:
            bus.busy = False

    def failed(self, why):
        """What to raise where the device's answer makes no sense."""
        bus = self.bus
        bus.failures += 1
        rom = "" if self.code is None else ", ROM code " + "".join(["%02x" % byte for byte in self.code])
        return CommunicationFailed("%s at %s%s: %s" % (self.chip, bus.name, rom, why))
