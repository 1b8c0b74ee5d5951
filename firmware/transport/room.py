"""What lwIP has room for, where MicroPython calls it from Python's own thread: on boards of port rp2 with a network.

There all connections share some 8 KB for what was sent and is not acknowledged, and 32 segments. Where either runs out, a
socket's write() waits in C for up to 10 s, even one that must not wait, and the watchdog resets the board after 8 s. So it is
called only where there is room for sure: a client that falls asleep, or reads nothing, stops nobody.

lwIP tells nobody what is acknowledged. It does tell whether a packet finds room in the same memory: one without a route, which
is refused after that.
"""

import asyncio
import errno
import socket

from micropython import const

_RAM = const(0x20000000)  # any memory will do, of which the packet that never leaves is made: that takes none
_STEP = const(100)  # bytes
_MOST = const(16000)
_OVER = const(120)  # bytes that a segment takes beside its data
_CALM = const(600)  # bytes that may be under way while small pieces are sent at once, each a segment of 36 bytes at least,
_PIECES = const(4)  # and segments that leave until it is looked again
_SEGMENT = const(800)  # bytes of the longest one; of the shortest that is called long
_LONG = const(500)
_KEPT = const(2500)  # bytes that stay free: two long segments at once, acknowledgements, and who comes next
_SHARE = const(1600)  # bytes to a client that has asked for nothing since: beyond, it leaves room for others,
_OTHERS = const(4500)  # so much of it
_AGAIN = const(5)  # ms


def probe():
    """A function that says whether lwIP has room for a packet of so many bytes."""
    import uctypes

    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 253)
    memory = memoryview(uctypes.bytearray_at(_RAM, _MOST))
    nowhere = "127.0.0.1", 9

    def fits(n):
        try:
            s.sendto(memory[:n], nowhere)
        except OSError as e:
            return e.errno != errno.ENOMEM
        return True

    return fits


class Room:
    """Whose turn it is to send, and how much. `fits` is what probe() gives; made before there are connections."""

    def __init__(self, fits):
        self._fits = fits
        whole = _STEP
        while whole < _MOST and fits(whole + _STEP):
            whole += _STEP
        self._calm = whole - _CALM
        self._credit = self._pieces = 0  # bytes and segments for which there is room for sure

    def of(self, stream, n):
        """How many of n bytes `stream` may write now; sets whether it has to collect small pieces."""
        n = min(n, _SEGMENT)
        segments = 2 if n > _LONG else 1
        if self._pieces < segments or self._credit < n + segments * _OVER:
            calm = self._fits(self._calm)
            self._credit = self._calm if calm else 0
            self._pieces = _PIECES if calm else 0
        if self._pieces:
            self._pieces -= segments
            self._credit -= n + segments * _OVER
            stream.collect(False)
        else:
            # a segment is as long as can be, so that memory runs out before segments do
            stream.collect(True)
            if not self._fits(_OTHERS if stream.unasked > _SHARE else _KEPT):
                return 0
        stream.unasked += n
        return n


class Socket(asyncio.StreamReader):
    """asyncio's stream, which writes by what there is room for."""

    room = None  # a Room, of all
    unasked = 0  # bytes that were sent since the client last waited, and then asked for something
    _waited = False
    _collects = False

    def take(self, buf, view, pos):
        n = self.s.readinto(view[pos:] if pos else buf)  # type: ignore - asyncio's own, which the stubs don't know
        if n is None:
            self._waited = True
        elif self._waited:
            self._waited = False
            self.unasked = 0
        return n

    def put(self, buf, n):
        n = self.room.of(self, n)  # type: ignore - there is one
        n = n and self.s.write(buf, n) or 0  # type: ignore
        return n

    def collect(self, on):
        """Have small pieces wait for each other, or not."""
        if on != self._collects:
            self._collects = on
            self.s.setsockopt(6, socket.TCP_NODELAY, 0 if on else 1)  # type: ignore

    def write(self, buf):
        self.out_buf = buf

    async def drain(self):
        view = memoryview(self.out_buf)
        pos = 0
        while pos < len(view):
            rest = view[pos:]
            n = self.put(rest, len(rest))
            pos += n
            await asyncio.sleep_ms(0 if n else _AGAIN)
        self.out_buf = b""

    def readinto(self, buf):
        self.unasked = 0
        return asyncio.StreamReader.readinto(self, buf)
