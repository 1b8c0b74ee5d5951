"""Goes back to an oven's target after a loss of power, where nobody has switched it off.

What makes a heater not heat, or less, is on flash before it is answered, where flash says otherwise: in the oven's section of
settings.json `resume` is the target. Before it resumes, that is counted there in `resumed`: where that can't be written, nobody
could switch the heater off for good, and it stays off.
"""

from micropython import const
from secnode import calls, errors, log, pace
from secnode.module import WARN

_KEPT = ("_maxheaterpower", "_allowed_range", "target_limits")  # always with resume=True
_BINDING = _KEPT + ("offset", "_deadman", "_guard")
_NAME = "resume"
_MOST = 1000000
_READINGS = const(10)  # so often it is asked for the first one,
_PAUSE = const(100)  # ms from one to the next


class Resuming:
    """For `oven`, a modules.oven.Oven.

    `flash` is the target that is on flash, `owed` whether flash still has to be told that it heats less.
    """

    def __init__(self, oven):
        self.oven = oven
        self.name = oven.name
        self.owed = False
        self.flash = None
        for name in _KEPT:
            a = oven.accessibles.get(name)
            if a and not a.definition.keep:
                a.definition = _kept(a.definition)

    def keep(self, value):
        """Note the target that is resumed after a loss of power, None for none."""
        store = self.oven.node and self.oven.node.store
        if store:
            store.set(self.name, _NAME, value)
            if self.flash is not None and (value is None or value < self.flash):
                self.owed = True

    def wait(self):
        """What has to be awaited before that is answered; None where nothing has."""
        return self._wait() if self.owed else None

    def save(self):
        """Tell flash, where it still has to be told."""
        if self.owed:
            self.oven.node.store.save_now(True)

    async def _wait(self):
        # whoever is late already has its turn first: so nobody stands still for longer than one save
        await pace.sleep_ms(1)
        self.save()

    async def begin(self):
        """At start: go back to the target, if it was power that was lost."""
        oven = self.oven
        store = oven.node.store
        if not store:
            return
        for name in _BINDING:
            a = oven.accessibles.get(name)
            if a:
                a.act = self._bound(a)
        store.resuming += (self,)
        value = store.get(self.name, _NAME)
        if value is None:
            return
        a = oven.accessibles["target"]
        try:
            target = calls.judge(a, value)
            self.flash = value
            reading = await self._reading()
            if not oven._allowed_range[0] <= reading <= oven._allowed_range[1]:
                raise ValueError("%.1f °C is not allowed" % reading)  # the guard would need a second to say so
            if not oven.node.lost_power:
                log.info(self.name, "the target, %g, is not resumed: %s", value, oven.node.started)
                value = None
            else:
                times = store.get(self.name, "resumed")
                store.set(self.name, "resumed", times % _MOST + 1 if type(times) is int else 1)
                self.owed = True
                await self._wait()
                if self.owed:
                    log.error(self.name, "the target, %g, is not resumed: settings.json can't be written", value)
                    oven.status = WARN, "off: the target, %g, is not resumed, since flash can't be written" % value
                    value = None
                elif store.get(self.name, _NAME) == value and not oven.active:  # nobody wanted anything else meanwhile
                    oven.write_target(target)
                    log.info(self.name, "the target, %g, is resumed after a loss of power", value)
        except Exception as e:
            log.error(self.name, "the target, %s, can't be resumed: %s", value, e)
            oven.off()
            value = None
        if value is None:
            self.keep(None)
            if self.owed:
                await self._wait()

    async def _reading(self):
        """The sensor's first reading in degC, without offset: a chip that has just been powered on takes its time."""
        left = _READINGS
        while True:
            try:
                return self.oven.sensor.read()
            except (errors.SECoPError, OSError):
                left -= 1
                if not left:
                    raise
            await pace.sleep_ms(_PAUSE)

    def _bound(self, a):
        """A parameter's write method that tells flash where the new value lets it heat less."""
        oven, act = self.oven, a.act

        def write(value):
            less = self.flash is not None and _is_less(a.name, value, getattr(oven, a.name))
            used = act(value) if act else None
            if less:
                return self._write(a, value, used)
            return used

        return write

    async def _write(self, a, value, used):
        if hasattr(used, "send"):
            used = await used
        value = value if used is None else used
        self.oven.node.store.set(self.name, a.name, a.definition.datainfo.export(value))
        self.owed = True
        await self._wait()
        return used


def _kept(definition):
    """The same Parameter, but kept: other ovens may share the one that it is like."""
    own = object.__new__(type(definition))
    for name, value in definition.__dict__.items():
        setattr(own, name, value)
    own.like = definition
    own.keep = True
    return own


def _is_less(name, value, old):
    """Whether a heater heats less, or for a shorter time, by a new value."""
    if name == "_guard":
        return value != old
    if name == "_deadman":
        return value > 0 and not 0 < old <= value
    if name in ("_maxheaterpower", "offset"):  # the value is what the sensor says less the offset
        return value < old
    return value[0] > old[0] or value[1] < old[1]
