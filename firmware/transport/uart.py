"""SECoP over a UART, at 9600 to 921600 baud, 8N1. No byte interrupts anything here."""

from transport.line import Line

_SLOWEST = 9600
_FASTEST = 921600
# what comes while the board is busy with something else for a while waits in rxbuf; txbuf has more than Line writes ahead
_BUFFERS = {"rxbuf": 1024, "txbuf": 512}


class Uart(Line):
    """A Line over `UART(id, baudrate, ...)`, which is machine's; `pins` are its keywords tx, rx and what else it takes.

    Raises ValueError for a rate that is not from 9600 to 921600.
    """

    way = "uart"
    # whoever has listened all the time is told that the board started: what it had agreed on with the node is gone
    greeting = b"\nerror_closed\n"

    def __init__(self, UART, id, baudrate=115200, **pins):
        if not (isinstance(baudrate, int) and _SLOWEST <= baudrate <= _FASTEST):
            raise ValueError("%s baud: %d to %d are possible" % (baudrate, _SLOWEST, _FASTEST))
        for name in _BUFFERS:
            pins.setdefault(name, _BUFFERS[name])
        self._uart = UART(id, baudrate=baudrate, **pins)
        super().__init__(self._uart, self._uart, baudrate)
        self.name = "UART at %d baud" % baudrate

    def _take(self, buf, pos):
        # no more than there is: the port would wait for the rest
        n = min(self._uart.any(), len(buf) - pos)
        return n and self._uart.readinto(buf[pos:], n) or 0

    def _put(self, data, pos, end):
        return self._uart.write(data[pos:end]) or 0
