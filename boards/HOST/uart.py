"""The board's UART: a serial line whose end `secnode run` left open for us."""

import io
import os
import select
import sys

_GET_FILENO = 10  # what MicroPython's poll asks a stream for
_MICROPYTHON = sys.implementation.name == "micropython"


class UART(io.IOBase):
    """It has no rate of its own: who writes has to keep to one. As a board's it allocates nothing under MicroPython."""

    def __init__(self, id, baudrate=115200, tx=None, rx=None, txbuf=256, rxbuf=256):
        self._file = open(int(os.getenv("SECNODE_UART")), "r+b", buffering=0)
        self._poll = select.poll()
        self._poll.register(self._file, select.POLLIN)

    def ioctl(self, request, arg):
        return self.fileno() if request == _GET_FILENO else -1

    def fileno(self):
        return self._file.fileno()

    def any(self):
        """How many bytes may be there: as many as an RP2040 notices at once."""
        for _ in self._poll.ipoll(0):
            return 16
        return 0

    def readinto(self, buf, n=None):
        if n is None:
            n = len(buf)
        return self._file.readinto(buf, n) if _MICROPYTHON else self._file.readinto(memoryview(buf)[:n])

    def write(self, buf, pos=0, n=None):
        if n is None:
            n = len(buf) - pos
        return self._file.write(buf, pos, n) if _MICROPYTHON else self._file.write(memoryview(buf)[pos : pos + n])
