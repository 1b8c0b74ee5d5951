"""Ten modules whose values never stand still: more than a serial line can carry."""

from secnode import pace
from secnode.datainfo import Double, Int
from secnode.module import Parameter, Readable, Writable
from secnode.node import Node


class Restless(Readable):
    value = Parameter(Int(0, 4000000), description="counts up", poll=False)
    pollinterval = 3600

    def __init__(self, ms, **kwds):
        super().__init__(**kwds)
        self._ms = ms

    async def run(self):
        while True:
            self.value = self.value + 1
            await pace.sleep_ms(self._ms)


class Plain(Writable):
    value = Parameter(Double(), default=0, description="what the target is")
    target = Parameter(Double(), readonly=False, description="any number")
    pollinterval = 3600

    def write_target(self, value):
        self.value = value


def node(board):
    modules = [Plain(name="plain", description="does as it is told")]
    modules += [Restless(5, name="count%d" % i, description="counts") for i in range(9)]
    return Node(equipment_id="test.secnode.ten", description="ten modules", modules=tuple(modules))
