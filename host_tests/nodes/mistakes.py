"""Drivers as they should not be: one that stops the whole board, and some that set what can't be set, or nothing at all."""

import time

from secnode.datainfo import Bool, Double, Enum, Int, String, Tuple
from secnode.module import Command, Module, Parameter, Readable
from secnode.node import Node


class Blocking(Readable):
    """Stops everything for 0.2 s, as a chip does that is read without `async`."""

    pollinterval = 0.3
    value = Parameter(Int(0, 1000000), default=0, description="how often it was read")

    def read_value(self):
        time.sleep_ms(200)
        return self.value + 1


class Constants(Module):
    _double = Parameter(Double(unit="K"), constant=6.0, description="a number")
    _bool = Parameter(Bool(), constant=False, description="no")
    _enum = Parameter(Enum(OFF=0, ON=1), constant=1, description="one of two")
    _text = Parameter(String(), constant="", description="nothing")
    _tuple = Parameter(Tuple(Int(0, 9), Int(0, 9)), constant=(1, 2), description="two digits")
    _go = Command(description="does nothing")
    _which = Parameter(Int(0, 5), readonly=False, description="which of these the driver sets")
    _set = Command(Int(0, 5), description="the driver sets one of these")
    _slip = Command(description="begins a line that is never copied")

    def write__which(self, which):
        self.do__set(which)

    def do__set(self, which):
        name, value = (
            ("_double", 6.0), ("_bool", True), ("_enum", 0), ("_text", "x"), ("_tuple", (3, 4)), ("_go", 1),
        )[which]  # fmt: skip
        setattr(self, name, value)

    def do__go(self):
        pass

    def do__slip(self):
        self.node.encoder.word(b"somebody else's")


class Setting(Readable):
    """Its reading sets a constant."""

    value = Parameter(Double(unit="K"), description="never there")
    _limit = Parameter(Double(unit="K"), constant=6.0, description="a constant")

    def read_value(self):
        self._limit = 5
        return 1.0


def node(board):
    return Node(
        equipment_id="test.secnode.mistakes",
        description="drivers with mistakes",
        modules=(
            Blocking(name="blocking", description="stops everything"),
            Constants(name="constants", description="of all kinds"),
            Setting(name="setting", description="sets a constant"),
        ),
    )
