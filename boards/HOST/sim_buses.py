"""I2C, SPI, 1-Wire and I2S of the simulated board, with models of the chips that a node's drivers ask for (chips/).

A driver of the library finds its chip by itself: what a bus's device calls its chip is the name of the model, `SHT4x` is in
chips/model_sht4x.py; a node's file may bring one: attached.py, where a chip on 1-Wire has the text of its ROM code for a place.
It has what is in chips/models.py; where it lacks faults it may be pulled off alone. Where there is none nobody answers.
"""

import errno
import sys
import time

import models

import attached
import board
from rest import fail

FAULTS = {
    "none": "the bus is whole",
    "stuck": "its data line is pulled low: nothing gets through",
    "held": "a chip holds SDA low until it is clocked nine times",
    "stretched": "a chip holds SCL low for 0.3 ms once it is addressed, as it may",
}
broken = {}  # name of a bus -> fault
measured = None  # a function that gives what a chip at a place has in place of "hot", degC
_clocked = {}  # pin -> falling edges
edge = 0  # counts what happens at pins


class _Own:
    """A model of which nobody said what may break."""

    FAULTS = {"none": "the chip is whole", "absent": "the chip is pulled off"}
    MODES = ((0, 0), (0, 1), (1, 0), (1, 1))

    def __init__(self, model):
        self.fault = "none"
        for name in ("write", "read", "select", "exchange", "present", "write_bit", "read_bit"):
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


def place(device):
    """Where a device is on its bus: address, chip select, or the text of its ROM code, "" where it has none."""
    for name in ("address", "pin"):
        if hasattr(device, name):
            return getattr(device, name)
    return "".join(["%02x" % byte for byte in device.code or b""])


def model(bus, device):
    """The model of a device of a bus, None where there is none."""
    where = place(device)
    found = attached.find(bus.name, where)
    if not found and (bus.name, where) not in attached.models:
        found = models.find(device.chip, device.code if hasattr(device, "code") else where)
        if measured and "hot" in getattr(found, "now", ()):
            found.now["hot"] = lambda: measured((bus.name, where))
        attached.attach(bus.name, where, found)
    return _breakable(bus.name, where)


def _breakable(name, where):
    found = attached.find(name, where)
    if found and not hasattr(found, "break_"):
        found = _Own(found)
        attached.attach(name, where, found)
    return found


def devices():
    """All that the node's drivers ask for: (bus, its place, chip, model) each."""
    found = []
    for name in sorted(opened()):
        bus = opened()[name]
        for device in bus.devices:
            found.append((bus, place(device), device.chip, model(bus, device)))
    return found


def there(kind, key):
    """The models on the bus of board.py whose first entry is `key`, by their place; None where its line is pulled low."""
    found = {}
    for name in getattr(board, kind):
        wiring = getattr(board, kind)[name]
        if (wiring if isinstance(wiring, int) else wiring[0]) != key:
            continue
        if broken.get(name, "stretched") != "stretched":
            return None
        for device in opened()[name].devices if name in opened() else ():
            model(opened()[name], device)
        attached.find(name, None)  # what the node's file brings
        for bus, where in list(attached.models):
            if bus == name and attached.models[bus, where]:
                found[where] = _breakable(bus, where)
    return found


def wire(pin):
    """The models on the 1-Wire bus at a pin; None where it is stuck."""
    found = there("ONEWIRE", pin)
    return None if found is None else [chip for chip in found.values() if chip.fault != "absent"]


def _nothing(*args, **options):
    pass


class I2C:
    """scan() finds the models, and a transfer to another address raises OSError(ENODEV)."""

    def __init__(self, id=-1, scl=None, sda=None, freq=400000, timeout=50000, **options):
        self._timeout = timeout
        self._freq = freq
        self._scl = getattr(scl, "id", scl)
        self._id = id
        name = self._bus()
        if broken.get(name) == "held" and _clocked.get(self._scl, 0) >= 9:
            broken.pop(name)

    init = deinit = start = stop = _nothing

    def _bus(self):
        for name in board.I2C:
            if board.I2C[name][0] == self._id:
                return name

    def _models(self):
        found = there("I2C", self._id)
        if found is None:
            _clocked[self._scl] = 0
            time.sleep_us(self._timeout)
            fail(errno.ETIMEDOUT)
        return found

    def _chip(self, address):
        found = self._models().get(address)
        if found is None or found.fault == "absent":
            fail(errno.ENODEV)  # no address is acknowledged
        if self._bus() in broken:
            time.sleep_us(300)
        return found

    def scan(self):
        found = self._models()
        return sorted([address for address in found if found[address].fault != "absent"])

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

        found = there("SPI", self._id) or {}
        for pin in found:
            if not levels.get(pin, 1):
                chip = found[pin]
                return None if chip.fault == "absent" or self._mode not in chip.MODES else chip
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
