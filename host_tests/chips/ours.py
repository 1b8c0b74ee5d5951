"""Our drivers over the models of boards/HOST/chips, on the simulated board, answering questions at any level.

Time goes on when a driver sleeps.
"""

import asyncio
import gc
import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import driver  # puts the firmware on the path
from coded import encode

sys.path.insert(0, __file__.rsplit("/", 3)[0] + "/boards/HOST")

import attached
import board
import machine
from secnode import pace

sim_buses = machine._sim_buses()  # and chips/ is on the path
_ticks_ms = pace.ticks_ms
_jumped = 0


def _ticks():
    return pace.ticks_add(_ticks_ms(), _jumped)


async def _sleep(ms):
    global _jumped
    _jumped += ms
    await asyncio.sleep(0)


pace.ticks_ms = _ticks
pace.sleep_ms = _sleep
sim_buses.models.clock = _ticks
_read = None
_chip = None


def _model():
    return sim_buses.devices()[-1][3]


def make(name, bus, reads, arguments, keywords):
    """A chip of drivers.<name in small letters>, on a new bus of that kind.

    `reads` are what to read of it: the name of an attribute, or [name of a method, its arguments], each with read(); "." is
    the chip itself.
    """
    global _chip, _read
    import buses

    buses.opened.clear()
    attached.models.clear()
    sim_buses.broken.clear()
    wires = getattr(board, bus)(bus + "0")
    module = __import__("drivers." + name.lower(), None, None, (name,))
    _chip = getattr(module, name)(wires, *arguments, **keywords)
    _read = []
    for what in reads:
        if what == ".":
            _read.append(_chip)
            continue
        _read.append(getattr(_chip, what) if isinstance(what, str) else getattr(_chip, what[0])(*what[1]))


def set(values):
    _model().now.update(values)


def fault(name, bus=None):
    if bus:
        sim_buses.broken[bus] = name
        if name == "none":
            del sim_buses.broken[bus]
    else:
        _model().break_(name)


def wait(ms):
    global _jumped
    _jumped += ms


def read():
    """All that is to be read, one after the other."""
    found = []
    for source in _read:
        found.append(encode(float(_one(source))))
    return found


def _one(source):
    value = source.read()
    return asyncio.run(value) if hasattr(value, "send") else value


def counts():
    """[transfers, retries, failures] of the bus so far."""
    bus = _chip.device.bus
    return [bus.transfers, bus.retries, bus.failures]


class _Played:
    """An I2C or SPI that plays what another one said, and allocates nothing."""

    def __init__(self, real):
        self.real = real
        self.playing = False
        self.said = []
        self.i = 0

    def init(self, baudrate=1, polarity=0, phase=0):
        if not self.playing:
            self.real.init(baudrate=baudrate, polarity=polarity, phase=phase)

    def writeto(self, address, buf):
        if not self.playing:
            self.real.writeto(address, buf)

    def writeto_mem(self, address, register, buf):
        if not self.playing:
            self.real.writeto_mem(address, register, buf)

    def readfrom_into(self, address, buf):
        if not self.playing:
            self.real.readfrom_into(address, buf)
        self._play(buf)

    def readfrom_mem_into(self, address, register, buf):
        if not self.playing:
            self.real.readfrom_mem_into(address, register, buf)
        self._play(buf)

    def write_readinto(self, send, receive):
        if not self.playing:
            self.real.write_readinto(send, receive)
        self._play(receive)

    def _play(self, buf):
        if not self.playing:
            self.said.append(bytes(buf))
            return
        said = self.said[self.i]
        self.i += 1
        for i in range(len(buf)):
            buf[i] = said[i]


def _sleep_not(ms):
    return asyncio.sleep_ms(0)


async def _cost(source):
    bus = _chip.device.bus
    wire = "i2c" if hasattr(bus, "i2c") else "spi"
    played = _Played(getattr(bus, wire))
    for _ in range(2):
        await _awaited(source)  # begun, and what is made once is there
    setattr(bus, wire, played)
    await _awaited(source)
    played.playing = True
    pace.sleep_ms = _sleep_not  # a board's takes nothing
    await _awaited(source)
    gc.collect()
    gc.disable()
    played.i = 0
    began = gc.mem_alloc()
    value = source.read()  # as the node does it
    if hasattr(value, "send"):
        await value
    value = None
    between = gc.mem_alloc() - began
    gc.enable()
    for _ in range(2):  # in the first round what is of before goes
        gc.collect()
        began = gc.mem_alloc()
        for _ in range(100):
            played.i = 0
            await _awaited(source)
        gc.collect()
        kept = gc.mem_alloc() - began
    setattr(bus, wire, played.real)
    pace.sleep_ms = _sleep
    return between, kept


async def _awaited(source):
    value = source.read()
    return await value if hasattr(value, "send") else value


def cost():
    """[bytes in between, bytes left by a hundred more] of a reading of the first quantity, without what bus and models take."""
    return list(asyncio.run(_cost(_read[0])))


if __name__ == "__main__":
    driver.serve({"make": make, "set": set, "fault": fault, "wait": wait, "read": read, "counts": counts, "cost": cost})
