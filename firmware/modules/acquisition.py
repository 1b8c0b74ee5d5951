"""Data acquisition: it begins by `go`, takes a while, and keeps its result until the next one.

By SECoP 2.0 (classes.rst, Acquisition base classes; accessibles.rst, goal, go, prepare, hold, stop; schema/acquisition.yaml).
What measures is a meter: an object with start(), halt(), clear(), now(), which gives the value, and datainfo(). Counts and
Elapsed are here; one of yours may raise HardwareError.
"""

from micropython import const
from secnode import pace
from secnode.datainfo import Bool, Double, Int
from secnode.errors import IsBusy
from secnode.module import BUSY, IDLE, PREPARED, WARN, Command, Parameter, Readable, status_type

_LOOK = const(10)  # ms between two looks at the goals
_MOST = const(0xFFFFFF)  # as many as every client holds exactly


class Counts:
    """Counts the pulses of a drivers.pulses.Pulses while it is started. It can be shared with others."""

    unit = ""

    def __init__(self, pulses):
        self._pulses = pulses
        self._sum = 0
        self._begun = None

    def start(self):
        self._begun = self._pulses.count()

    def halt(self):
        self._sum = self.now()
        self._begun = None

    def clear(self):
        self._sum = 0

    def now(self):
        if self._begun is None:
            return self._sum
        # somebody may have set the pulses to 0 meanwhile
        return self._sum + max(self._pulses.count() - self._begun, 0)

    def datainfo(self):
        return Int(0, _MOST)


class Elapsed:
    """The time in s while it is started, in steps of 1 ms."""

    def __init__(self):
        self._ms = 0
        self._seen = None

    def start(self):
        self._seen = pace.ticks_ms()

    def halt(self):
        self.now()
        self._seen = None

    def clear(self):
        self._ms = 0

    def now(self):
        if self._seen is not None:
            now = pace.ticks_ms()
            self._ms += pace.ticks_diff(now, self._seen)
            self._seen = now
        return self._ms / 1000

    def datainfo(self):
        return Double(0, 1e6, unit="s")


class _Measured(Readable):
    # what a channel has, and an acquisition of one channel
    goal = Parameter(None, readonly=False, description="the acquisition ends when the value is there")
    goal_enable = Parameter(Bool(), readonly=False, description="whether the goal ends the acquisition")

    def __init__(self, meter, goal=None, **kwds):
        datainfo = meter.datainfo()
        if "value" not in kwds:
            kwds["value"] = Parameter(datainfo, description="of the present acquisition, or of the last one")
        if "goal" not in kwds:
            text = "the acquisition ends when the value is there"
            kwds["goal"] = Parameter(datainfo, readonly=False, default=goal, description=text)
        super().__init__(**kwds)
        self.goal_enable = goal is not None
        self.meter = meter
        self._most = datainfo.max

    def read_value(self):
        value = self.meter.now()
        return value if self._most is None else min(value, self._most)

    def reached(self):
        """IDLE where it has its goal, WARN where it can't count on, None else."""
        value = self.meter.now()
        if self.goal_enable and value >= self.goal:
            return IDLE
        return WARN if self._most is not None and value >= self._most else None


class AcquisitionChannel(_Measured):
    """One quantity of an acquisition (classes.rst, AcquisitionChannel): of `meter`, begun and ended by its controller.

    With `goal`, in the unit of the value, it ends the acquisition there; goal_enable switches this on and off.
    """

    interface_classes = ("AcquisitionChannel",)

    status = Parameter(status_type("IDLE", "WARN", "BUSY", "ERROR"), description="whether it acquires", default=(IDLE, ""))


class _Controlled(Readable):
    # what a controller has, and an acquisition of one channel; `channels` are what it begins and ends
    channels = ()
    _doing = IDLE  # or BUSY, or PREPARED for paused

    status = Parameter(
        status_type("IDLE", "PREPARED", "WARN", "BUSY", "ERROR"), description="BUSY while it acquires", default=(IDLE, "")
    )
    prepare = Command(description="make ready to go at once")
    go = Command(description="begin, or go on after hold")
    hold = Command(description="pause; go continues")
    stop = Command(description="end")

    def prepared(self):
        """Make the hardware ready, where that takes anything: for a class of yours."""

    def do_prepare(self):
        if self._doing == BUSY:
            raise IsBusy("it acquires: stop it first")
        if self.status[0] != PREPARED:
            self.prepared()
            self.status = PREPARED, "ready"

    def do_go(self):
        if self._doing == BUSY:
            return
        if self.status[0] != PREPARED:
            self.prepared()
        if self._doing == IDLE:
            for channel in self.channels:
                channel.meter.clear()
        for channel in self.channels:
            channel.meter.start()
        self._turn(BUSY, BUSY, "acquiring")

    def do_hold(self):
        if self._doing == BUSY:
            self._turn(PREPARED, IDLE, "paused")

    def do_stop(self):
        # what is paused or prepared ends, too: the next go begins anew
        if self._doing == BUSY or self.status[0] == PREPARED:
            self._turn(IDLE, IDLE, "stopped")

    def _turn(self, doing, of_channels, text):
        if self._doing == BUSY:
            for channel in self.channels:
                channel.meter.halt()  # all of them before anybody is told
        self._doing = doing if doing != WARN else IDLE
        for channel in self.channels:
            channel.value = channel.read_value()
            if channel is not self:
                channel.status = of_channels, text
        self.status = doing, text

    async def run(self):
        while True:
            if self._doing == BUSY:
                for channel in self.channels:
                    found = channel.reached()
                    if found is not None:
                        full = "%s can't hold more" % channel.name
                        self._turn(found, found, full if found == WARN else "%s is at its goal" % channel.name)
                        break
            await pace.sleep_ms(_LOOK)


class AcquisitionController(_Controlled):
    """Begins and ends an acquisition of `channels`, AcquisitionChannels by their roles (classes.rst, AcquisitionController).

    {"t": timer, "counts": counts}; "t" is SECoP's role for the time. It ends when a channel is at its goal, at stop, and, with
    a warning, before a value gets too large to be held exactly. It looks every 10 ms, so values lie a little above their goals.
    Its own value is the number of acquisitions begun: so it is a Readable for clients that know no acquisition.
    """

    interface_classes = ("AcquisitionController",)

    value = Parameter(Int(0, _MOST), default=0, description="acquisitions begun since the start")

    def __init__(self, channels, **kwds):
        roles = {}
        for role in channels:
            roles[role] = channels[role].name
        kwds["acquisition_channels"] = roles
        super().__init__(**kwds)
        self.channels = tuple(channels.values())

    def do_go(self):
        if self._doing == IDLE:
            self.value = self.value + 1 & _MOST
        super().do_go()


class Acquisition(_Controlled, _Measured):
    """Controller and channel in one, for a single quantity (classes.rst, Acquisition).

    Acquisition(Counts(pulses), goal=1000, name="counts", description="...")
    """

    interface_classes = ("Acquisition",)

    def __init__(self, meter, goal=None, **kwds):
        _Measured.__init__(self, meter, goal, **kwds)  # MicroPython's super() does not get there
        self.channels = (self,)
