"""A serial line to a node, with all that can happen to one, and clients that see exactly what is on it."""

import os
import queue
import random
import select
import threading
import time
import tty

from host_tests import harness
from tools.emulator import ports

BITS = 10  # of a byte on the line: 8N1
_PIECE = 16  # bytes that arrive at once


def noise(seed, share, letters):
    """For `disturb`: in a `share` of the pieces one byte becomes one of `letters`."""
    chance = random.Random(seed)

    def damage(piece):
        if chance.random() > share:
            return piece
        broken = bytearray(piece)
        broken[chance.randrange(len(broken))] = chance.choice(letters)
        return bytes(broken)

    return damage


class Cable:
    """A line between a node's UART, whose end is `uart.end`, and programs that open `name`.

    Bytes take the time they take at `baudrate` (None for none), and `delay` seconds more. `disturb(data)` gives what arrives
    instead of some bytes; while `pulled` nothing does. `bytes` counts what has arrived at the program. `sent` has, where it is
    a list, when each piece began on the line towards it; `reached` is when the last byte arrived at the node.
    """

    def __init__(self, baudrate=115200, delay=0.0):
        self.uart = ports.Uart()
        self.port = ports.Port()
        self.name = self.port.name
        self.baudrate = baudrate
        self.delay = delay
        self.disturb = None
        self.pulled = False
        self.bytes = 0
        self.sent = None
        self.reached = 0.0
        self._over = False
        self._threads = []
        for source, sink in ((self.uart._slave, self.port.end), (self.port.end, self.uart._slave)):
            way = queue.Queue()
            self._start(self._take, source, way)
            self._start(self._deliver, way, sink)

    def _start(self, target, *args):
        self._threads.append(threading.Thread(target=target, args=args, daemon=True))
        self._threads[-1].start()

    def _take(self, source, way):
        free = time.monotonic()
        while not self._over:
            if not select.select([source], [], [], 0.1)[0]:
                continue
            data = os.read(source, 4096)
            free = max(free, time.monotonic())
            while data:
                piece, data = data[:_PIECE], data[_PIECE:]
                if self.sent is not None and source == self.uart._slave:
                    self.sent.append((free, piece))
                if self.baudrate:
                    free += len(piece) * BITS / self.baudrate
                way.put((free + self.delay, piece))

    def _deliver(self, way, sink):
        os.set_blocking(sink, False)
        while not self._over:
            try:
                due, piece = way.get(timeout=0.1)
            except queue.Empty:
                continue
            time.sleep(max(due - time.monotonic(), 0))
            if self.pulled:
                continue
            if self.disturb:
                piece = self.disturb(piece)
            if sink == self.port.end:
                self.bytes += len(piece)
            else:
                self.reached = time.monotonic()
            while piece and not self._over:
                if select.select([], [sink], [], 0.1)[1]:
                    piece = piece[os.write(sink, piece) :]

    def put(self, data):
        """Bytes for the node that no program sent: noise."""
        os.write(self.uart._slave, data)

    def close(self):
        self._over = True
        for thread in self._threads:
            thread.join()
        self.port.close()
        self.uart.close()


class Wire(harness.Wire):
    """A client of a node at a serial port, by the port's name."""

    errors = "replace"

    def __init__(self, name):
        self.socket = _Tty(name)
        self._rest = b""

    def begin(self, timeout=10):
        """Say *IDN? and let pass what is still of the time before."""
        self.send("*IDN?")
        self.until("ISSE,", timeout)
        return self


class _Tty:
    """A terminal with the methods of a socket that harness.Wire uses."""

    def __init__(self, name):
        self._fd = os.open(name, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._fd)

    def settimeout(self, seconds):
        self._timeout = seconds

    def setsockopt(self, *_):
        """A terminal has none of a socket's options, and needs none."""

    def recv(self, n):
        if not select.select([self._fd], [], [], self._timeout)[0]:
            raise TimeoutError
        return os.read(self._fd, n)

    def sendall(self, data):
        while data:
            data = data[os.write(self._fd, data) :]

    def close(self):
        os.close(self._fd)
