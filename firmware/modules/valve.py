"""A valve with end switches, a shutter, a door, a relay with a contact of its own: switched, and it tells where it is."""

from micropython import const
from secnode import pace
from secnode.datainfo import Enum
from secnode.errors import HardwareError
from secnode.module import BUSY, ERROR, IDLE, Drivable, Parameter

_OFF = const(0)
_ON = const(1)
_BETWEEN = const(2)
_LOOK = const(10)  # ms between two looks


class Valve(Drivable):
    """Switches `output`, an object with set(), off() and `safe` (drivers.pin_output.PinOutput), and waits until it has moved.

        travel: 0.01 to 3600 s; valve: time that it may take to move

    `contact` tells where it is, an object with read() (drivers.pin_input.PinInput), on where the valve is; or a pair of end
    switches: one that is on where the valve is off, one that is on where it is on. With a pair there is a third value, in
    between. `members` names off, on and in between, in this order.

    It is BUSY until it has arrived. What takes longer than `travel` s is an error, and so is a valve that leaves its place by
    itself for so long: the output stays as it is. stop() sends it back to where its contacts say that it is, or in
    between to the safe state. At the end it goes to its safe state.
    """

    def __init__(self, output, contact, members=("closed", "open", "between"), travel=5, **kwds):
        ends = isinstance(contact, (tuple, list))
        if len(members) < (3 if ends else 2):
            raise ValueError("with two end switches there are three members: off, on and in between")
        states = {members[0]: _OFF, members[1]: _ON}
        if "target" not in kwds:
            kwds["target"] = Parameter(Enum(dict(states)), readonly=False, description="where to go")
        if ends:
            states[members[2]] = _BETWEEN
        if "value" not in kwds:
            kwds["value"] = Parameter(
                Enum(states), description="where it is, by its contacts" if ends else "where it is, by its contact"
            )
        super().__init__(**kwds)
        self.output = output
        self._contacts = contact if ends else (contact,)
        self._names = members
        self._travel = round(travel * 1000)
        self._since = pace.ticks_ms()  # when it was last where it should be, or was sent there
        self._counts = True  # the time since then
        self.target = int(output.safe)

    def read_value(self):
        on = self._contacts[-1].read()
        if len(self._contacts) == 1:
            return _ON if on else _OFF
        off = self._contacts[0].read()
        if on and off:
            raise HardwareError("both end switches are on")
        return _ON if on else _OFF if off else _BETWEEN

    def write_target(self, value):
        self._send(value)

    def do_stop(self):
        if self.status[0] == BUSY:
            at = int(self.output.safe) if self.value == _BETWEEN else self.value
            self._send(at)
            self.target = at

    def _send(self, state):
        self.output.set(state)
        self._since = pace.ticks_ms()
        self._counts = True
        self.status = BUSY, "moving"

    async def run(self):
        while True:
            try:
                at = self.read_value()
            except HardwareError as e:
                self._say(ERROR, e.text)
            else:
                if at != self.value:
                    self.value = at
                self._look(at)
            await pace.sleep_ms(_LOOK)

    def _look(self, at):
        if at == self.target:
            self._counts = False
            self._say(IDLE, "")
            return
        now = pace.ticks_ms()
        if not self._counts:
            self._counts = True
            self._since = now
        if self.status[0] != ERROR and pace.ticks_diff(now, self._since) > self._travel:
            name = self._names[at]
            if self.status[0] == BUSY:
                self._say(ERROR, "did not move within %g s: it is %s" % (self._travel / 1000, name))
            else:
                self._say(ERROR, "it has moved by itself: it is %s" % name)

    def _say(self, code, text):
        if self.status != (code, text):
            self.status = code, text

    def off(self):
        self.output.off()

    cut = off
