"""I2C, SPI and I2S of the simulated board, with models of the chips that a node's drivers ask for (chips/).

A driver of the library finds its chip by itself: what a drivers.i2c.Device or drivers.spi.Device calls its chip is the name of
the model, `SHT4x` is in chips/model_sht4x.py; a node's file may bring one: attached.py. It has what is in chips/models.py;
where it lacks faults it may be pulled off alone. Where there is none nobody answers.
"""

import errno
import sys
import time

import models

import attached
from rest import fail

FAULTS = {
    "none": "the bus is whole",
    "stuck": "SDA is pulled low: nothing gets through",
    "held": "a chip holds SDA low until it is clocked nine times",
}
broken = {}  # name of a bus -> fault
_clocked = {}  # pin -> falling edges
edge = 0  # counts what happens at pins


class _Own:
    """A model of which nobody said what may break."""

    FAULTS = {"none": "the chip is whole", "absent": "the chip is pulled off"}
    MODES = ((0, 0), (0, 1), (1, 0), (1, 1))

    def __init__(self, model):
        self.fault = "none"
        for name in ("write", "read", "select", "exchange"):
            if hasattr(model, name):
                setattr(self, name, getattr(model, name))

    def break_(self, fault):
        self.FAULTS[fault]
        self.fault = fault


def drive(pin, level):
    """A pin is driven: it may be a chip select, or the clock of a bus that somebody frees."""
    global edge
    edge += 1
    if not level:
        _clocked[pin] = _clocked.get(pin, 0) + 1


def opened():
    """The node's buses, by name."""
    buses = sys.modules.get("buses")
    return buses.opened if buses else {}


def model(bus, device, address):
    """The model at an address of a bus, None where there is none; `device` is what the driver has, if any."""
    found = attached.find(bus.name, address)
    if not found and device and (bus.name, address) not in attached.models:
        found = models.find(device.chip, address)
    if found and not hasattr(found, "break_"):
        found = _Own(found)
    if found or device:
        attached.attach(bus.name, address, found)
    return found


def devices():
    """All that the node's drivers ask for: (bus, address or chip select, chip, model) each."""
    found = []
    for name in sorted(opened()):
        bus = opened()[name]
        for device in bus.devices:
            address = device.address if hasattr(device, "address") else device.pin
            found.append((bus, address, device.chip, model(bus, device, address)))
    return found


def _nothing(*args, **options):
    pass


class I2C:
    """scan() finds the models, and a transfer to another address raises OSError(ENODEV)."""

    def __init__(self, id=-1, scl=None, sda=None, freq=400000, timeout=50000, **options):
        self._timeout = timeout
        self._freq = freq
        self._scl = getattr(scl, "id", scl)
        self._id = id
        bus = self._bus()
        if bus and broken.get(bus.name) == "held" and _clocked.get(self._scl, 0) >= 9:
            broken.pop(bus.name)

    init = deinit = start = stop = _nothing

    def _bus(self):
        for bus in opened().values():
            if getattr(bus, "_wiring", (None,))[0] == self._id and hasattr(bus, "scan"):
                return bus

    def _find(self, address):
        bus = self._bus()
        if bus:
            if bus.name in broken:
                _clocked[self._scl] = 0
                time.sleep_us(self._timeout)
                fail(errno.ETIMEDOUT)
            for device in bus.devices:
                if device.address == address:
                    return model(bus, device, address)
            return model(bus, None, address)
        return None

    def _chip(self, address):
        found = self._find(address)
        if found is None or found.fault == "absent":
            fail(errno.ENODEV)  # no address is acknowledged
        return found

    def scan(self):
        found = []
        for address in range(0x08, 0x78):
            chip = self._find(address)
            if chip is not None and chip.fault != "absent":
                found.append(address)
        return found

    def _write(self, address, data):
        if not self._chip(address).write(bytes(data)):
            fail(errno.EIO)

    def _read(self, address, n):
        data = self._chip(address).read(n)
        if data is None:
            fail(errno.EIO)
        return data

    def writeto(self, addr, buf, stop=True):
        self._write(addr, buf)
        return len(buf)

    def writevto(self, addr, vector, stop=True):
        self._write(addr, b"".join([bytes(part) for part in vector]))
        return sum([len(part) for part in vector])

    def readfrom(self, addr, nbytes, stop=True):
        return self._read(addr, nbytes)

    def readfrom_into(self, addr, buf, stop=True):
        buf[:] = self._read(addr, len(buf))

    def _memory(self, memaddr, addrsize):
        return memaddr.to_bytes(addrsize // 8, "big")

    def readfrom_mem(self, addr, memaddr, nbytes, addrsize=8):
        self._write(addr, self._memory(memaddr, addrsize))
        return self._read(addr, nbytes)

    def readfrom_mem_into(self, addr, memaddr, buf, addrsize=8):
        buf[:] = self.readfrom_mem(addr, memaddr, len(buf), addrsize=addrsize)

    def writeto_mem(self, addr, memaddr, buf, addrsize=8):
        self._write(addr, self._memory(memaddr, addrsize) + bytes(buf))

    # primitive operations, of SoftI2C: nobody acknowledges, and a line that nobody pulls is high

    def readinto(self, buf, nack=True):
        for i in range(len(buf)):
            buf[i] = 0xFF

    def write(self, buf):
        return 0


class SoftI2C(I2C):
    def __init__(self, scl, sda, freq=400000, timeout=50000):
        super().__init__(None, scl, sda, freq, timeout)


class I2CTarget:
    """Nobody asks it."""

    IRQ_ADDR_MATCH_READ, IRQ_ADDR_MATCH_WRITE, IRQ_READ_REQ, IRQ_WRITE_REQ, IRQ_END_READ, IRQ_END_WRITE = 1, 2, 4, 8, 16, 32

    def __init__(self, id, addr=None, addrsize=7, mem=None, mem_addrsize=8, scl=None, sda=None):
        self.memaddr = 0

    deinit = irq = _nothing

    def readinto(self, buf):
        return 0

    def write(self, buf):
        return 0


class SPI:
    """The model whose chip select is low hears and answers. Where there is none nobody drives MISO: it reads zeros."""

    MSB, LSB = 0, 1
    CONTROLLER = MASTER = 0

    def __init__(self, id=-1, baudrate=1000000, polarity=0, phase=0, bits=8, firstbit=MSB, sck=None, mosi=None, miso=None):
        self._id = id
        self._edge = -1
        self._mode = polarity, phase

    def init(self, baudrate=None, polarity=None, phase=None, **options):
        self._mode = polarity or 0, phase or 0

    deinit = _nothing

    def _selected(self):
        from machine import levels

        for bus in opened().values():
            if hasattr(bus, "user") and bus._wiring[0] == self._id and bus.name not in broken:
                for device in bus.devices:
                    if not levels.get(device.pin, 1):
                        found = model(bus, device, device.pin)
                        return None if found is None or found.fault == "absent" or self._mode not in found.MODES else found
        return None

    def _exchange(self, data):
        chip = self._selected()
        if chip is None:
            return bytes(len(data))
        if self._edge != edge:
            self._edge = edge
            chip.select()
        return bytes([chip.exchange(byte) for byte in data])

    def read(self, nbytes, write=0x00):
        return self._exchange(bytes([write]) * nbytes)

    def readinto(self, buf, write=0x00):
        buf[:] = self.read(len(buf), write)

    def write(self, buf):
        self._exchange(bytes(buf))

    def write_readinto(self, write_buf, read_buf):
        if len(write_buf) != len(read_buf):
            raise ValueError("buffers must be the same length")
        read_buf[:] = self._exchange(bytes(write_buf))


class SoftSPI(SPI):
    def __init__(self, baudrate=500000, polarity=0, phase=0, bits=8, firstbit=SPI.MSB, sck=None, mosi=None, miso=None):
        if sck is None or mosi is None or miso is None:
            raise ValueError("must specify all of sck/mosi/miso")
        super().__init__(None, baudrate, polarity, phase)


class I2S:
    """Silence."""

    RX, TX, MONO, STEREO = 0, 1, 0, 1

    def __init__(self, id, sck=None, ws=None, sd=None, mode=RX, bits=16, format=MONO, rate=8000, ibuf=2000, mck=None):
        pass

    init = deinit = irq = shift = _nothing

    def readinto(self, buf):
        for i in range(len(buf)):
            buf[i] = 0
        return len(buf)

    def write(self, buf):
        return len(buf)
