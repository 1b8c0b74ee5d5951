"""MicroPython's `_onewire`: bits at a pin, where the models of chips are (sim_buses.py). A line that nobody pulls is high."""

from machine import _sim_buses, levels

sim_buses = _sim_buses()


def reset(pin):
    found = sim_buses.wire(pin.id)
    levels[pin.id] = 0 if found is None else 1
    if found is None:
        return True  # stuck: low, as somebody's presence
    return any([model.present() for model in found])


def readbit(pin):
    found = sim_buses.wire(pin.id)
    return 0 if found is None else min([model.read_bit() for model in found] + [1])


def writebit(pin, value):
    for model in sim_buses.wire(pin.id) or ():
        model.write_bit(value & 1)


def readbyte(pin):
    return sum([readbit(pin) << i for i in range(8)])


def writebyte(pin, value):
    for i in range(8):
        writebit(pin, value >> i & 1)


def crc8(data):
    """The check byte of 1-Wire: x^8 + x^5 + x^4 + 1, the lowest bit first."""
    crc = 0
    for byte in data:
        for _ in range(8):
            crc, byte = crc >> 1 ^ (0x8C if (crc ^ byte) & 1 else 0), byte >> 1
    return crc
