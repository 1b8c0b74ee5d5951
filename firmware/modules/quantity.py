"""A quantity that is only read: one of a chip's, in its own unit."""

from secnode.datainfo import Double
from secnode.module import Parameter, Readable


class Quantity(Readable):
    """The value of `source`, an object with read(), plain or a coroutine, `unit` and `what`: sht.humidity of drivers.sht4x."""

    def __init__(self, source, **kwds):
        if "value" not in kwds:
            kwds["value"] = Parameter(Double(unit=source.unit), description=source.what)
        super().__init__(**kwds)
        self.source = source

    def read_value(self):
        return self.source.read()
