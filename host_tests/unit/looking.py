"""How often a session looks for the next request before it waits to be woken."""

import asyncio

from overtaking import Count, Stream, driver

from secnode.node import Node


class Watched(Stream):
    looks = 0
    waits = 0

    def take(self, buf, view, pos):
        self.looks += 1
        return super().take(buf, view, pos)

    async def readinto(self, buf):
        self.waits += 1
        return await super().readinto(buf)


async def _looked(requests):
    node = Node("x", "x", (Count(name="count", description="x"),))
    stream = Watched()
    serving = asyncio.create_task(node.add_session().serve(stream))
    for i in range(requests):
        while stream.waits == i:
            await asyncio.sleep(0.01)
        stream.said = b"ping\n"
    while stream.waits == requests:
        await asyncio.sleep(0.01)
    serving.cancel()
    return stream.sent.count(b"pong"), stream.looks


def looked(requests):
    """Answers to so many requests, each sent when the session waits, and looks until it waits once more."""
    return asyncio.run(_looked(requests))


if __name__ == "__main__":
    driver.serve({"looked": looked})
