"""A Tcp wire of firmware/instruments/ where the memory of all connections may be full, as on port rp2 (transport/room.py)."""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import asyncio

import driver  # puts the firmware on the path

from instruments import tcp
from secnode.errors import CommunicationFailed


class Room:
    left = 10000

    def fits(self, n):
        if n > self.left:
            return False
        self.left -= n
        return True


async def _told(port, left, n, lines):
    # what came of n requests of 20 bytes, of which each but the last is sent without waiting for an answer
    room = Room()
    room.left = left
    tcp.Tcp.room = room
    wire = tcp.Tcp("127.0.0.1", port)
    opened = 0
    said = []
    for _ in range(n):
        try:
            if not wire.opened():
                await wire.open(1000)
                opened += 1
            await wire.send(b"x" * 19 + b"\n")
            said.append(await wire.read_line(b"\n", 200) if lines else 0)
        except CommunicationFailed:
            said.append(None)
    wire.close()
    return said, opened


def told(port, left, n, lines):
    """[length of the answer, or None where there was no room] of each request, and how often it was connected to."""
    return asyncio.run(_told(port, left, n, lines))


if __name__ == "__main__":
    driver.serve({"told": told})
