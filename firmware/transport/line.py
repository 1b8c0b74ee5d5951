"""What a serial line needs, whatever it runs over: a stream for a session that lasts as long as the board does.

It writes in small pieces, only when the port takes them, and no faster than the line: what waits in the port's own buffer
can't be overtaken by an answer.
"""

import asyncio
import select
import time

from micropython import const
from secnode import log

_PIECE = const(64)  # bytes written at once, at most
_AHEAD = const(3000)  # us: for so long the port has something to send while the next line is put together
_BACKLOG = const(200000)  # us: more than a piece takes at the slowest rate
_PORTION = const(4000)  # us of updates that are put together at once
_FULL = const(5)  # ms to wait where the port takes nothing
_AGAIN = const(1000)  # ms until a session that failed is followed by another one


class Line:
    """A stream with what Session uses, over `source` and `sink`, which can be polled.

    Subclasses have `_take(buf, pos)`, which reads what is there into buf[pos:], and `_put(data, pos, end)`, which writes what
    there is room for; both give the number of bytes. `way` is what settings.json calls it, `name` is for a person.

    `baudrate` is the line's; None where it is as fast as the port takes it. One that writes has to leave its bytes as they
    are until `drain` is done.
    """

    def __init__(self, source, sink, baudrate=None):
        self._sink = sink
        self._baudrate = baudrate
        # of _OUT of a session: bytes of updates that may wait at once
        self.share = baudrate // 10 * _PORTION // 1000000 if baudrate else 2 * _PIECE
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
        """Serve whoever is at the other end, for ever."""
        self.write(self.greeting)
        await self.drain()
        while True:
            task = asyncio.create_task(self._once(session))
            while not task.done():
                await asyncio.sleep_ms(_AGAIN)

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
            return n + self._take(buf, n)  # type: ignore - of the subclass
        if n == 0:
            await asyncio.sleep_ms(_AGAIN)  # nobody is there: a PC's way to say so, a board's ports never do
        return None

    def write(self, data):
        self._data = data

    async def drain(self):
        data = self._data
        pos = 0
        while pos < len(data):
            n = 0
            if self.writable():
                n = self._put(data, pos, min(pos + _PIECE, len(data)))  # type: ignore - of the subclass
            pos += n
            await asyncio.sleep_ms(self._pause(n) if n else _FULL)
        self._data = b""

    def _pause(self, n):
        # ms to wait after n bytes were written
        if not self._baudrate:
            return 0
        now = time.ticks_us()
        backlog = time.ticks_diff(self._free, now)
        # the tick counter comes round: what is long ago may look like the future
        if not 0 < backlog <= _BACKLOG:
            backlog = 0
        # a little slower than the line, for the sake of clocks that are not exact; small integers all the way
        backlog += n * 10200000 // self._baudrate
        self._free = time.ticks_add(now, backlog)
        return max(backlog - _AHEAD + 999, 0) // 1000

    def close(self):
        pass

    async def wait_closed(self):
        pass


def _is_ready(poll):
    for _ in poll.ipoll(0):
        return True
    return False
