"""A chip that measures one or several quantities: once per poll, however many ask, and started again after each fault."""

from micropython import const
from secnode import pace

_OLD = const(500)  # ms for which a quantity of the last measurement may be handed out


class Quantity:
    """One quantity of a chip: read() gives a coroutine, whose result is the value in `unit`.

    `what` says in words what it is. A read() raises CommunicationFailed where the chip does not answer or a check sum is
    wrong, HardwareError where it says that something is broken.
    """

    def __init__(self, chip, index, what, unit):
        self.chip = chip
        self.index = index
        self.what = what
        self.unit = unit

    def read(self):
        return self.chip.read(self.index)


class Chip:
    """Base of the chips. A class gives

    `async begin()`: makes sure that it is the right chip and sets it up; called before the first measurement, and before the
    next one after anything failed, so that a chip that was pulled off and put back works again.
    `async measure()`: fills `values`, one for each quantity; an exception in the place of a value is raised for that one alone.

    `device` is what bus.device() gave. No method is called before something is read: a chip that is missing keeps nobody
    from starting.
    """

    def __init__(self, device, quantities):
        self.device = device
        self.values = [0.0] * len(quantities)
        self.quantities = [Quantity(self, i, *of) for i, of in enumerate(quantities)]
        self._busy = False
        self._fresh = 0  # a bit for each value that nobody had yet
        self._since = 0
        self._ready = False

    async def read(self, index):
        """The value of one quantity. Those of one measurement are handed out once each, within half a second."""
        while self._busy:  # asyncio's Lock takes 200 B each time
            await pace.sleep_ms(1)
        now = pace.ticks_ms()
        if not self._fresh >> index & 1 or not 0 <= pace.ticks_diff(now, self._since) <= _OLD:
            self._busy = True
            self._fresh = 0
            ready = self._ready
            self._ready = False  # whatever ends this
            try:
                if not ready:
                    await self.begin()
                await self.measure()
                self._ready = True
            finally:
                self._busy = False
            self._fresh = (1 << len(self.values)) - 1
            self._since = pace.ticks_ms()
        self._fresh &= ~(1 << index)
        value = self.values[index]
        if isinstance(value, Exception):
            raise value
        return value

    def put(self, index, value):
        """Set a value, or an exception in its place."""
        self.values[index] = value

    async def begin(self):
        """Set the chip up."""

    async def measure(self):
        """Fill `values`."""
        raise NotImplementedError
