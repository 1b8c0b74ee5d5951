"""Values that are kept over a restart, of every kind, in hardware that forgets."""

from secnode.datainfo import Array, Blob, Bool, Double, Enum, Int, Scaled, String, Struct, Tuple
from secnode.errors import HardwareError, Impossible
from secnode.limits import Limit
from secnode.module import Command, Module, Parameter, Readable, Writable
from secnode.node import Node


class Controller(Writable):
    value = Parameter(Double(unit="K"), default=0, description="temperature")
    target = Parameter(Double(0, 500, unit="K"), readonly=False, default=300, keep=True, description="to go to")
    target_min = Limit(keep=True, default=250)
    target_max = Limit(keep=True, default=350)
    _p = Parameter(Double(0, 100), readonly=False, default=5, keep=True, description="proportional part")
    _name = Parameter(String(maxchars=20, isUTF8=True), readonly=False, keep=True, description="what it is")
    _forgotten = Parameter(Int(0, 9), readonly=False, description="not kept")
    _even = Parameter(Int(0, 100), readonly=False, keep=True, description="even numbers alone")
    _tune = Command(description="the driver sets _p itself")

    def check__even(self, value):
        if value % 2:
            raise Impossible("odd")

    def do__tune(self):
        self._p = 7.25


class Register(Readable):
    """Hardware with a register that is 0 after every start, and polled."""

    pollinterval = 0.1
    value = Parameter(Int(0, 1000), description="how often the register was set")
    _gain = Parameter(Int(0, 100), readonly=False, keep=True, description="rounded down to even numbers; 98 breaks it")
    _seen = Parameter(Double(), readonly=False, keep=True, description="what is read is not kept")

    def __init__(self, **kwds):
        super().__init__(**kwds)
        self.register = 0
        self.writes = 0

    def read_value(self):
        return self.writes

    def read__gain(self):
        return self.register

    async def write__gain(self, value):
        if value == 98:
            raise HardwareError("it burns")
        self.writes += 1
        self.register = value - value % 2
        return self.register

    def read__seen(self):
        return self._seen + 1


class Kinds(Module):
    _scaled = Parameter(Scaled(0.1, 0, 2500, unit="K"), readonly=False, keep=True, description="a fixed-point number")
    _bool = Parameter(Bool(), readonly=False, keep=True, description="yes or no")
    _enum = Parameter(Enum(OFF=0, ON=1, AUTO=5), readonly=False, keep=True, description="one of three")
    _blob = Parameter(Blob(maxbytes=4), readonly=False, keep=True, description="a few bytes")
    _array = Parameter(Array(Double(), maxlen=3), readonly=False, keep=True, description="some numbers")
    _tuple = Parameter(Tuple(Int(0, 9), String(maxchars=5)), readonly=False, keep=True, description="a digit and a word")
    _struct = Parameter(
        Struct({"p": Double(0, 100), "i": Double(0, 100)}, optional=("i",)), readonly=False, keep=True, description="a struct"
    )


def node(board):
    return Node(
        equipment_id="test.secnode.kept",
        description="values that are kept",
        modules=(
            Controller(name="control", description="a controller"),
            Register(name="register", description="hardware that forgets"),
            Kinds(name="kinds", description="every data type"),
        ),
    )
