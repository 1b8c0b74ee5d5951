"""A slow reading whose value meets a Ctrl-C just when it is noted, once `_now` is true."""

import asyncio

from secnode.datainfo import Bool, Double
from secnode.module import Parameter, Readable
from secnode.node import Node


class Struck(Double):
    def convert(self, value):
        if value == 7:
            raise KeyboardInterrupt
        return super().convert(value)


class Slow(Readable):
    value = Parameter(Struck(), description="x")
    _now = Parameter(Bool(), readonly=False, default=False, description="x")
    pollinterval = 0.1

    async def read_value(self):
        await asyncio.sleep_ms(1)
        return 7 if self._now else 1


def node(board):
    return Node(equipment_id="struck", description="for tests", modules=(Slow(name="slow", description="x"),))
