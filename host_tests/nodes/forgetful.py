"""Ten modules whose hardware gets kept values again, and does not answer; and one that does."""

import asyncio

from secnode.datainfo import Int
from secnode.module import Module, Parameter
from secnode.node import Node


class Mute(Module):
    action_timeout = 6
    _a = Parameter(Int(0, 9), readonly=False, keep=True, description="never set")

    async def write__a(self, value):
        await asyncio.sleep(100000)


class Quick(Module):
    _a = Parameter(Int(0, 9), readonly=False, keep=True, description="set, less one")

    async def write__a(self, value):
        await asyncio.sleep_ms(5)
        return value - 1


def node(board):
    modules = [Mute(name="mute%d" % i, description="does not answer") for i in range(10)]
    modules.append(Quick(name="quick", description="answers"))
    return Node(equipment_id="test.secnode.forgetful", description="hardware that forgets", modules=tuple(modules))
