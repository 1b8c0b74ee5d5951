"""A node whose clock can be set by SECoP."""

from drivers.rtc import set_clock
from modules.timekeeper import TimeKeeper
from secnode.datainfo import Double
from secnode.module import Parameter, Readable
from secnode.node import Node


class Counter(Readable):
    value = Parameter(Double(), description="how often it was read")

    def read_value(self):
        return self.value + 1


def node(board):
    return Node(
        equipment_id="test.secnode.clocked",
        description="a clock that can be set",
        modules=(
            Counter(name="counter", description="counts"),
            TimeKeeper(set_clock, name="clock", description="the board's clock"),
        ),
    )
