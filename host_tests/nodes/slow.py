"""Drivers that hold up the board, plain ones and such as await something."""

import time

from secnode import pace
from secnode.datainfo import Double
from secnode.module import Command, Parameter, Readable, Writable
from secnode.node import Node


class Slow(Writable):
    pollinterval = 0.2
    value = Parameter(Double(), description="plain")
    target = Parameter(Double(), readonly=False, description="plain")
    _go = Command(description="awaits, and holds up the board")

    def read_value(self):
        time.sleep_ms(60)  # type: ignore - MicroPython's
        return 1

    def write_target(self, value):
        time.sleep_ms(70)  # type: ignore - MicroPython's

    async def do__go(self):
        for _ in range(2):
            await pace.sleep_ms(1)
            time.sleep_ms(80)  # type: ignore - MicroPython's


class Fine(Readable):
    pollinterval = 0.2
    value = Parameter(Double(), description="awaits for long")

    async def read_value(self):
        await pace.sleep_ms(100)
        return 1


def node(board):
    return Node(
        equipment_id="slow", description="x", modules=(Slow(name="slow", description="x"), Fine(name="fine", description="x"))
    )
