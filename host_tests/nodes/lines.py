"""An instrument at UART 1 that answers Q0 to Q9 with its number and a count, and SET n: see host_tests/instruments."""

from instruments.line import LineDevice
from secnode.datainfo import Int, String
from secnode.module import Command, Parameter, Readable, Writable
from secnode.node import Node


class Channel(Readable):
    value = Parameter(Int(0, 9999999), description="what the instrument says")

    def __init__(self, device, number, **kwds):
        super().__init__(**kwds)
        self.device = device
        self.number = number

    def read_value(self):
        return self.device.ask("Q%d" % self.number, "A%d:%%d" % self.number)


class Set(Writable):
    value = Parameter(Int(0, 9999999), description="what was set")
    target = Parameter(Int(0, 9999999), readonly=False, description="what to set")
    _ask = Command(String(), String(), description="ask it anything")

    def __init__(self, device, **kwds):
        super().__init__(**kwds)
        self.device = device

    async def write_target(self, value):
        await self.device.tell("SET %d" % value)
        return await self.device.ask("SET?", "%d", urgent=True)

    def do__ask(self, argument):
        return self.device.ask(argument)


class Other(Readable):
    pollinterval = 0.2
    value = Parameter(Int(0, 9999999), description="how often it was read", default=0)

    def read_value(self):
        return self.value + 1


def node(board):
    device = LineDevice(board.uart("uart1", 115200), "*IDN?", "ACME,1", timeout=250)
    modules = [Channel(device, i, name="q%d" % i, description="a channel", pollinterval=0.5) for i in range(4)]
    modules.append(Set(device, name="set", description="something to set"))
    modules.append(Other(name="other", description="not at that wire"))
    return Node("example_org.lines", "an instrument at a UART", modules=modules)
