"""An SPI bus and the devices on it: each with its own clock and mode."""

from machine import SPI, Pin
from secnode.errors import CommunicationFailed


class Bus:
    """An SPI bus: `wiring` is (id, pin of SCK, pin of MOSI, pin of MISO).

    Each transfer is whole before anybody else runs, so two chips never interleave. Nobody acknowledges on SPI: a driver finds
    out by what it reads whether its chip is there.
    """

    def __init__(self, name, wiring):
        self.name = name
        self.devices = []
        self.transfers = 0
        self.retries = 0
        self.failures = 0
        self.user = None  # the device that the bus is set up for
        self._wiring = wiring
        id, sck, mosi, miso = wiring
        self.spi = SPI(id, baudrate=1000000, sck=Pin(sck), mosi=Pin(mosi), miso=Pin(miso))

    def device(self, cs, chip="chip", baudrate=1000000, polarity=0, phase=0):
        """The device whose chip select (low: selected) is at the pin `cs`; `chip` is its name in messages.

        Raises ValueError for a pin that another device has.
        """
        for other in self.devices:
            if other.pin == cs:
                raise ValueError("%s: the chip select at pin %s has a device already, a %s" % (self.name, cs, other.chip))
        device = Device(self, cs, chip, baudrate, polarity, phase)
        self.devices.append(device)
        return device


class Device:
    """One chip select of a bus."""

    def __init__(self, bus, cs, chip, baudrate, polarity, phase):
        self.bus = bus
        self.pin = cs
        self.chip = chip
        self._mode = baudrate, polarity, phase
        self._select = Pin(cs, Pin.OUT, value=1)

    def transfer(self, send, receive):
        """Send a buffer while as many bytes come in; both may be the same one."""
        bus = self.bus
        bus.transfers += 1
        if bus.user is not self:
            baudrate, polarity, phase = self._mode
            bus.spi.init(baudrate=baudrate, polarity=polarity, phase=phase)
            bus.user = self
        self._select(0)
        try:
            bus.spi.write_readinto(send, receive)
        finally:
            self._select(1)

    def failed(self, why):
        """What to raise where the device's answer makes no sense."""
        self.bus.failures += 1
        return CommunicationFailed("%s at %s, chip select at pin %s: %s" % (self.chip, self.bus.name, self.pin, why))
