"""A value of an instrument that takes time to reach its target: as in tables.py, and BUSY until then."""

from control.settle import ARRIVED, Settle
from instruments import forms
from instruments.tables import Setting
from secnode import pace
from secnode.module import BUSY, ERROR, IDLE, WARN, Drivable

_TIMED_OUT = "the target was not reached in time"


class LineDrivable(Setting, Drivable):
    """As LineWritable, and BUSY until it is there: by the value, or by what the instrument says.

    By the value: it was within `tolerance` of the target for `settle` s. By the instrument: `moving` is a request that is
    answered with a number (`moving_form`, %d) of which one of `moving_bits` is set while it is on the way. After `patience` s
    (0 for none) that brought it no nearer it is an ERROR; it may arrive still.

    `stop` is the command that stops it there, where the instrument has one; without it the present value is made the target.
    A target that somebody sets at the instrument itself is shown, and not waited for.
    """

    def __init__(
        self, device, query, command, readback=None, form="%f", unit="", low=None, high=None, answer=None, accuracy=None,
        tolerance=None, settle=0, patience=0, moving=None, moving_form="%d", moving_bits=-1, stop=None, **kwds
    ):  # fmt: skip
        if (tolerance is None) == (moving is None):
            raise ValueError("tolerance, or moving: one of them says when it has arrived")
        if forms.fields(moving_form) not in ("d", "x", "c"):
            raise ValueError("moving_form %r: one whole number is wanted, %%d or %%x" % moving_form)
        kwds = self.table(device, query, form, unit, kwds)
        if readback is None:
            raise ValueError("readback is the request for the target, query that for the value")
        self.moving = moving
        self.moving_form = moving_form
        self.moving_bits = moving_bits
        self.stop_command = stop
        self._settle = Settle(tolerance or 0, settle, patience)
        self._since = pace.ticks_ms()
        self._aim = None  # the target that the settling is about
        Drivable.__init__(self, **self.setting(command, readback, answer, accuracy, low, high, unit, kwds))

    async def read_value(self):
        value = await self._read()
        await self._look(value)
        return value

    async def _look(self, value):
        # whether it is there
        now = pace.ticks_ms()
        dt = min(pace.ticks_diff(now, self._since) / 1000, 60)
        self._since = now
        aim = self.target
        if self.accessibles["target"].error:
            return
        settle = self._settle
        if self._aim is None or abs(aim - self._aim) > self.accuracy + 0.001 * abs(aim):  # type: ignore - numbers
            # at the start it is where it is: only what is set here has to be reached
            if self._aim is not None and self._busy():
                self._say(WARN, "another target was set at the instrument")
            self._aim = aim
            settle.state = ARRIVED
        if self.moving:
            on_the_way = await self.device.ask(self.moving, self.moving_form) & self.moving_bits
            self._say(*(BUSY, "on the way to the target") if on_the_way else (IDLE, ""))
            return
        was = settle.state
        settle.step(aim, value, dt)
        if settle.state == "timed out":
            if was != settle.state:
                self._say(ERROR, _TIMED_OUT)
        elif settle.state == ARRIVED:
            self._say(IDLE, "")
        elif settle.state == "stabilizing" and self._busy():
            self._say(BUSY, "at the target, not yet for long enough")

    def _busy(self):
        return (self.healthy or self.status)[0] == BUSY

    def _say(self, code, text):
        # the status, which an error of the reading may cover just now
        if self.healthy is not None:
            self.healthy = code, text
        elif self.status != (code, text) and (code != IDLE or self.status[0] == BUSY or self.status == (ERROR, _TIMED_OUT)):
            self.status = code, text

    async def write_target(self, value):
        self._say(BUSY, "on the way to the target")
        try:
            value = await self.set_target(value)
        except Exception:
            self._aim = None  # nobody knows what it does
            self._say(IDLE, "")
            raise
        self._aim = value
        self._settle.reset()
        self._since = pace.ticks_ms()
        return value

    async def do_stop(self):
        if not self._busy():
            return  # else the target would move by the noise of the value
        if self.stop_command:
            await self.device.tell(self.stop_command)
            self.target = await self.read_target()
        else:
            datainfo = self.accessibles["target"].definition.datainfo
            value = self.value
            if datainfo.min is not None:
                value = max(value, datainfo.min)
            if datainfo.max is not None:
                value = min(value, datainfo.max)
            self.target = await self.set_target(value)
        self._aim = self.target
        self._settle.state = ARRIVED
        self._say(IDLE, "")
