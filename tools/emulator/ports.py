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
_LOOK = 0.2  # s between two looks whether it is over


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
        self._pumps = Pump(self.end, self._to_node, self._interrupt), Pump(self._from_node, self.end)

    def _interrupt(self, data):
        *before, data = data.split(_INTERRUPT)
        if before and self.process:
            self.process.send_signal(signal.SIGINT)
        return data

    def take(self):
        """Keep a node that was interrupted from starting again."""
        if select.select([], [self._to_node], [], 0)[1]:
            os.write(self._to_node, _TAKE)

    def close(self):
        for pump in self._pumps:
            pump.stop()
        for end in (self.stdin, self._to_node, self._from_node, self.stdout):
            os.close(end)
        super().close()


class Pump:
    """Carries bytes from one file descriptor to another one, in a thread; `change(data)` gives what goes on."""

    def __init__(self, source, sink, change=bytes):
        self._source, self._sink, self._change = source, sink, change
        self._over = False
        os.set_blocking(sink, False)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        with contextlib.suppress(OSError):  # the other side has ended
            while not self._over:
                if select.select([self._source], [], [], _LOOK)[0]:
                    self._send(self._change(os.read(self._source, 4096)))

    def _send(self, data):
        while data and not self._over:
            if select.select([], [self._sink], [], _LOOK)[1]:
                with contextlib.suppress(BlockingIOError):
                    data = data[os.write(self._sink, data) :]

    def stop(self):
        self._over = True
        self._thread.join()
