"""A counter: of pulses, events, turns."""

from micropython import const
from secnode.datainfo import Int
from secnode.module import Command, Parameter, Readable

_MOST = const(0xFFFFFF)  # as many as every client holds exactly


class Counter(Readable):
    """How many pulses `pulses`, a drivers.pulses.Pulses, has counted since the start, or since `reset`.

    It comes round after 16777215, as a counter does. For more take the `total` of the pulses, in a unit of its own.
    """

    value = Parameter(Int(0, _MOST), description="pulses since the start or the last reset")
    reset = Command(description="count from 0 on")

    def __init__(self, pulses, **kwds):
        super().__init__(**kwds)
        self.pulses = pulses

    def read_value(self):
        return self.pulses.count() & _MOST

    def do_reset(self):
        self.pulses.clear()
        self.value = 0
