"""A contact or a switched signal: an interlock, a door, an end switch."""

from secnode import pace
from secnode.datainfo import Enum
from secnode.module import Parameter, Readable

_LOOK = 10  # ms between two looks


class DigitalInput(Readable):
    """Whether `source` is on, an object with read(): drivers.pin_input.PinInput. `members` names off and on, in this order.

    Clients are told at once, not at the next poll.
    """

    def __init__(self, source, members=("off", "on"), **kwds):
        if "value" not in kwds:
            kwds["value"] = Parameter(Enum({members[0]: 0, members[1]: 1}), description="state of the input")
        super().__init__(**kwds)
        self.source = source

    def read_value(self):
        return int(self.source.read())

    async def run(self):
        while True:
            state = self.source.read()
            if state != self.value:
                self.value = int(state)
            await pace.sleep_ms(_LOOK)
