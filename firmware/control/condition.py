"""A condition on modules' parameters, as a tuple: what an interlock is about. Nothing of it is text that is evaluated."""

from micropython import const
from secnode.errors import HardwareError
from secnode.module import Command

_OLDEST = const(100000000)  # ms; ticks come round
_COMPARE = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


class Condition:
    """`when` is what modules.interlock.Interlock says. Raises ValueError for what is no condition."""

    def __init__(self, when):
        self._ages = []  # [module, parameter, ms since it was had last]
        self._heard = None
        self._silence = 0  # ms
        self.when = self._judged(when)

    def later(self, ms, heard):
        """So much time has passed; `heard` is another one when a client has said something."""
        if self._heard != heard:
            self._heard = heard
            self._silence = 0
        self._silence = min(self._silence + ms, _OLDEST)
        for entry in self._ages:
            entry[2] = min(entry[2] + ms, _OLDEST)

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
            self._ages.append([operand[1], operand[2], 0])
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
                entry[2] = 0

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
            return entry[2] / 1000
        a = operand[0].accessibles[operand[1]]
        if a.error:
            # one of its own: what is raised again and again grows by its traceback
            raise HardwareError("%s:%s can't be had: %s" % (operand[0].name, operand[1], a.error.text))
        value = getattr(operand[0], operand[1])
        return value[0] if a.name == "status" else value

    def seen(self, when):
        """What made it trip, in words: the first comparison with a parameter that holds."""
        if when[0] in ("and", "or", "not"):
            for part in when[1:]:
                if when[0] == "not" or self.holds(part):
                    text = self.seen(part)
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


def mentions(when, module):
    """Whether a condition is about the target of a module."""
    for part in when[1:]:
        if isinstance(part, tuple):
            if part[0] is module and part[1] == "target":
                return True
            if isinstance(part[0], str) and part[0] not in ("age", "silence") and mentions(part, module):
                return True
    return False
