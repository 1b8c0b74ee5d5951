"""A connection that hides nothing of what a node sends: lines as they come, events apart from answers."""

import asyncio
import contextlib
import time
from typing import NamedTuple

from ..client import client

LONGEST = 10.0  # s to wait for an answer, where the node does not say (descriptive.rst, timeout)
EVENTS = ("update", "error_update", "log")


class Line(NamedTuple):
    """A line of the node, and when it came (time.monotonic)."""

    message: client.Message
    at: float
    raw: bytes


class Gone(Exception):
    """The node closed the connection, or does not answer."""


class Wire:
    """One connection. Requests are made one after the other, so that the next line that is no event is the answer."""

    def __init__(self, reader, writer, name):
        self.name = name
        self.events = []  # all that came by themselves
        self.stray = []  # answers to nothing
        self.timeout = LONGEST
        self._reader, self._writer = reader, writer
        self._answers = asyncio.Queue()
        self._task = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, address, baudrate=None):
        return cls(*await client.streams(address, baudrate))

    async def _read(self):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while raw := await self._reader.readuntil(b"\n"):
                text = raw.decode("utf-8", "replace").rstrip("\r\n")
                line = Line(client.Message.parse(text), time.monotonic(), raw)
                if line.message.action in EVENTS:
                    self.events.append(line)
                elif text:
                    self._answers.put_nowait(line)
        self._answers.put_nowait(None)

    async def ask(self, request, timeout=None):
        """Send a line (str or bytes, or several of them in pieces) and give the Line that comes next.

        Raises Gone where none comes.
        """
        while not self._answers.empty():
            if late := self._answers.get_nowait():
                self.stray.append(late)
            else:
                raise Gone(f"{self.name} closed the connection")
        pieces = request if isinstance(request, list) else [request if isinstance(request, bytes) else request.encode() + b"\n"]
        try:
            for i, piece in enumerate(pieces):
                if i:
                    await asyncio.sleep(0.05)
                self._writer.write(piece)
                await self._writer.drain()
        except OSError:
            raise Gone(f"{self.name} closed the connection") from None
        return await self.next(timeout)

    async def next(self, timeout=None):
        """The next line that is no event. Raises Gone where none comes."""
        try:
            async with asyncio.timeout(timeout or self.timeout):
                line = await self._answers.get()
        except TimeoutError:
            raise Gone(f"{self.name} does not answer within {timeout or self.timeout:g} s") from None
        if line is None:
            self._answers.put_nowait(None)
            raise Gone(f"{self.name} closed the connection")
        return line

    def updates(self, specifier, since=0.0):
        """The updates of an accessible that came after a time (time.monotonic)."""
        return [line for line in self.events if line.message.specifier == specifier and line.at >= since]

    async def close(self):
        self._task.cancel()
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
