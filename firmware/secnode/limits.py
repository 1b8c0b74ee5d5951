"""Dynamic limits of a parameter, by SECoP's postfixes (accessibles.rst, "Parameter postfixes"), as one word in a class:

    target = Parameter(Double(0, 300, unit="K"), readonly=False, description="...")
    target_limits = Limit()                             or target_min = Limit(), target_max = Limit()

They have the data type of the parameter they belong to, can be changed, and are enforced wherever a value is checked.
"""

from secnode import errors
from secnode.datainfo import Bool, Tuple, is_near, limits_text
from secnode.module import Parameter

_BEYOND = 3.4e38  # where the data type has no limit of its own


class Limit(Parameter):
    """`<parameter>_min`, `<parameter>_max` or `<parameter>_limits`; the name it is given in the class says which."""

    def __init__(self, description="", readonly=False, **kwds):
        super().__init__(None, description or "limits what the parameter can be set to", readonly=readonly, **kwds)

    def belong(self, name, parent):
        """The Limit `name` of the parameter `parent`, with its data type.

        That is this one; or one like it, where modules of a class have this one in common, and data types of their own.
        """
        datainfo = parent.datainfo
        limit = self
        if self.datainfo:
            own = self.datainfo.members[0] if name.endswith("_limits") else self.datainfo
            if own is datainfo:
                return self
            default = None if self.default == _widest(name, own) else self.default
            limit = Limit("", self.readonly, default=default, checkable=self.checkable, poll=self.poll, keep=self.keep)
            limit.order = self.order
            limit.like = self  # for the description
        if hasattr(datainfo, "min"):  # else it is a mistake that `secnode describe` reports
            limit.datainfo = Tuple(datainfo, datainfo) if name.endswith("_limits") else datainfo
            if limit.default is None:
                limit.default = _widest(name, datainfo)
        return limit


def _widest(name, datainfo):
    # what the limit is as long as nobody has set it
    low = -_BEYOND if datainfo.min is None else datainfo.min
    high = _BEYOND if datainfo.max is None else datainfo.max
    if hasattr(datainfo, "scale"):
        low, high = low * datainfo.scale, high * datainfo.scale
    if name.endswith("_limits"):
        return low, high
    return low if name.endswith("_min") else high


class Enable(Parameter):
    """`<parameter>_enable`: whether the parameter has any effect; what that means is the module's own business."""

    def __init__(self, description="", readonly=False, **kwds):
        super().__init__(Bool(), description or "whether the parameter has an effect", readonly=readonly, **kwds)


def find(accessibles, name):
    """The limits of the parameter `name` among a module's accessibles, as (min, max, limits), each None where absent."""
    found = tuple([accessibles.get(name + postfix) for postfix in ("_min", "_max", "_limits")])
    for a in found:
        if a and not isinstance(a.definition, Limit):
            a.limits = ()  # one that was written as a Parameter limits just so
    return found if any(found) else None


def is_limit(a):
    """Whether an Accessible limits another one."""
    return isinstance(a.definition, Limit) or a.limits == ()


def check(a, value):
    """Raise Impossible where the dynamic limits of the parameter `a` (an Accessible) don't allow a value just now."""
    at_min, at_max, both = a.limits
    low, high = getattr(a.module, both.name) if both else (None, None)
    low = getattr(a.module, at_min.name) if at_min else low
    high = getattr(a.module, at_max.name) if at_max else high
    if low is not None and value < low:
        limit, by = low, at_min or both
    elif high is not None and value > high:
        limit, by = high, at_max or both
    else:
        return
    if a.definition.datainfo.type == "double" and is_near(value, limit):
        return  # what a client has calculated: it is the limit
    words = limits_text(low, high, a.definition.datainfo.unit)
    raise errors.Impossible("%g must be %s by %s" % (value, words, by.name), closest_valid=limit)


def check_order(a, value):
    """Raise Impossible where the value for a limit would put the lower one above the upper one."""
    if a.name.endswith("_limits"):
        if value[0] > value[1]:
            raise errors.Impossible("the lower limit, %g, would be above the upper one, %g" % value)
        return
    name, is_min = a.name[:-4], a.name.endswith("_min")
    other = a.module.accessibles.get(name + ("_max" if is_min else "_min"))
    if other:
        limit = getattr(a.module, other.name)
        if value > limit if is_min else value < limit:
            words = "above" if is_min else "below"
            raise errors.Impossible("%g would be %s %s, now %g" % (value, words, other.name, limit), closest_valid=limit)
