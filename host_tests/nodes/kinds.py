"""A driver that gives values of the wrong kind, or outside their data types."""

from secnode.datainfo import Array, Bool, Double, Enum, Int, String, Struct
from secnode.module import Command, Module, Parameter
from secnode.node import Node

GIVEN = {
    "_double": "1.5", "_int": 2.7, "_bool": "off", "_enum": "open", "_string": 5, "_array": [1, "2"], "_struct": {"p": True},
}  # fmt: skip
RIGHT = {
    "_double": 3, "_int": 2.0, "_bool": 1, "_enum": "ON", "_string": "text", "_array": (1, 2.0), "_struct": {"p": 1},
}  # fmt: skip


class Kinds(Module):
    """What is polled is of the right kind once `_right` says so."""

    pollinterval = 0.1
    _right = Parameter(Bool(), readonly=False, description="whether values are of the right kind")
    _beyond = Parameter(Bool(), readonly=False, description="whether levels are beyond their limits")
    _double = Parameter(Double(), description="a number")
    _int = Parameter(Int(0, 9), description="a whole number")
    _bool = Parameter(Bool(), description="yes or no")
    _enum = Parameter(Enum(OFF=0, ON=1), description="one of two")
    _string = Parameter(String(), description="a text")
    _array = Parameter(Array(Int(0, 9), maxlen=3), description="some numbers")
    _struct = Parameter(Struct({"p": Double()}), description="a number with a name")
    _level = Parameter(Double(0, 10, unit="mm"), description="how full it is")
    _levels = Parameter(Array(Double(0, 10), maxlen=3), description="how full they are")
    _set = Command(String(), description="set that parameter to what is wrong")
    _result = Command(result=Int(0, 9), description="gives what is wrong")

    def _give(self, name):
        return RIGHT[name] if self._right else GIVEN[name]

    def read__double(self):
        return self._give("_double")

    async def read__int(self):
        return self._give("_int")

    def read__bool(self):
        return self._give("_bool")

    def read__enum(self):
        return self._give("_enum")

    def read__string(self):
        return self._give("_string")

    def read__array(self):
        return self._give("_array")

    def read__struct(self):
        return self._give("_struct")

    def read__level(self):
        return 12.5 if self._beyond else 9.5

    def read__levels(self):
        return [1.0, 12.5 if self._beyond else 9.5]

    def do__set(self, name):
        setattr(self, name, GIVEN[name])

    def do__result(self):
        return "5"


def node(board):
    return Node(equipment_id="test.secnode.kinds", description="wrong kinds", modules=(Kinds(name="k", description="them"),))
