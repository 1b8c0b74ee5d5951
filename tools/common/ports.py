"""Pseudo terminals in place of a board's serial ports: a program opens their `name` as it would open /dev/ttyACM0."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import threading
import tty

_INTERRUPT = b"\x03"
_HOLDS = 8192  # bytes of output that wait, at least; a board's USB holds 256
_TAKE = b"\r"  # by which the console of a node that was interrupted is taken


class Port:
    """A pseudo terminal whose own end nobody closes: programs come and go as at a cable."""

    def __init__(self):
        self.end, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.name = os.ttyname(self._slave)

    def close(self):
        os.close(self.end)
        os.close(self._slave)


class Uart(Port):
    """A UART: the node itself holds the other end, the file descriptor `end`."""

    def __init__(self):
        super().__init__()
        os.set_blocking(self.end, False)


class Console(Port):
    """A USB console: the node has `stdin` and `stdout`, and byte 3 interrupts it as on a board."""

    def __init__(self):
        super().__init__()
        self.process = None  # who is interrupted
        self.stdin, self._to_node = os.pipe()
        self._from_node, self.stdout = os.pipe()
        fcntl.fcntl(self.stdout, fcntl.F_SETPIPE_SZ, _HOLDS)
        for pump in (self._inwards, self._outwards):
            threading.Thread(target=pump, daemon=True).start()

    def _inwards(self):
        with contextlib.suppress(OSError):  # it was closed
            while data := os.read(self.end, 4096):
                *before, data = data.split(_INTERRUPT)
                if before and self.process:
                    self.process.send_signal(signal.SIGINT)
                os.write(self._to_node, data)

    def _outwards(self):
        with contextlib.suppress(OSError):
            while data := os.read(self._from_node, 4096):
                while data:
                    data = data[os.write(self.end, data) :]

    def take(self):
        """Keep a node that was interrupted from starting again."""
        if select.select([], [self._to_node], [], 0)[1]:
            os.write(self._to_node, _TAKE)

    def close(self):
        for end in (self.stdin, self._to_node, self._from_node, self.stdout):
            os.close(end)
        super().close()
