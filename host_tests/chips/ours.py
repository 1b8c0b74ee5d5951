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
    if "couple" in keywords:
        couple = keywords["couple"]
        keywords["couple"] = getattr(__import__("drivers.type_" + couple.lower(), None, None, (couple,)), couple)
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


def give(level):
    """Set an output, and have what its model gives."""
    _chip.set(level)
    return _model().now["code"]


def trouble():
    """Why an output does not drive."""
    return _chip.trouble


def end():
    """Put an output off, and have what its model gives."""
    _chip.off()
    return _model().now["code"]


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


class _PlayedWire(_Played):
    """The same of _onewire."""

    def reset(self, pin):
        return self.playing or self.real.reset(pin)

    def writebyte(self, pin, byte):
        if not self.playing:
            self.real.writebyte(pin, byte)

    def readbyte(self, pin):
        if self.playing:
            self.i += 1
            return self.said[self.i - 1]
        self.said.append(self.real.readbyte(pin))
        return self.said[-1]


class _OneWire:
    """What _onewire has, with functions that may be replaced."""

    def __init__(self):
        import _onewire

        for name in ("reset", "readbyte", "writebyte"):
            setattr(self, name, getattr(_onewire, name))


def _wires(bus):
    # where a bus has what it drives: an object and the names of its parts that _Played takes the place of
    if hasattr(bus, "pin"):
        import _onewire

        return _onewire, ("reset", "readbyte", "writebyte")
    return bus, ("i2c",) if hasattr(bus, "i2c") else ("spi",)


def _put(holder, names, played):
    if len(names) == 1:
        setattr(holder, names[0], played)
    else:
        for name in names:
            setattr(holder, name, getattr(played, name))


class _High:
    """A pin that reads as 1, and allocates nothing."""

    def value(self):
        return 1


async def _cost(source):
    bus = _chip.device.bus
    holder, names = _wires(bus)
    real = getattr(holder, names[0]) if len(names) == 1 else _OneWire()
    played = _Played(real) if len(names) == 1 else _PlayedWire(real)
    for _ in range(2):
        await _awaited(source)  # begun, and what is made once is there
    _put(holder, names, played)
    await _awaited(source)
    played.playing = True
    pin = getattr(bus, "pin", None)
    bus.pin = _High()
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
    _put(holder, names, real)
    bus.pin = pin
    pace.sleep_ms = _sleep
    return between, kept


async def _awaited(source):
    value = source.read()
    return await value if hasattr(value, "send") else value


async def _gaps(source):
    holder, names = _wires(_chip.device.bus)
    real = _OneWire()
    rounds = since = most = 0

    async def others():
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    def counted(function):
        def call(*args):
            nonlocal since, most, rounds
            since = since + 1 if rounds == 0 else 1
            rounds = 0
            most = max(most, since)
            return function(*args)

        return call

    task = asyncio.create_task(others())
    for name in names:
        setattr(holder, name, counted(getattr(real, name)))
    try:
        await source.read()
    finally:
        _put(holder, names, real)
        task.cancel()
    return most


def gaps():
    """How many resets and bytes of a reading came one after the other while another task wanted to run."""
    return asyncio.run(_gaps(_read[0]))


def cost():
    """[bytes in between, bytes left by a hundred more] of a reading of the first quantity, without what bus and models take."""
    return list(asyncio.run(_cost(_read[0])))


def couple(kind):
    """[by how many K a type's curve is off at most, the same of its cold junction from 0 to 90 degC, whether it rises].

    In steps of 5 K over its range and 50 K beyond.
    """
    import its90

    from drivers import thermocouple

    curve = getattr(__import__("drivers.type_" + kind.lower(), None, None, (kind,)), kind)
    worst = 0.0
    rises = True
    last = None
    low, high = curve[2:4]
    for t in range(low - 50, high + 51, 5):
        volts = its90.millivolts(kind, t)
        found = thermocouple.temperature(curve, volts)
        rises = rises and (last is None or found > last)
        last = found
        if low <= t <= high:
            worst = max(worst, abs(found - t))
    slope = its90.millivolts(kind, 26) - its90.millivolts(kind, 25)
    cold = [abs(thermocouple.junction_voltage(curve, t) - its90.millivolts(kind, t)) / slope for t in range(0, 91, 5)]
    return [encode(worst), encode(max(cold)), rises]


if __name__ == "__main__":
    functions = couple, make, set, fault, wait, read, counts, cost, gaps, give, end, trouble
    driver.serve({function.__name__: function for function in functions})
