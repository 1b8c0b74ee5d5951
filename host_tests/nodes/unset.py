"""Values that nobody measures, and some that come after a while."""

import asyncio

from secnode.datainfo import Double, Int
from secnode.module import Command, Drivable, Parameter, Readable, Writable
from secnode.node import Node

_K = Double(unit="K")


class Never(Readable):
    value = Parameter(_K, description="nobody reads or sets it")
    _fixed = Parameter(Int(0, 9), description="nor this")
    _given = Parameter(Int(0, 9), default=4, description="the author says what it is")
    _open = Parameter(Int(1, 9), readonly=False, description="clients set it; at first it is what its data type begins with")


class Nothing(Readable):
    """Forgets its `return`."""

    value = Parameter(_K, description="read, and not given")

    def read_value(self):
        self.node  # noqa: B018 - something is done


class Later(Readable):
    value = Parameter(Int(0, 9), description="there when it was set")
    _go = Command(description="sets it")

    def do__go(self):
        self.value = 0


class Early(Readable):
    """Sets it where it is made."""

    value = Parameter(Int(0, 9), description="there from the start")

    def __init__(self, **kwds):
        super().__init__(**kwds)
        self.value = 3


class Follows(Writable):
    value = Parameter(Int(0, 9), description="what the target is")
    target = Parameter(Int(0, 9), readonly=False, keep=True, description="where it stands")


class Written(Follows):
    """Sends the target away, even numbers alone."""

    async def write_target(self, value):
        await asyncio.sleep_ms(1)
        return value - value % 2


class Own(Follows):
    """Says itself what it is."""

    def write_target(self, value):
        self.value = 9 - value


class Drives(Drivable):
    value = Parameter(Int(0, 9), description="where it is, which nobody knows")
    target = Parameter(Int(0, 9), readonly=False, description="where to go")

    def do_stop(self):
        pass


def node(board):
    kinds = Never, Nothing, Later, Early, Follows, Written, Own, Drives
    modules = tuple([kind(name=kind.__name__.lower(), description="as its class says") for kind in kinds])
    return Node(equipment_id="test.secnode.unset", description="values that are not there", modules=modules)
