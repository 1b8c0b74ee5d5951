"""What must not be while something else is: a condition on other modules, and what it takes from them while it holds."""

from control.condition import Condition, mentions
from micropython import const
from secnode import calls, errors, log, pace
from secnode.datainfo import Enum
from secnode.module import ERROR, IDLE, WARN, Command, Module, Parameter, Readable

_LOOK = const(100)  # ms between two looks
_FIRST = const(5000)  # ms for the first values after a start
_CLEAR = const(0)
_TRIPPED = const(1)
_STAYS = ("do_stop", "do_control_off", "do_hold")  # what is done while it forbids: nothing of it begins anything


class Interlock(Readable):
    """Trips when a condition holds, or can't be told: a value that can't be had counts as one that is wrong.

        Interlock(
            when=("or", (">", (wall, "value"), 1150), (">", ("age", wall, "value"), 5)),
            actions=((heater, "off"), (gas, "safe")),
            text="the tube's wall is too hot",
            name="overheat", description="...",
        )

    `when` is a tuple: a comparison (<, <=, >, >=, ==, !=) of two operands, or "and", "or" or "not" with what they join. An
    operand is a number, a text that names an enum's member or a status ("ERROR"), (module, parameter), ("age", module,
    parameter) in s since it was read or set, or ("silence",) in s since a client said anything. A status counts by its code.

    `actions` are pairs of a module and what is done: "off" cuts a heater as its guard does (modules.heater.Heater.trip()),
    "stop" is do_stop(), "safe" puts an output to its safe level, and a number is the highest target that is taken.

    It looks every 100 ms of control time, also with no client. What it forbids answers `change` and `do` with Impossible and
    `text`. `check` does not ask whether it is tripped; it is Impossible where the condition holds by the target alone. A
    `latched` one stays until `clear_errors`, once its cause is gone; another one ends by itself. What was off stays off.

    At a start it waits up to 5 s for the first values: until then it forbids, and nothing is tripped.
    Raises ValueError for what is no condition, and a module that can't do what is asked of it.
    """

    value = Parameter(Enum({"clear": _CLEAR, "tripped": _TRIPPED}), default=_CLEAR, description="whether it forbids")
    clear_errors = Command(description="once its cause is gone: what it forbids may be had again, and stays as it is")

    def __init__(self, when, actions, text, latched=True, **kwds):
        super().__init__(**kwds)
        self.text = text
        self.latched = latched
        self.forbids = True  # until the first look
        self.tripped = False
        self.why = ""
        self._since = None  # ticks of the first look
        self._fresh = True  # until the condition could be told, or that took too long
        self._owed = ()  # actions that could not be done yet
        self._looked = pace.ticks_ms()
        self.condition = Condition(when)
        self.actions = actions
        for module, action in actions:
            self._take(module, action)

    # ---- what it does

    def _take(self, module, action):
        """Have a module ask first. Raises ValueError where it can't do that."""
        names = dir(module)
        does = "trip" if action == "off" else "do_stop" if action == "stop" else "write_target"
        if does not in names or "target" not in module.accessibles:
            kind = "no heater" if action == "off" else "nothing that can be stopped" if action == "stop" else "no output"
            raise ValueError("%s is %s: it can't be %r" % (module.name, kind, action))
        limit = action if isinstance(action, (int, float)) else None
        for name in names:
            if (
                name == "write_target"
                or limit is None
                and (name == "begin" and action == "off" or name[:3] == "do_" and name not in _STAYS)
            ):
                setattr(module, name, self._asking(module, name, limit))
        if mentions(self.condition.when, module):
            module.check_target = self._judging(module, getattr(module, "check_target", None))

    def _asking(self, module, name, limit):
        original = getattr(module, name)

        def asking(*args, **kwds):
            if self.forbids and (limit is None or args[0] > limit):
                raise errors.Impossible(self.words(), **({} if limit is None else {"closest_valid": limit}))
            return original(*args, **kwds)

        return asking

    def _judging(self, module, original):
        def judging(value):
            if original:
                original(value)
            if self.condition.holds(self.condition.when, module, value):
                raise errors.Impossible("%s: %s would trip" % (self.text, self.name))

        return judging

    def words(self):
        """Why it forbids."""
        return "%s: %s" % (self.name, self.text if self.why else "not known yet")

    async def run(self):
        while True:
            try:
                self.look()
            except MemoryError:
                self._cut()  # nobody can tell; the words come with the memory
            await pace.sleep_ms(_LOOK)

    def look(self):
        """Judge the condition, and act."""
        now = pace.ticks_ms()
        passed = max(pace.ticks_diff(now, pace.recent(self._looked, now)), 0)
        self._looked = now
        self.condition.later(passed, self.node.heard)
        if self._since is None:
            self._since = now
        why = ""
        try:
            if self.condition.holds(self.condition.when):
                why = self.condition.seen(self.condition.when)
        except errors.SECoPError as e:
            if self._fresh and 0 <= pace.ticks_diff(now, self._since) < _FIRST:  # a chip takes its time, too
                if self.status[0] != WARN:
                    self.status = WARN, "waits for the first values"
                return
            why = e.text
        except MemoryError:
            raise
        except Exception as e:
            log.traceback(self.name, e)
            why = "the condition failed: %s" % type(e).__name__
        self._fresh = False
        if self._owed:
            self._owed = self.act(self._owed)  # a bus may work again
        if why:
            self._trip(why)
        elif self.forbids and not (self.tripped and self.latched):
            self._release()

    def _cut(self):
        self.forbids = True
        for module, action in self.actions:
            if action == "off" or action == "safe":
                module.cut()

    def _trip(self, why):
        if not self.tripped:
            self._cut()  # first what needs no memory; where there is none for the rest, the next look goes on
            when = self.node.clock.time_of_day()
            self.why = "%s (%s%s)" % (self.text, why, ", " + when if when else "")
            self._owed = self.act(self.actions)
            self.value = _TRIPPED
            self.status = ERROR, self.why
            self.tripped = True
            log.error(self.name, self.why)

    def act(self, actions):
        """Do what was asked for, and give what could not be done: one that fails takes nothing from the others."""
        failed = []
        for module, action in actions:
            try:
                if action == "off":
                    module.trip(self.words())
                elif action == "safe":
                    _safe(module)
                else:
                    self._lead(module, action)
            except Exception as e:
                failed.append((module, action))
                if actions is self.actions:
                    log.traceback(self.name, e)
        return failed

    def _lead(self, module, action):
        import asyncio

        if action == "stop":
            found = module.do_stop()
            if hasattr(found, "send"):
                asyncio.create_task(self._await(module, found))
        elif module.target > action and getattr(module, "active", True):
            a = module.accessibles["target"]
            found = calls.act(a, a.definition.datainfo.export(action))
            if hasattr(found, "send"):
                asyncio.create_task(self._await(module, found))

    async def _await(self, module, found):
        try:
            await found
        except Exception as e:
            log.traceback(self.name, e)
            self.node._off(module)

    def do_clear_errors(self):
        if not self.tripped:
            return
        try:
            why = self.condition.seen(self.condition.when) if self.condition.holds(self.condition.when) else ""
        except errors.SECoPError as e:
            why = e.text
        if why:
            raise errors.HardwareError("the cause is still there: %s" % why)
        self._release()

    def _release(self):
        words = self.words()
        self.forbids = False
        try:
            for module, action in self.actions if self.why else ():
                # a heater that was cut for this alone is ready again, and off
                if action == "off" and module.tripped and module.tripped.startswith(words):
                    self._clear(module)
        except MemoryError:
            self.forbids = True  # nothing is over: whoever asked may ask again
            raise
        self._owed = ()
        self.why = ""
        self.tripped = False
        self.value = _CLEAR
        self.status = IDLE, ""

    def _clear(self, module):
        try:
            module.do_clear_errors()
        except errors.SECoPError as e:
            log.info(self.name, "%s: %s", module.name, e.text)
        except MemoryError:
            raise
        except Exception as e:
            log.traceback(self.name, e)


def _safe(module):
    # off() is for good: a PWM ends there. On a bus cut() does nothing, and off() may come again
    module.cut()
    for name in ("output", "dry", "wet"):
        output = getattr(module, name, None)
        if hasattr(output, "device"):
            output.off()
    if type(module).cut is Module.cut:
        module.off()
    safe = getattr(getattr(module, "output", None), "safe", None)
    if safe is not None:
        module.target = int(safe)  # a valve takes its time to get there
    elif hasattr(module, "read_value"):
        found = module.read_value()
        if not hasattr(found, "send"):
            module.value = module.target = found
