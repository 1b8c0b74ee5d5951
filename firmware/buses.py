"""The buses that a node asks its board for: board.i2c("i2c0"), .spi("spi0"), .onewire("onewire0"), .uart("uart1").

Which there are, and at which pins, board.py says: I2C, SPI, ONEWIRE, UARTS. Loaded when a node asks for the first one.
A name that the board does not have raises ValueError, which `secnode describe` tells with the line in the node's file.
"""

import board

opened = {}  # by name; asked for again it is the same bus


def _find(kind, name):
    known = getattr(board, kind, {})
    if name not in known:
        has = ", ".join(sorted(known)) or "none"
        raise ValueError("%s has no bus %r; %s in its board.py: %s" % (board.NAME, name, kind, has))
    return known[name]


def i2c(name, freq=100000):
    """The I2C bus of that name, a drivers.i2c.Bus. `freq` in Hz is the clock: 100000, with short wires up to 400000."""
    from drivers.i2c import Bus

    wiring = _find("I2C", name)
    if name not in opened:
        opened[name] = Bus(name, wiring, freq)
    return opened[name]


def spi(name):
    """The SPI bus of that name, a drivers.spi.Bus; each device on it has its own clock and mode."""
    from drivers.spi import Bus

    wiring = _find("SPI", name)
    if name not in opened:
        opened[name] = Bus(name, wiring)
    return opened[name]


def onewire(name):
    """The 1-Wire bus of that name, a drivers.onewire.Bus."""
    from drivers.onewire import Bus

    pin = _find("ONEWIRE", name)
    if name not in opened:
        opened[name] = Bus(name, pin)
    return opened[name]


def uart(name=None, baudrate=9600, **more):
    """The UART of that name for instruments, an instruments.uart.Uart, which says what else it takes: bits, parity, ...

    Without a name it is the board's first one.
    """
    from instruments.uart import Uart

    if name is None:
        name = (sorted(getattr(board, "UARTS", ())) or ("uart",))[0]
    id, tx, rx = _find("UARTS", name)
    return Uart(id, baudrate, tx=tx, rx=rx, **more)
