"""What lwIP has room for, where MicroPython calls it from Python's own thread: on boards of port rp2 with a network.

There all connections share some 8 KB for what was sent and is not acknowledged, and 32 segments. Where either runs out, a
socket's write() waits in C for up to 10 s, even one that must not wait, and the watchdog resets the board after 8 s. So it is
called only where there is room for sure. Nagle's rule is not switched on to collect small pieces: setsockopt() writes to
address 0 where the other end has just reset the connection.

lwIP tells nobody what is acknowledged, nor by whom. It does tell whether a packet finds room in the same memory: one without a
route, which is refused after that. Whoever comes first has the room, but for a reserve. From that one client at a time gets a
small piece, and the next one when there is as much room as before: it was acknowledged. Who does not acknowledge gets no
second one. So those who listen go on, at worst one piece after the other, beside any who fell asleep or read nothing.
"""

import asyncio
import errno
import socket
import sys
import time

from micropython import const
from secnode import log

_RAM = const(0x20000000)  # any memory will do, of which the packet that never leaves is made: that takes none
_STEP = const(100)  # bytes
_MOST = const(16000)
_PIECE = const(512)  # bytes that are written at once, which make two segments at most,
_OVER = const(220)  # with so many beside the data
# where so many bytes are under way, so many pieces may follow until it is looked again: lwIP has 32 segments for all and 32
# pieces for each, and a piece takes 28 bytes at least
_LITTLE, _MANY = const(600), const(9)
_MORE, _FEW = const(800), const(2)
_RESERVE = const(2000)  # bytes
_SHARE = const(3)  # a client gets this part of it: one over that
_ANSWERS = const(300)  # ms that its network has to acknowledge them
_STANDSTILL = const(10000)  # ms in which nobody could send, while several wanted to
_STEPS = (3200, 1600, 1600, 800, 400, 200, 100, 50, 25)  # bytes: what is free is known to less than the shortest piece
_AGAIN = const(10)  # ms


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
    """Who may send, and how much. `fits` is what probe() gives; made before there are connections."""

    def __init__(self, fits):
        self._fits = fits
        self._whole = _STEP
        while self._whole < _MOST and fits(self._whole + _STEP):
            self._whole += _STEP
        self._pieces = self._credit = 0  # pieces and bytes for which there is room for sure
        self._holder = self._next = None  # who has a piece of the reserve under way; whose turn it is then
        self._given = self._left = 0  # ticks, when it got it, and when somebody saw that the reserve is free again
        self._turn = 0  # pieces that were given
        self._era = 0  # how often there was room for all since
        self._since = None  # ticks, the first time that somebody was refused since somebody could send
        self._first = None  # who that was
        self._several = False  # whether others were, too

    def of(self, stream, n):
        """How many of n bytes `stream` may write now.

        Raises OSError where nothing moves any more, and this one waits for longest: it has to end.
        """
        n = min(n, _PIECE)
        if not self._pieces or self._credit < n + _OVER:
            self._pieces = 0
            if self._fits(self._whole - _MORE):
                self._pieces = _MANY if self._fits(self._whole - _LITTLE) else _FEW
                self._credit = self._whole - _MORE - _RESERVE
                # what was seen of the reserve says nothing any more
                self._holder = self._next = None
                self._era += 1
        if self._pieces:
            self._pieces -= 1
            self._credit -= n + _OVER
        else:
            n = self._of_reserve(stream, n)
            if not n:
                self._refused(stream)
                return 0
        self._since = None
        if stream is self._first:
            self._first = None
        return n

    def _of_reserve(self, stream, n):
        now = time.ticks_ms()
        if stream.era != self._era:
            stream.era = self._era
            stream.mark = 0
        holder = self._holder
        if holder:
            if self._fits(holder.mark):
                holder.mark = 0
            elif 0 <= time.ticks_diff(now, self._given) < _ANSWERS:
                if not stream.mark and (not self._next or stream.turn < self._next.turn):
                    self._next = stream
                return 0
            self._holder = None
            self._left = now
        if stream.mark and not self._fits(stream.mark):
            return 0
        if self._next and stream is not self._next and 0 <= time.ticks_diff(now, self._left) < 2 * _AGAIN:
            return 0
        free = 0
        for step in _STEPS:
            if self._fits(free + step):
                free += step
        n = min(n, (free - _OVER) // _SHARE)
        if n <= 0:
            return 0
        stream.mark = max(stream.mark, free)
        self._turn += 1
        stream.turn = self._turn
        self._holder = stream
        self._next = None
        self._given = now
        return n

    def _refused(self, stream):
        now = time.ticks_ms()
        if self._since is None:
            self._since = now
            self._several = False
        if self._first is None:
            self._first = stream
        elif stream is not self._first:
            self._several = True
        elif self._several and time.ticks_diff(now, self._since) > _STANDSTILL:
            self.forget(stream)
            log.info("", "a client took nothing for %d s, and others waited: closed", _STANDSTILL // 1000)
            raise OSError(errno.ETIMEDOUT)

    def fits(self, n):
        """Whether n bytes of who is no client find room, and the reserve stays."""
        return self._fits(_RESERVE + _OVER + n)

    def forget(self, stream):
        """A connection has ended."""
        if stream is self._holder:
            self._holder = None
        if stream is self._next:
            self._next = None
        if stream is self._first:
            self._first = self._since = None


_room = None


def begin(Connection):
    """Before the first connection to this board: look what there is room for.

    Gives a class derived from tcp.Connection, which writes by that; the second time what it is given.
    """
    global _room
    if _room:
        return Connection
    _room = Room(probe())
    wires = sys.modules.get("instruments.tcp")
    if wires:
        wires.Tcp.room = _room  # a node's connections to its instruments share the memory

    class Roomy(Connection):
        mark = 0  # bytes: the room before its last piece of the reserve, 0 where that was acknowledged
        turn = era = 0  # which piece of the reserve was its last one, and of which era `mark` is

        def put(self, buf, n):
            n = _room.of(self, n)
            return n and self.s.write(buf, n) or 0

        def write(self, buf):
            self.out_buf = buf

        async def drain(self):
            view = memoryview(self.out_buf)
            while view:
                n = self.put(view, len(view))
                view = view[n:]
                await asyncio.sleep_ms(0 if n else _AGAIN)
            self.out_buf = b""

        async def wait_closed(self):
            _room.forget(self)
            self.s.close()

    return Roomy
