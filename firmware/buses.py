"""The buses that a node asks its board for: board.i2c("i2c0"), .spi("spi0"), .onewire("onewire0"), .uart("uart1").

Which there are, and at which pins, is in the board's board.py: I2C, SPI, ONEWIRE, UARTS. Without a name it is the board's first
one of that kind. Loaded when a node asks for one. A bus that the board does not have raises ValueError: `secnode describe`
tells it with the line in the node's file.
"""

import board

opened = {}  # by name; asked for again it is the same bus


def _find(kind, name):
    known = getattr(board, kind, {})
    if name is None and known:
        name = sorted(known)[0]
    if name not in known:
        has = ", ".join(sorted(known)) or "none"
        what = "bus %r" % name if name else "such bus"
        raise ValueError("%s has no %s; %s in its board.py: %s" % (board.NAME, what, kind, has))
    return name, known[name]


def i2c(name=None, freq=100000):
    """The I2C bus of that name, a drivers.i2c.Bus. `freq` in Hz is the clock: 100000, with short wires up to 400000."""
    from drivers.i2c import Bus

    name, wiring = _find("I2C", name)
    if name not in opened:
        opened[name] = Bus(name, wiring, freq)
    return opened[name]


def spi(name=None):
    """The SPI bus of that name, a drivers.spi.Bus. Each device on it has its own clock and mode."""
    from drivers.spi import Bus

    name, wiring = _find("SPI", name)
    if name not in opened:
        opened[name] = Bus(name, wiring)
    return opened[name]


def onewire(name=None):
    """The 1-Wire bus of that name, a drivers.onewire.Bus."""
    from drivers.onewire import Bus

    name, pin = _find("ONEWIRE", name)
    if name not in opened:
        opened[name] = Bus(name, pin)
    return opened[name]


def uart(name=None, baudrate=9600, **more):
    """The UART of that name for instruments, an instruments.uart.Uart, which says what else it takes: bits, parity, ..."""
    from instruments.uart import Uart

    name, (id, tx, rx) = _find("UARTS", name)
    return Uart(id, baudrate, tx=tx, rx=rx, **more)
