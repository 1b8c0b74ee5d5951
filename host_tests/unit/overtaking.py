"""A reply that finds no room, and an update with a newer value that goes before it."""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import asyncio

import driver  # puts the firmware on the path

from secnode.datainfo import Int
from secnode.module import Parameter, Readable
from secnode.node import Node


class Count(Readable):
    value = Parameter(Int(0, 9), default=1, description="a number", poll=False)
    pollinterval = 3600


class Stream:
    """A client's connection that takes so many pieces."""

    at_once = True
    framed = 0

    def __init__(self):
        self.takes = 1000
        self.said = b""
        self.sent = b""
        self._late = b""

    def take(self, buf, view, pos):
        n = len(self.said)
        view[pos : pos + n] = self.said
        self.said = b""
        return n or None

    async def readinto(self, buf):
        while not self.said:
            await asyncio.sleep(0.01)
        return self.take(buf, memoryview(buf), 0)

    def put(self, buf, n):
        n = n if self.takes else 0
        self.sent += bytes(buf[:n])
        return n

    def write(self, data):
        self._late = bytes(data)

    async def drain(self):
        while not self.takes:
            await asyncio.sleep(0.01)
        self.takes -= 1
        self.sent += self._late

    def close(self):
        pass

    async def wait_closed(self):
        pass


async def _overtaken():
    node = Node("x", "x", (Count(name="count", description="x"),))
    stream = Stream()
    session = node.add_session()
    serving = asyncio.create_task(session.serve(stream))
    await _says(stream, "activate")
    session._most_unasked = 20  # as on a serial line, where it is more
    stream.takes = 0
    await _says(stream, "ping 1")
    await _says(stream, "ping 2")
    node.modules[0].value = 2  # it is to wait for room
    stream.takes = 1
    await _says(stream, "read count")
    node.modules[0].value = 3
    stream.sent = b""
    stream.takes = 1000
    await asyncio.sleep(0.5)
    serving.cancel()
    lines = [line.split(" ") for line in stream.sent.decode().split("\n") if " count" in line]
    return [[line[0], line[2].split(",")[0]] for line in lines]


async def _says(stream, line):
    stream.said = line.encode() + b"\n"
    await asyncio.sleep(0.1)


def overtaken():
    """Action and value of each line about the parameter that leaves once there is room."""
    return asyncio.run(_overtaken())


if __name__ == "__main__":
    driver.serve({"overtaken": overtaken})
