"""A voltage or current that is put out: the set point of a flow controller, of a power supply."""

from secnode.datainfo import Double
from secnode.module import ERROR, IDLE, Parameter, Writable


class AnalogueOutput(Writable):
    """Sets `output`, which has set(), read(), cut(), off(), `low`, `high`, `unit` and `what`: drivers.pwm_output.PWMOutput,
    drivers.mcp4725.MCP4725. Where it has a `trouble` as well, these are the words for why it does not drive, or "".

    The value is read back. It begins and ends at its safe level.
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
        value = self.output.read()
        trouble = getattr(self.output, "trouble", "")
        if trouble:
            if self.status[1] != trouble:
                self.status = ERROR, trouble
        elif self.status[0] == ERROR:
            self.status = IDLE, ""
        return value

    def write_target(self, value):
        self.output.set(value)
        self.value = self.read_value()

    def cut(self):
        self.output.cut()

    def off(self):
        self.output.off()
