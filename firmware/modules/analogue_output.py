"""A voltage or current that is put out: the set point of a flow controller, of a power supply."""

from secnode.datainfo import Double
from secnode.module import Parameter, Writable


class AnalogueOutput(Writable):
    """Sets `output`, which has set(), read(), cut(), off(), `low`, `high`, `unit` and `what`: drivers.pwm_output.PWMOutput.

    The value is read back. It begins and ends at 0.
    """

    def __init__(self, output, **kwds):
        span = Double(output.low, output.high, unit=output.unit)
        if "value" not in kwds:
            kwds["value"] = Parameter(span, description=output.what + ", read back")
        if "target" not in kwds:
            kwds["target"] = Parameter(span, readonly=False, description=output.what + " to put out")
        super().__init__(**kwds)
        self.output = output

    def read_value(self):
        return self.output.read()

    def write_target(self, value):
        self.output.set(value)

    def cut(self):
        self.output.cut()

    def off(self):
        self.output.off()
