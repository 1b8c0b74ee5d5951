"""Any line, sent to an instrument by an expert, if the node's author allows it."""

from instruments.line import LineDevice
from secnode import errors, log
from secnode.module import Communicator


class LineCommunicator(Communicator):
    """Passes a line on to a LineDevice, and its answer back; it waits for its turn, after changes. Each use is logged.

    A line with `answered` in it has an answer, as "?" says in most languages; any other one gives "". On the line of an
    instrument at which modules set something, a heater maybe, it is refused unless `beside_settings=True` says that it may.
    """

    def __init__(self, device, answered="?", beside_settings=False, **kwds):
        super().__init__(**kwds)
        if not isinstance(device, LineDevice):
            raise ValueError("device is a LineDevice, not %s" % type(device).__name__)
        self.device = device
        self.answered = answered
        self.beside_settings = beside_settings

    async def do_communicate(self, argument):
        if self.device.sets and not self.beside_settings:
            raise errors.Impossible("modules of this node set values at this instrument; the node does not say beside_settings")
        for c in argument:
            if not " " <= c <= "~":
                raise errors.RangeError("a line is of printable ASCII characters")
        log.info(self.name, "communicate %s", argument)
        if self.answered in argument:
            return await self.device.ask(argument)
        await self.device.tell(argument, False)
        return ""
