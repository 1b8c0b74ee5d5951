"""A relay, a lamp, a pump: switched, without a contact that tells where it is."""

from secnode.datainfo import Enum
from secnode.errors import HardwareError
from secnode.module import Parameter, Writable


class DigitalOutput(Writable):
    """Switches `output`, an object with set(), read(), off() and `safe`: drivers.pin_output.PinOutput. `members` names off and
    on, in this order.

    The value is what the output really has. At the end it goes to its safe state.
    """

    def __init__(self, output, members=("off", "on"), **kwds):
        states = Enum({members[0]: 0, members[1]: 1})
        if "value" not in kwds:
            kwds["value"] = Parameter(states, description="state of the output")
        if "target" not in kwds:
            kwds["target"] = Parameter(states, readonly=False, description="state to switch to")
        super().__init__(**kwds)
        self.output = output
        self.target = int(output.safe)

    def read_value(self):
        return int(self.output.read())

    def write_target(self, value):
        self.output.set(value)
        try:
            self.value = int(self.output.read())
        except HardwareError:
            self.output.set(self.target)  # as it was
            raise

    def off(self):
        self.output.off()

    cut = off
