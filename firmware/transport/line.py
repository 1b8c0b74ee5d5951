"""What a serial line needs, whatever it runs over: a stream for a session that lasts as long as the board does.

It writes in small pieces, only when the port takes them, and no faster than the line: what waits in the port's own buffer
can't be overtaken by an answer.
"""

import asyncio
import select
import time

from micropython import const
from secnode import log
from transport.stream import Stream

_PIECE = const(128)  # bytes written at once, at most: most answers, and with what is ahead less than a port's buffer holds
_AHEAD = const(3000)  # us: for so long the port has something to send while the next line is put together
_LONGEST = const(10000000)  # us that it takes to send what there can be
_PORTION = const(4000)  # us of updates that are put together at once
_FULL = const(5)  # ms to wait where the port takes nothing
_AGAIN = const(1000)  # ms until a session that failed is followed by another one


class Line(Stream):
    """A Stream over `source` and `sink`, which can be polled.

    Subclasses have `_take(buf, view, pos)`, which reads what is there into buf[pos:] (`view` is a memoryview of it), and
    `_put(data, pos, end)`, which writes what there is room for; both give the number of bytes. `way` is what settings.json
    calls it, `name` is for a person.

    `baudrate` is the line's; None where it is as fast as the port takes it. One that writes has to leave its bytes as they
    are until `drain` is done.
    """

    def __init__(self, source, sink, baudrate=None):
        self._sink = sink
        self._baudrate = baudrate
        # of _OUT of a session: bytes of updates that may wait at once
        self.share = baudrate // 10 * _PORTION // 1000000 if baudrate else _PIECE
        self._source = source
        self._reader = asyncio.StreamReader(source)
        self._readable = select.poll()
        self._readable.register(source, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(sink, select.POLLOUT)
        self._data = b""
        self._free = time.ticks_us()  # when the line has sent all that was written

    greeting = b""

    async def serve(self, session):
        """Serve the client at the other end, for ever."""
        self.write(self.greeting)
        await self.drain()
        while True:
            task = asyncio.create_task(self._once(session))
            while not task.done():
                await asyncio.sleep_ms(_AGAIN)
                self._left()  # else the tick counter would come round, and what is long ago look like the future

    async def _once(self, session):
        try:
            await session.serve(self)
        except Exception as e:
            log.traceback("", e)

    def readable(self):
        """Whether something has come that was not read yet."""
        return _is_ready(self._readable)

    def writable(self):
        """Whether the port has room for a byte."""
        return _is_ready(self._writable)

    async def readinto(self, buf):
        """Wait for something to come; gives the number of bytes, None if it was nothing after all."""
        n = await self._reader.readinto(buf[:1])
        if n:
            return n + self._take(buf, buf, n)  # type: ignore - of the subclass
        if n == 0:
            await asyncio.sleep_ms(_AGAIN)  # nobody is there: a PC's way to say so, a board's ports never do
        return None

    def take(self, buf, view, pos):
        """Read what is there into buf[pos:], as a Session wants it; gives the number of bytes, None where there is nothing."""
        return self._take(buf, view, pos) or None  # type: ignore - of the subclass

    def put(self, data, end, pos=0):
        """Write what the line takes at once of data[pos:end]; gives the number of bytes."""
        if self._left() > _AHEAD or not self.writable():
            return 0
        n = self._put(data, pos, min(pos + _PIECE, end))  # type: ignore - of the subclass
        if self._baudrate:
            # a little slower than the line, for the sake of clocks that are not exact; small integers all the way
            self._free = time.ticks_add(self._free, n * 102000 // (self._baudrate // 100))
        return n

    def write(self, data):
        self._data = data

    async def drain(self):
        data = self._data
        pos = 0
        while pos < len(data):
            n = self.put(data, len(data), pos)
            pos += n
            await asyncio.sleep_ms(self.busy(_AHEAD) or (0 if n else _FULL))
        self._data = b""

    def busy(self, but=0):
        """ms until the line has sent all that was written, `but` us less."""
        return max(self._left() - but + 999, 0) // 1000

    def _left(self):
        # us until it has
        now = time.ticks_us()
        left = time.ticks_diff(self._free, now)
        # what is long ago looks like the future: these ticks come round after 18 minutes
        if not 0 < left < _LONGEST:
            self._free = now
            return 0
        return left


def _is_ready(poll):
    for _ in poll.ipoll(0):
        return True
    return False
