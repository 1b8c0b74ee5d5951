"""The board's UARTs: serial lines whose ends `secnode run` left open for us: SECoP's, and those of instruments."""

import io
import os
import select
import sys
import time

import board

_GET_FILENO, _POLL = 10, 3  # what MicroPython's poll asks a stream for
_MICROPYTHON = sys.implementation.name == "micropython"
_AT_ONCE = 100  # bytes: from 1.27 on MicroPython may read and write less than it is asked to, and says how much


class UART(io.IOBase):
    """It has no rate of its own: who writes has to keep to one. As a board's it allocates nothing under MicroPython.

    SECNODE_UART is the file descriptor of board.UART's, SECNODE_UARTS names others, e.g. "1=7 2=8" by their `id`.
    A UART that nobody laid a line to reads nothing, and what is written goes nowhere.
    """

    INV_TX, INV_RX, INV_CTS, INV_RTS = 1, 2, 4, 8
    RTS, CTS = 1, 2
    IRQ_RX, IRQ_RXIDLE, IRQ_TXIDLE, IRQ_BREAK, IDLE = 1, 2, 4, 8, 1

    def __init__(
        self, id, baudrate=115200, bits=8, parity=None, stop=1, tx=None, rx=None, cts=None, rts=None, txbuf=256, rxbuf=256,
        timeout=0, timeout_char=0, invert=0, flow=0,
    ):  # fmt: skip
        if bits not in (5, 6, 7, 8) or parity not in (None, 0, 1) or stop not in (1, 2):
            raise ValueError("bits, parity or stop")
        self._file = self._poll = None
        self._timeout = timeout
        end = os.getenv("SECNODE_UART") if board.UART and id == board.UART["id"] else None
        for word in (os.getenv("SECNODE_UARTS") or "").split():
            if word.startswith("%s=" % id):
                end = word.partition("=")[2]
        if end:
            self._file = open(int(end), "r+b", buffering=0)
            self._poll = select.poll()
            self._poll.register(self._file, select.POLLIN)

    def init(self, baudrate=115200, bits=8, parity=None, stop=1, timeout=0, **more):
        self._timeout = timeout

    def deinit(self):
        """Nothing is received or sent any more."""
        self._file = None

    def ioctl(self, request, arg):
        if request == _GET_FILENO:
            return self._file.fileno() if self._file else -1
        if request == _POLL and not self._file:
            return arg & select.POLLOUT
        return -1 if self._file else 0

    def fileno(self):
        if not self._file:
            # for CPython's poll: an end that nothing comes in by
            self._none = self._none or os.pipe()
            return self._none[0]
        return self._file.fileno()

    _none = None

    def any(self):
        """How many bytes may be there: as many as an RP2040 notices at once."""
        if self._file:
            for _ in self._poll.ipoll(0):
                return 16
        return 0

    def readinto(self, buf, n=None):
        if not self._file:
            return None
        if n is None:
            n = len(buf)
        n = min(n, _AT_ONCE)
        return self._file.readinto(buf, n) if _MICROPYTHON else self._file.readinto(memoryview(buf)[:n])

    def read(self, n=None):
        """What is there, at most n bytes; None where nothing comes within `timeout` ms."""
        return self._wait() and self._file.read(n or 256)

    def readline(self):
        """Up to a line's end, or to where for `timeout` ms nothing comes; None where nothing is there."""
        line = b""
        while not line.endswith(b"\n") and self._wait():
            line += self._file.read(1) or b""
        return line or None

    def _wait(self):
        if not self._file:
            time.sleep_ms(self._timeout)
            return None
        for _ in self._poll.ipoll(self._timeout):
            return True
        return None

    def write(self, buf, pos=0, n=None):
        if n is None:
            n = len(buf) - pos
        if not self._file:
            return n
        n = min(n, _AT_ONCE)
        return self._file.write(buf, pos, n) if _MICROPYTHON else self._file.write(memoryview(buf)[pos : pos + n])

    def txdone(self):
        return True

    def flush(self):
        """All is sent at once."""

    def sendbreak(self):
        """Nobody would notice."""

    def irq(self, *args, **options):
        """Nothing interrupts here."""
