"""What a lab builds its modules from: Parameter, Command and the interface classes (specification: classes.rst).

A module is a class whose attributes are Parameters and Commands, by their SECoP names. Methods do the work, each one
`async def` or plain, each one optional:

    read_<parameter>(self)            the value, read from the hardware; polled every `pollinterval` seconds
    write_<parameter>(self, value)    sends it to the hardware; may return the value that is really used
    check_<parameter>(self, value)    plain, touches nothing; raises Impossible where the value can't be had just now
    do_<command>(self, ...)           a struct comes as keyword arguments, a tuple as positional ones
    check_<command>(self, ...)        as check_<parameter>, before do_<command>
    run(self)                         a task of the module's own, e.g. a control loop

`self.status = BUSY, "ramping"`, for any parameter, stores a value and tells all active clients; `self.status` is the
last one. A method that fails raises one of the classes in `errors`; an OSError counts as CommunicationFailed.
"""

from micropython import const
from secnode import describing, errors, log
from secnode.datainfo import Enum, String, Tuple, is_within

DISABLED = const(0)
IDLE = const(100)
PREPARED = const(150)  # IDLE, and what comes next begins at once
WARN = const(200)
BUSY = const(300)
RAMPING = const(370)  # BUSY, on the way at a rate
STABILIZING = const(380)  # BUSY, nearly there
ERROR = const(400)

_TEXT = String(isUTF8=True)  # one for all who have it


# In a module's methods `self.target` is the value, in its class the Parameter. Editors see the class alone: a base that
# they can't look up keeps them from complaining of `self.target + 1`.
class _Definition(describing.__dict__["Any"]):
    # what most of them have is here, and takes no room in theirs: 8 bytes each
    count = 0
    datainfo = None
    checkable = False

    def __init__(self, description, checkable, properties):
        # MicroPython's classes forget the order of their attributes
        _Definition.count += 1
        self.order = _Definition.count
        if checkable:
            self.checkable = True
        properties["description"] = description
        describing.note(self, properties)


class Parameter(_Definition):
    """A parameter: its data type and what the description says of it.

    `default` is its value until it is read or set. Without one that is 0, "", false or the like, within the data type's range;
    for `value` and what is readonly it is an error then (ReadFailed: never set), but for `status`.
    `constant` makes it one that is neither read nor changed. `poll=False` reads it only when a client asks.
    `keep=True` keeps what a client or the driver sets over a restart; write_<parameter> gets it again at start.
    Further properties (group, visibility, meaning, `_custom` ones) go into the description as they are.
    """

    readonly = poll = True
    default = constant = None
    keep = False

    def __init__(
        self, datainfo, description="", readonly=True, default=None, constant=None, checkable=False, poll=True, keep=False,
        **properties
    ):  # fmt: skip
        _Definition.__init__(self, description, checkable, properties)  # super() would take 32 bytes more
        self.datainfo = datainfo
        if not readonly and constant is None:
            self.readonly = False
        if default is not None:
            self.default = default
        if constant is not None:
            self.constant = constant
        if not poll:
            self.poll = False
        if keep:
            self.keep = True

    def first_value(self):
        """What the parameter holds before it was read or set."""
        value = self.default if self.constant is None else self.constant
        if self.datainfo is None:
            return None  # a mistake that `secnode describe` reports
        return self.datainfo.default if value is None else self.datainfo.convert(value)


class Command(_Definition):
    """A command: the data types of its argument and its result, None where there is none."""

    argument = result = None

    def __init__(self, argument=None, result=None, description="", checkable=False, **properties):
        _Definition.__init__(self, description, checkable, properties)  # super() would take 32 bytes more
        if argument:
            self.argument = argument
        if result:
            self.result = result


class Accessible:
    """A parameter or command of one module of a running node, with what is known of its value."""

    t_hi = t_lo = 0  # when the value was obtained, see clock.py
    error = False  # why there is no value, a SECoPError; None once it was set
    read = check = act = None  # the module's methods read_, check_, write_ or do_
    limits = None  # see limits.py
    outside = False  # whether the last value was, of its data type's limits
    slow = 0  # how often a method of it held up the board, see slow.py

    def __init__(self, module, name, definition, specifier):
        self.module = module
        self.name = name
        self.definition = definition
        self.specifier = specifier  # bytes, "module:name"
        # `index`, which bit stands for it in a session, is what the node sets: neither commands nor constants have one

    def convert(self, value):
        """A driver's value in the form for inside. Raises HardwareError; what is out of range is taken, and logged once."""
        datainfo = self.definition.datainfo
        try:
            value = datainfo.convert(value)
        except errors.HardwareError as e:
            raise errors.HardwareError("%s: %s" % (self.name, e.text))
        if is_within(datainfo, value):
            if self.outside:
                self.outside = False
        elif not self.outside:
            self.outside = True
            log.error(self.module.name, "%s is outside the limits of its data type: %s", self.name, value)
        return value


def status_type(*names):
    """The data type of a status that knows the given codes, by their names: status_type("IDLE", "BUSY")."""
    # the names that SECoP has (accessibles.rst, "Status codes")
    codes = {
        "DISABLED": DISABLED, "IDLE": IDLE, "STANDBY": 130, "PREPARED": PREPARED, "WARN": WARN, "WARN_STANDBY": 230,
        "WARN_PREPARED": 250, "BUSY": BUSY, "DISABLING": 310, "INITIALIZING": 320, "PREPARING": 340, "STARTING": 360,
        "RAMPING": RAMPING, "STABILIZING": STABILIZING, "FINALIZING": 390, "ERROR": ERROR, "ERROR_STANDBY": 430,
        "ERROR_PREPARED": 450,
    }  # fmt: skip
    members = {}
    for name in names:
        members[name] = codes[name]
    return Tuple(Enum(members), _TEXT)


class Module:
    """Base of all modules. `name` and `description` are what clients see; a description is a must.

    Further keyword arguments are module properties (group, visibility, implementation, ...), or Parameters and
    Commands that replace or add to the class's own in this one module.
    """

    name = ""
    accessibles = {}
    node = describing.__dict__.get("node")  # None, until it belongs to one; editors take it for anything
    index = 0
    timeout = 5  # s that reading a parameter may take
    action_timeout = 10  # s that setting one, or a command, may take; frappy's client gives up after 10 s
    in_use = False  # one driver method of a module runs at a time
    at_work = None  # the task that awaits it
    time_left = 0  # s that it has; see calls.py
    wanted = 0  # requests that wait for that
    acting = None  # the accessible that a client sets, until it is announced
    follows = False  # whether `value` is what `target` was set to
    ended = None  # the error that ended run(): nothing is read or set without it
    healthy = None  # the status to go back to when the value can be read again
    ailment = None  # why it can't, in the status

    def __init__(self, name, description="", **kwds):
        keep = super().__setattr__
        keep("name", name)
        found = []
        for key in dir(self):
            # private helpers and methods are no accessibles; custom accessibles begin with one underscore
            if not key.startswith("__"):
                definition = kwds.pop(key) if key in kwds and isinstance(kwds[key], _Definition) else getattr(self, key)
                if isinstance(definition, _Definition):
                    found.append((definition.order, key, definition))
        for key in [k for k in kwds if isinstance(kwds[k], _Definition)]:
            definition = kwds.pop(key)
            found.append((definition.order, key, definition))
        found.sort(key=lambda f: f[0])
        accessibles = {}
        definitions = {key: definition for _, key, definition in found}
        for _, key, definition in found:
            parent = definitions.get(key.rsplit("_", 1)[0])
            if parent and hasattr(definition, "belong"):
                definition = definition.belong(key, parent)
            accessibles[key] = Accessible(self, key, definition, (name + ":" + key).encode())
            if isinstance(definition, Parameter):
                keep(key, definition.first_value())
        for key in ("pollinterval", "timeout", "action_timeout"):
            if isinstance(kwds.get(key), (int, float)):
                keep(key, kwds.pop(key))
        keep("accessibles", accessibles)
        kwds["description"] = description
        describing.note(self, kwds)

    def __setattr__(self, name, value):
        accessible = self.accessibles.get(name)
        if accessible is None:
            super().__setattr__(name, value)
        else:
            definition = accessible.definition
            if isinstance(definition, Command) or definition.constant is not None:
                kind = "a command" if isinstance(definition, Command) else "a constant"
                raise errors.InternalError("%s can't be set: it is %s" % (name, kind))
            value = accessible.convert(value)
            changed = accessible.error or value != getattr(self, name)
            if name == "value" and self.follows:
                self.follows = False  # the driver knows better
            self.keep(accessible, value)
            if changed and self.node:
                if accessible.definition.keep:
                    self.node.remember(accessible)
                self.node.announce(accessible)

    def keep(self, accessible, value):
        """Store a converted value of now, and tell nobody."""
        super().__setattr__(accessible.name, value)
        accessible.error = None
        if self.node:
            self.node.clock.stamp(accessible)

    def off(self):
        """Put the outputs into the safe state; called on every way out, also when something is broken."""

    def cut(self):
        """Take what power there is off the outputs, without waiting: at the end, of all modules before the first off()."""


class Readable(Module):
    """A module with a value, e.g. a sensor. `pollinterval` in seconds; give it as a Parameter to let clients set it."""

    pollinterval = 1  # no float: every product of it would be an object

    value = Parameter(None, description="current value of the module")
    status = Parameter(status_type("IDLE", "WARN", "ERROR"), description="current status of the module", default=(IDLE, ""))


class Writable(Readable):
    """A module whose value can be set, and is at once what was set, e.g. a switch.

    Where there is no read_value, and the driver never sets `value`, it follows the target.
    """

    follows = True

    target = Parameter(None, description="target value of the module", readonly=False)


class Drivable(Writable):
    """A module that takes its time to get to its target. It must have `do_stop`."""

    follows = False

    status = Parameter(
        status_type("IDLE", "WARN", "BUSY", "ERROR"), description="current status of the module", default=(IDLE, "")
    )
    stop = Command(description="stay at the present value")


class Communicator(Module):
    """A module that passes strings on to a device, mainly for debugging. It must have `do_communicate`."""

    communicate = Command(_TEXT, _TEXT, description="send the argument to the device; the result is its answer")
