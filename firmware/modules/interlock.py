"""What must not be while something else is: a condition on other modules, and what it takes from them while it holds."""

from micropython import const
from secnode import calls, errors, log, pace
from secnode.datainfo import Enum
from secnode.module import ERROR, IDLE, WARN, Command, Module, Parameter, Readable

_LOOK = const(100)  # ms between two looks
_FIRST = const(5000)  # ms for the first values after a start
_OLDEST = const(100000000)  # ms; ticks come round
_CLEAR = const(0)
_TRIPPED = const(1)
_STAYS = ("do_stop", "do_control_off", "do_hold")  # what is done while it forbids: nothing of it begins anything
_COMPARE = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


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
        self._ages = []  # [module, parameter, ticks when it was had last, ms until then]
        self._heard = None
        self._silence = 0  # ms
        self._looked = pace.ticks_ms()
        self.when = self._judged(when)
        self.actions = actions
        for module, action in actions:
            self._take(module, action)

    # ---- the condition

    def _judged(self, when):
        """The condition with constants as the parameters have them. Raises ValueError."""
        if not isinstance(when, tuple) or not when:
            raise ValueError('a condition is a tuple as (">", (module, "value"), 5), not %r' % (when,))
        op = when[0]
        if op in ("and", "or", "not"):
            return (op,) + tuple([self._judged(part) for part in when[1:]])
        if op not in _COMPARE or len(when) != 3:
            raise ValueError("%r is no comparison" % (op,))
        return op, self._operand(when[1], when[2]), self._operand(when[2], when[1])

    def _operand(self, operand, other):
        if isinstance(operand, (int, float)):
            return operand
        if isinstance(operand, str):
            if not isinstance(other, tuple) or isinstance(other[0], str):
                raise ValueError("%r is compared with nothing that has names" % operand)
            datainfo = _datainfo(*other)
            names = getattr(datainfo, "members", None)
            if not isinstance(names, dict) or operand not in names:
                has = ", ".join(names) if isinstance(names, dict) else "no names"
                raise ValueError("%s:%s has no %r: it has %s" % (other[0].name, other[1], operand, has))
            return names[operand]
        if operand[0] == "silence":
            return operand
        if operand[0] == "age":
            _datainfo(operand[1], operand[2])
            for i in range(len(self._ages)):
                if self._ages[i][0] is operand[1] and self._ages[i][1] == operand[2]:
                    return "age", i
            self._ages.append([operand[1], operand[2], pace.ticks_ms(), 0])
            self._follow(operand[1], self._ages[-1])
            return "age", len(self._ages) - 1
        datainfo = _datainfo(operand[0], operand[1])
        if datainfo.type not in ("double", "scaled", "int", "bool", "enum"):
            raise ValueError("%s:%s is no number" % (operand[0].name, operand[1]))
        return operand

    def _follow(self, module, entry):
        keep = module.keep

        def noting(a, value):
            keep(a, value)
            if a.name == entry[1]:
                entry[2] = pace.ticks_ms()
                entry[3] = 0

        module.keep = noting

    def holds(self, when, module=None, target=None):
        """Whether a condition holds. Raises what a parameter can't be had for.

        With a `target` of a `module` that alone is known, and the answer is None where more is needed.
        """
        op = when[0]
        if op == "not":
            inner = self.holds(when[1], module, target)
            return None if inner is None else not inner
        if op in ("and", "or"):
            decides = op == "or"
            found = not decides
            for part in when[1:]:
                inner = self.holds(part, module, target)
                if inner is decides:
                    return decides
                if inner is None:
                    found = None
            return found
        a = self._have(when[1], module, target)
        b = self._have(when[2], module, target)
        if a is None or b is None:
            return None
        return _COMPARE[op](a, b)

    def _have(self, operand, module, target):
        if not isinstance(operand, tuple):
            return operand
        if module:
            return target if operand[0] is module and operand[1] == "target" else None
        if operand[0] == "silence":
            return self._silence / 1000
        if operand[0] == "age":
            entry = self._ages[operand[1]]
            return entry[3] / 1000
        a = operand[0].accessibles[operand[1]]
        if a.error:
            raise a.error
        value = getattr(operand[0], operand[1])
        return value[0] if a.name == "status" else value

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
        if _mentions(self.when, module):
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
            if self.holds(self.when, module, value):
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
        if self._heard != self.node.heard:
            self._heard = self.node.heard
            self._silence = 0
        self._silence = min(self._silence + passed, _OLDEST)
        for entry in self._ages:
            entry[3] = min(entry[3] + passed, _OLDEST)
        if self._since is None:
            self._since = now
        why = ""
        try:
            if self.holds(self.when):
                why = self._seen(self.when)
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
            self.act()
            self.value = _TRIPPED
            self.status = ERROR, self.why
            self.tripped = True
            log.error(self.name, self.why)

    def act(self):
        """Do what was asked for, once it has tripped; one that fails takes nothing from the others."""
        for module, action in self.actions:
            try:
                if action == "off":
                    module.trip(self.words())
                elif action == "safe":
                    _safe(module)
                else:
                    self._lead(module, action)
            except Exception as e:
                log.traceback(self.name, e)
                module.off()

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
            module.off()

    def do_clear_errors(self):
        if not self.tripped:
            return
        try:
            why = self._seen(self.when) if self.holds(self.when) else ""
        except errors.SECoPError as e:
            why = e.text
        if why:
            raise errors.HardwareError("the cause is still there: %s" % why)
        self._release()

    def _release(self):
        words = self.words()
        self.forbids = False
        if self.why:
            self.why = ""
            self.tripped = False
            for module, action in self.actions:
                # a heater that was cut for this alone is ready again, and off
                if action == "off" and module.tripped and module.tripped.startswith(words):
                    try:
                        module.do_clear_errors()
                    except errors.SECoPError as e:
                        log.info(self.name, "%s: %s", module.name, e.text)
        self.value = _CLEAR
        self.status = IDLE, ""

    def _seen(self, when):
        """What made it trip, in words: the first comparison with a parameter that holds."""
        if when[0] in ("and", "or", "not"):
            for part in when[1:]:
                if when[0] == "not" or self.holds(part):
                    text = self._seen(part)
                    if text:
                        return text
            return "its condition holds"
        for operand in when[1:]:
            if isinstance(operand, tuple):
                value = self._have(operand, None, None)
                if operand[0] == "silence":
                    return "silence for %.1f s" % value
                if operand[0] == "age":
                    entry = self._ages[operand[1]]
                    return "%s:%s is %.1f s old" % (entry[0].name, entry[1], value)
                return "%s:%s is %g" % (operand[0].name, operand[1], value)
        return ""


def _datainfo(module, name):
    a = module.accessibles.get(name)
    if a is None or isinstance(a.definition, Command):
        has = [n for n in sorted(module.accessibles) if not isinstance(module.accessibles[n].definition, Command)]
        raise ValueError("%s has no parameter %s: it has %s" % (module.name, name, ", ".join(has)))
    datainfo = a.definition.datainfo
    return datainfo.members[0] if name == "status" else datainfo


def _safe(module):
    # off() is for good: PWM ends there. Who has no cut() has the base's, which does nothing
    module.cut()
    if type(module).cut is Module.cut:
        module.off()
    safe = getattr(getattr(module, "output", None), "safe", None)
    if safe is not None:
        module.target = int(safe)  # a valve takes its time to get there
    elif hasattr(module, "read_value"):
        found = module.read_value()
        if not hasattr(found, "send"):
            module.value = module.target = found


def _mentions(when, module):
    for part in when[1:]:
        if isinstance(part, tuple):
            if part[0] is module and part[1] == "target":
                return True
            if isinstance(part[0], str) and part[0] not in ("age", "silence") and _mentions(part, module):
                return True
    return False
