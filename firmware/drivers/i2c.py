"""An I2C bus and the devices on it: what goes wrong is told with chip, bus and address, and counted."""

from errno import ETIMEDOUT, errorcode
from time import sleep_us

from machine import I2C, Pin
from micropython import const
from secnode.errors import CommunicationFailed

_TIMEOUT = const(3000)  # us that a transfer may take: 26 bytes at 100 kHz take 2.5 ms
_TRIES = const(2)


class Bus:
    """An I2C bus: `wiring` is (id, pin of SCL, pin of SDA), `freq` in Hz.

    Each transfer is whole before anybody else runs, so two chips never interleave. It blocks for its bytes alone: 0.1 ms a
    byte at 100 kHz, and 3 ms where the bus is stuck.
    """

    def __init__(self, name, wiring, freq=100000):
        self.name = name
        self.devices = []
        self.transfers = 0
        self.retries = 0  # transfers that were tried once more
        self.failures = 0  # tries that failed
        self._wiring = wiring
        self._freq = freq
        self._begin()

    def _begin(self):
        id, scl, sda = self._wiring
        self.i2c = I2C(id, scl=Pin(scl), sda=Pin(sda), freq=self._freq, timeout=_TIMEOUT)

    def device(self, address, chip="chip"):
        """The device at an address (7 bits, 0x08 to 0x77); `chip` is its name in messages.

        Raises ValueError for what is no address, and for one that another device has.
        """
        if not 0x08 <= address <= 0x77:
            raise ValueError("an I2C address is from 0x08 to 0x77, not 0x%02x" % address)
        for other in self.devices:
            if other.address == address:
                raise ValueError("%s: address 0x%02x has a device already, a %s" % (self.name, address, other.chip))
        device = Device(self, address, chip)
        self.devices.append(device)
        return device

    def scan(self):
        """The addresses that answer. It takes 0.3 ms each, 30 ms in all: for a self-test, not for a running node."""
        return self.i2c.scan()

    def free(self):
        """Clock out what a chip may still have to say: one that was interrupted holds SDA low until then."""
        _, scl, sda = self._wiring
        Pin(sda, Pin.IN, Pin.PULL_UP)
        pin = Pin(scl, Pin.OPEN_DRAIN, value=1)
        for _ in range(9):
            pin.value(0)
            sleep_us(10)
            pin.value(1)
            sleep_us(10)
        self._begin()


class Device:
    """One address of a bus. Its methods take buffers, and raise CommunicationFailed."""

    def __init__(self, bus, address, chip):
        self.bus = bus
        self.address = address
        self.chip = chip

    def write(self, buf):
        """Send bytes."""
        self._transfer("writeto", buf)

    def read_into(self, buf):
        """Fill a buffer."""
        self._transfer("readfrom_into", buf)

    def write_register(self, register, buf):
        """Send a register's number and then bytes."""
        self._transfer("writeto_mem", register, buf)

    def read_register(self, register, buf):
        """Send a register's number, and fill a buffer from there on."""
        self._transfer("readfrom_mem_into", register, buf)

    def failed(self, why):
        """What to raise where the device's answer makes no sense."""
        self.bus.failures += 1
        return CommunicationFailed("%s at %s, address 0x%02x: %s" % (self.chip, self.bus.name, self.address, why))

    def _transfer(self, name, *args):
        bus = self.bus
        bus.transfers += 1
        left = _TRIES
        while True:
            left -= 1
            try:
                return getattr(bus.i2c, name)(self.address, *args)
            except OSError as e:
                why = e.args[0]
                if why == ETIMEDOUT:
                    bus.free()
                    raise self.failed("the bus is stuck (ETIMEDOUT)")
                if not left:
                    raise self.failed("it does not answer (%s)" % errorcode.get(why, why))
                bus.failures += 1
                bus.retries += 1
