"""A UART with one or more instruments on it: bytes out and in, and whose turn it is. RS-232, RS-485 or TTL."""

import asyncio
import time

from machine import UART
from micropython import const

_FEW = const(16)  # bytes taken from the port at once
_LOOK = const(2)  # ms between two looks at the port
_SPIN = const(3)  # ms before a request is sent: from here on it is looked at all the time whether the last bit has left


class Wire:
    """UART `id` of the board, as the cable to instruments; further keywords (tx, rx, ...) are machine.UART's.

    `direction` is a pin at 1 while the board sends, as an RS-485 driver wants it. `longest` is the most bytes of an answer,
    its end included. Several devices share a wire, one request at a time: in the order they come, changes before polls.
    """

    def __init__(self, id, baudrate=9600, bits=8, parity=None, stop=1, direction=None, longest=128, **more):
        more.setdefault("rxbuf", 256)
        more.setdefault("txbuf", 256)
        self._uart = UART(id, baudrate=baudrate, bits=bits, parity=parity, stop=stop, **more)
        self.bit_us = 1000000 // baudrate
        self.byte_us = (1 + bits + (parity is not None) + stop) * 1000000 // baudrate
        self._direction = direction
        self.buffer = bytearray(longest)
        self.length = 0  # of what is in it
        self._few = bytearray(_FEW)
        self._at = self._end = 0  # of what is in _few and not yet taken
        self._turn = asyncio.Lock()
        self._polls = asyncio.Lock()
        self._urgent = 0
        self.last = time.ticks_ms()  # when the last request was over

    async def take(self, urgent=False):
        """Wait for a turn, which leave() ends: polls in their order, one that is `urgent` before all of them."""
        if urgent:
            self._urgent += 1
            try:
                await self._turn.acquire()
            finally:
                self._urgent -= 1
            return
        await self._polls.acquire()
        try:
            while self._urgent or self._turn.locked():
                await asyncio.sleep_ms(_LOOK)
            await self._turn.acquire()
        finally:
            self._polls.release()

    def leave(self):
        """End a turn."""
        self.last = time.ticks_ms()
        self._turn.release()

    async def send(self, *parts):
        """Send bytes, after what came unasked is thrown away; over when the last bit has left."""
        uart = self._uart
        while self._byte() >= 0:
            pass
        if self._direction:
            self._direction.value(1)
        try:
            us = 0
            for part in parts:
                pos = 0
                while pos < len(part):
                    n = uart.write(part if not pos else part[pos:]) or 0
                    pos += n
                    if not n:
                        await asyncio.sleep_ms(_LOOK)
                us += len(part) * self.byte_us
            wait = us // 1000 - _SPIN
            if wait > 0 and not uart.txdone():
                await asyncio.sleep_ms(wait)
            while not uart.txdone():
                if not self._direction:
                    await asyncio.sleep_ms(1)
        finally:
            if self._direction:
                self._direction.value(0)

    async def read_line(self, end, ms):
        """Read into `buffer` up to the bytes `end`; gives the length without them, -1 where it is not there within `ms`.

        What is longer than the buffer is read to its end, and is no line (-1). Allocates nothing.
        """
        buffer = self.buffer
        last = end[-1]
        pos = 0
        began = time.ticks_ms()
        while True:
            c = self._byte()
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

    async def read(self, n, ms):
        """Read so many bytes into `buffer`; gives how many there were within `ms`, which begin anew at each byte."""
        began = time.ticks_ms()
        pos = 0
        while pos < n:
            c = self._byte()
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
            if self._byte() >= 0:
                since = now
            elif time.ticks_diff(now, since) >= ms:
                return True
            else:
                await asyncio.sleep_ms(_LOOK)
            if time.ticks_diff(now, began) > most:
                return False

    def _byte(self):
        # the next byte that came, -1 where there is none
        if self._at >= self._end:
            n = min(self._uart.any(), _FEW)
            self._end = (self._uart.readinto(self._few, n) or 0) if n > 0 else 0
            self._at = 0
            if not self._end:
                return -1
        c = self._few[self._at]
        self._at += 1
        return c

    def said(self):
        """What is in `buffer`, as text for a person."""
        return "".join([chr(c) if 32 <= c < 127 else "\\x%02x" % c for c in self.buffer[: self.length]])
