"""transport/tcp.py and secnode/session.py over streams and a time of the test's own, at a level (see ../properties/driver.py).

A question names what happens: ["connect", name, address], ["send", name, text], ["wait", ms], ["stall", name], ...; the
answer is what each client got, and whether its connection was closed.
"""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import asyncio
import time

import driver  # puts the firmware on the path

from secnode import log, outbox, serial, session
from secnode.datainfo import Double
from secnode.module import Parameter, Writable
from secnode.node import Node
from transport import access, tcp

said = []
log.sinks[:] = [lambda level, module, text: level <= log.INFO and said.append(text)]


class Time:
    """The session's time."""

    now = 0
    ticks_add = staticmethod(time.ticks_add)
    ticks_diff = staticmethod(time.ticks_diff)

    def ticks_ms(self):
        return self.now


class Poll:
    """Of the server's `select`: a stream stands in for its own socket."""

    def register(self, stream, what):
        self._stream = stream

    def poll(self, timeout):
        return [1] if self._stream.waiting or self._stream.ended else []


class Select:
    POLLIN = 1
    poll = Poll


session.time = outbox.time = serial.time = clock = Time()
tcp.select = Select
tcp.Connection = lambda stream: stream


class Stream:
    """A connection: what is sent to the node waits in `waiting`, what it says is in `got`."""

    at_once = True
    framed = 0
    share = 46  # of a serial line at 115200 baud

    def readable(self):
        return bool(self.waiting)

    def busy(self):
        return 0

    def __init__(self, address):
        self.s = self
        self.address = address
        self.waiting = b""
        self.got = b""
        self.out = b""
        self.stalled = self.ended = self.closed = False
        self.starved = self.forgotten = 0

    def get_extra_info(self, name):
        return (self.address, 50000)

    def take(self, buf, view, pos):
        return self._read(view[pos:]) if self.waiting or self.ended or self.starved else None

    def put(self, buf, n):
        if self.stalled:
            return 0
        self.got += bytes(buf[:n])
        return n

    async def readinto(self, buf):
        while not self.waiting and not self.ended and not self.starved:
            await asyncio.sleep_ms(1)
        return self._read(buf)

    def forget(self):
        self.forgotten += 1

    def _read(self, buf):
        if self.starved:
            self.starved -= 1
            raise MemoryError
        n = min(len(buf), len(self.waiting))
        buf[:n] = self.waiting[:n]
        self.waiting = self.waiting[n:]
        return n

    def write(self, data):
        self.out += bytes(data)

    async def drain(self):
        while self.stalled:
            await asyncio.sleep_ms(1)
        self.got += self.out
        self.out = b""

    def close(self):
        pass

    async def wait_closed(self):
        self.closed = True


class Lamp(Writable):
    value = Parameter(Double(0, 100), description="light")
    target = Parameter(Double(0, 100), readonly=False, checkable=True, description="wanted light")

    async def write_target(self, value):
        # stays at work for as long as the session's time stands still
        until = clock.now + value * 1000
        while clock.now < until:
            await asyncio.sleep_ms(1)


class Settings:
    def __init__(self, given, lost=False):
        self._given = given
        self._lost = lost

    def section(self, name):
        return self._given if name == "access" else {}

    def lost(self, name):
        return self._lost


async def _happen(given, clients, events):
    node = Node("x", "x", (Lamp(name="lamp", description="x"),))
    server = tcp.Server(node, clients, access.Access(Settings(given)))
    streams = {}
    tasks = []
    clock.now = 0
    for event in events:
        what, *words = event
        if what == "connect":
            name, address = words
            streams[name] = stream = Stream(address)
            tasks.append(asyncio.create_task(server._client(stream, stream)))
        elif what == "lay":  # a serial line
            streams[words[0]] = stream = Stream("")
            tasks.append(asyncio.create_task(node.add_serial_session().serve(stream)))
        elif what == "cut":
            node.cut()
        elif what == "send":
            streams[words[0]].waiting += words[1].encode()
        elif what == "leave":
            streams[words[0]].ended = True
        elif what == "stall":
            streams[words[0]].stalled = True
        elif what == "starve":  # so often there is no memory to read
            streams[words[0]].starved = words[1]
        elif what == "unstall":
            streams[words[0]].stalled = False
        elif what == "change":
            node.modules[0].value = words[0]  # by itself
        elif what == "wait":
            left = words[0]
            while left > 0:
                clock.now += min(left, 1000)
                left -= 1000
                await asyncio.sleep_ms(0)
                for one in node.sessions:
                    one.end_if_lost()
        # until all of it was taken note of
        for _ in range(6):
            await asyncio.sleep_ms(1)
        if what == "settle":
            await asyncio.sleep_ms(words[0])
    answer = {name: [stream.got.decode(), stream.closed] for name, stream in streams.items()}
    for task in tasks:
        task.cancel()
    for stream in streams.values():
        stream.stalled, stream.ended = False, True
    await asyncio.sleep_ms(20)
    return answer


def happen(given, clients, events):
    """What each client got, and whether its connection was closed; and what was logged."""
    said.clear()
    return [asyncio.run(_happen(given, clients, events)), list(said)]


def rights(given, addresses, lost=False):
    """[right by uart, by console, by tcp from each address, ...] and what was logged."""
    said.clear()
    found = access.Access(Settings(given, lost))
    return [[found.right("uart"), found.right("console")] + [found.right("tcp", a) for a in addresses], list(said)]


if __name__ == "__main__":
    driver.serve({"happen": happen, "rights": rights})
