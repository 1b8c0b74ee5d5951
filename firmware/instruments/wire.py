"""What instruments are on, a cable or a connection: bytes out and in, and whose turn it is. Bases of uart.py and tcp.py."""

import asyncio
import time

from micropython import const

_FEW = const(16)  # bytes taken at once
_LOOK = const(2)  # ms between two looks


class Wire:
    """One or more instruments share it, one request at a time: in the order they come, changes before polls.

    `longest` is the most bytes of an answer, its end included. Subclasses have

    `write(data)`: plain; sends bytes, gives the ms until the last bit will have left, -1 where it has
    to be called again since not all of it was taken.
    `_some(buf)`: plain; puts bytes that came into buf; gives their number, 0 where there are none.
    `opened()`: plain; whether there is a connection at all; where not, `open(ms)` is awaited, which raises CommunicationFailed.
    """

    direction = None
    byte_us = 0  # what a byte takes; 0 where a connection has no rate

    def __init__(self, longest=128):
        self.buffer = bytearray(longest)
        self.length = 0  # of what is in it
        self._few = bytearray(_FEW)
        self._at = self._end = 0  # of what is in _few and not yet taken
        self._sent = 0  # bytes of a request, where not all was taken yet
        self.busy = False
        self._polls = []  # who waits for a turn: a number each
        self._urgent = []
        self._number = 0
        self.last = time.ticks_ms()  # when the last request was sent

    # ---- whose turn it is. Plain functions: whoever waits does it in a coroutine that is there anyway

    def queue(self, urgent):
        """Stand in a queue; gives a number for turn() and leave(). The urgent ones go before all others."""
        self._number = (self._number + 1) & 0xFFFF
        (self._urgent if urgent else self._polls).append(self._number)
        return self._number

    def turn(self, number):
        """Whether it is the turn of who has this number; it has to leave() then, and also where it does not wait any more."""
        if self.busy or number != (self._urgent or self._polls)[0]:
            return False
        self.busy = True
        return True

    def leave(self, number, was_its_turn):
        """End a turn, or the wait for it."""
        for queue in (self._urgent, self._polls):
            if number in queue:
                queue.remove(number)
        if was_its_turn:
            self.busy = False

    # ---- bytes

    def opened(self):
        return True

    def write(self, data):
        raise NotImplementedError

    def _some(self, buf):
        raise NotImplementedError

    def begin(self):
        """Before a request is sent: throw away what came unasked, and forget what is half sent."""
        self._sent = 0
        while self.byte() >= 0:
            pass

    async def send(self, data):
        """Send a request, after begin(); over when the last bit has left."""
        self.begin()
        ms = self.write(data)
        while ms < 0:
            await asyncio.sleep_ms(_LOOK)
            ms = self.write(data)
        await asyncio.sleep_ms(ms)

    async def read_line(self, end, ms):
        """Read into `buffer` up to the bytes `end`; gives the length without them, -1 where it is not there within `ms`.

        What is longer than the buffer is read to its end, and is no line (-1). Allocates nothing.
        """
        buffer = self.buffer
        last = end[-1]
        pos = 0
        began = time.ticks_ms()
        while True:
            c = self.byte()
            if c < 0:
                if time.ticks_diff(time.ticks_ms(), began) > ms:
                    self.length = min(pos, len(buffer))
                    return -1
                await asyncio.sleep_ms(_LOOK)
                continue
            if pos < len(buffer):
                buffer[pos] = c
            pos += 1
            if c == last and self._ends(pos, end):
                self.length = pos - len(end)
                return self.length

    def _ends(self, pos, end):
        if pos > len(self.buffer) or pos < len(end):
            return False
        for i in range(len(end)):
            if self.buffer[pos - len(end) + i] != end[i]:
                return False
        return True

    async def read(self, n, ms, begin=0):
        """Read bytes into `buffer` until there are n; gives how many there are within `ms`, which begin anew at each byte.

        `begin` is how many are there already.
        """
        began = time.ticks_ms()
        pos = begin
        while pos < n:
            c = self.byte()
            if c >= 0:
                self.buffer[pos] = c
                pos += 1
                began = time.ticks_ms()
            elif time.ticks_diff(time.ticks_ms(), began) > ms:
                break
            else:
                await asyncio.sleep_ms(_LOOK)
        self.length = pos
        return pos

    async def silence(self, ms, most):
        """Throw away what comes until nothing has come for `ms`; whether that was within `most` ms."""
        began = since = time.ticks_ms()
        while True:
            now = time.ticks_ms()
            if self.byte() >= 0:
                since = now
            elif time.ticks_diff(now, since) >= ms:
                return True
            else:
                await asyncio.sleep_ms(_LOOK)
            if time.ticks_diff(now, began) > most:
                return False

    def byte(self):
        """The next byte that came, -1 where there is none."""
        if self._at >= self._end:
            self._at = 0
            self._end = self._some(self._few)
            if self._end <= 0:
                self._end = 0
                return -1
        c = self._few[self._at]
        self._at += 1
        return c

    def said(self):
        """What is in `buffer`, as text for a person."""
        return "".join([chr(c) if 32 <= c < 127 else "\\x%02x" % c for c in self.buffer[: self.length]])
