"""Drivers that wait for hardware that does not answer, with time-outs of a second."""

import asyncio

from secnode.datainfo import Double, Int
from secnode.module import Command, Module, Parameter, Readable, Writable
from secnode.node import Node

_LONG = 100000  # s


async def _wait():
    await asyncio.sleep_ms(5000)


class Hanging(Writable):
    """Answers while `_hangs` is 0; with 1 it does not, until it is cancelled, with 2 it is not even ended by that."""

    pollinterval = 0.2
    timeout = 1
    value = Parameter(Double(unit="K"), description="how often it was read")
    target = Parameter(Double(0, 10, unit="K"), readonly=False, description="hangs as well")
    _other = Parameter(Int(0, 9), description="no trouble")
    _act = Command(Int(0, 2), Int(0, 9), description="hangs in this way")
    n = 0
    hangs = 0

    async def read_value(self):
        await self.wait(self.hangs)
        self.n += 1
        return self.n

    def read__other(self):
        return 7

    async def write_target(self, value):
        await self.wait(self.hangs)

    async def do__act(self, how):
        await self.wait(how)
        return 3

    async def wait(self, how):
        switch = self.node.modules[0]
        while how:
            try:
                await asyncio.sleep_ms(10 if how == 2 else _LONG)
            except asyncio.CancelledError:
                if how == 1:
                    raise
            if how == 2 and switch.released:
                return


class Switch(Module):
    """What the others do, set from outside, without waiting for them."""

    _hangs = Parameter(Int(0, 2), readonly=False, description="how the others hang")
    _release = Parameter(Int(0, 1), readonly=False, description="1 ends what can't be cancelled")
    released = 0

    def write__hangs(self, value):
        for module in self.node.modules[1:]:
            module.hangs = value

    def write__release(self, value):
        self.released = value


class Cancelled(Readable):
    """Waits for a task of its own, which somebody cancels."""

    pollinterval = 0.2
    value = Parameter(Double(unit="K"), description="there every second time")
    n = 0

    async def read_value(self):
        self.n += 1
        if self.n % 2:
            task = asyncio.create_task(_wait())
            await asyncio.sleep_ms(0)
            task.cancel()
            await task
        return self.n


def node(board):
    return Node(
        equipment_id="test.secnode.hanging",
        description="hardware that does not answer",
        modules=(
            Switch(name="switch", description="what the others do"),
            Hanging(name="h", description="hangs", action_timeout=1),
            Cancelled(name="cancelled", description="is cancelled"),
        ),
    )
