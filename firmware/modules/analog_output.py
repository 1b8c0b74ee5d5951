"""An analogue output: a level that is set, and read back."""

from secnode.datainfo import Double
from secnode.module import ERROR, IDLE, Parameter, Writable


class AnalogOutput(Writable):
    """The level of `output` (drivers.mcp4725, drivers.pwm_output), an object with

    `low`, `high`, `unit` and `what`, what it gives;
    `read()`, the level that it really has, and `trouble`, why it does not drive, as words, or "";
    `set(level)` and `off()`, which goes to its safe level: at the end of the node, and whatever ends it.
    """

    def __init__(self, output, **kwds):
        level = Double(output.low, output.high, unit=output.unit)
        kwds.setdefault("value", Parameter(level, description="%s, read back" % output.what))
        kwds.setdefault("target", Parameter(level, readonly=False, checkable=True, description=output.what))
        super().__init__(**kwds)
        self.output = output

    def read_value(self):
        value = self.output.read()
        trouble = self.output.trouble
        if trouble:
            if self.status[1] != trouble:
                self.status = ERROR, trouble
        elif self.status[0] == ERROR:
            self.status = IDLE, ""
        return value

    def write_target(self, value):
        self.output.set(value)
        self.value = self.read_value()

    def off(self):
        self.output.off()
