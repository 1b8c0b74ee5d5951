"""SECoP over a UART, at 9600 to 921600 baud, 8N1. No byte interrupts anything here."""

from micropython import const
from transport.line import Line

_SLOWEST = 9600
_FASTEST = 921600
_FEW = const(16)  # bytes
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
        self._few = bytearray(_FEW)
        super().__init__(self._uart, self._uart, baudrate)
        self.name = "UART at %d baud" % baudrate

    # neither allocates anything; a slice would be an object or two

    def _take(self, buf, view, pos):
        # no more than there is: the port would wait for the rest
        n = min(self._uart.any(), len(buf) - pos)
        if n <= 0:
            return 0
        if not pos:
            return self._uart.readinto(buf, n) or 0
        if n > _FEW:
            return self._uart.readinto(view[pos:], n) or 0
        # the rest of a request, as a rule
        n = self._uart.readinto(self._few, n) or 0
        for i in range(n):
            buf[pos + i] = self._few[i]
        return n

    def _put(self, data, pos, end):
        return self._uart.write(data, pos, end - pos) or 0
