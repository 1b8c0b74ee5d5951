"""Values of an instrument, by the command table of its manual: most instruments need no class of their own.

Requests and forms of answers stand as the manual has them (forms.py). A command has Python's % in the place of the value, e.g.
"SETP 1,%.3f". All of it is looked at when the node is made: a mistake raises ValueError.

What all of them take, as keywords:

`form` of the answer (%f); a value that is %f is a Double in `unit`, %d and %x are an Int, %s a String; else give `value=`.
`scale`: the value is this many times what the instrument says: 100 for mbar in Pa.
`errors`: what codes, numbers or answers mean that are no value: {5: "no sensor", "OVER": ("OutOfRange", "above the range")}.
    A number is that of %c in the form, where there is one; without %c, the value itself. A text is the whole answer. A text
    alone stands for a HardwareError; a pair names a class of errors.py, or "WARN": the value is good, and the status says so.
    None is no error. A code that is not 0 and not in the table is a HardwareError.
`state`: a request for the reading's state, `state_form` (%d) the answer's form, `bits` what its bits mean: {16: "too cold"}.
`agree`: two readings have to be within that much of each other: for what has no checksum. 0 means the same.
"""

from instruments import forms
from secnode import errors as kinds
from secnode.datainfo import Double, Int, String
from secnode.module import ERROR, IDLE, WARN, Parameter, Readable, Writable

_WHOLE = 16777216


def datainfo(form, unit="", low=None, high=None):
    """The data type of what a form reads."""
    kind = _kind(form)
    if kind == "s":
        return String()
    if kind == "f":
        return Double(low, high, unit=unit)
    return Int(-_WHOLE if low is None else low, _WHOLE if high is None else high, unit=unit)


def _kind(form):
    # of a form's one value, beside a code
    found = forms.fields(form)
    values = found.replace("c", "")
    if len(values) > 1 or len(found) - len(values) > 1 or not found:
        raise ValueError("form %r: one value is wanted, e.g. %%f, and at most one code, %%c; %%*f skips a field" % form)
    return values or "c"


def _table(table):
    # checks an error table
    for key in table:
        entry = table[key]
        if isinstance(entry, tuple) and entry[0] != "WARN":
            if len(entry) != 2 or not (entry[0] in kinds.__dict__ or entry[0] in kinds._ON_DEMAND):
                raise ValueError("errors, %r: %r is no class of SECoP's errors with a text" % (key, entry))
    return table


def complain(entry):
    """Raise what an entry of an error table says; gives the text of one that is a warning, None for none."""
    if entry is None:
        return None
    if isinstance(entry, str):
        raise kinds.HardwareError(entry)
    if entry[0] == "WARN":
        return entry[1]
    raise getattr(kinds, entry[0])(entry[1])


class Query:
    """How a value is asked for; a base of the modules. `device` has ask() and tell(), as a LineDevice."""

    _warning = None

    def table(self, device, query, form, unit, kwds):
        """Take what is said above out of the keywords of a module; gives the rest, with `value`."""
        self.device = device
        self.query = query
        self.form = form
        kind = _kind(form)
        self.code_first = forms.fields(form)[0] == "c"
        self.coded = "c" in forms.fields(form) and kind != "c"
        self.errors = _table(kwds.pop("errors", None) or {})
        self.bits = _table(kwds.pop("bits", None) or {})
        self.known = [key for key in self.errors if isinstance(key, str)]
        self.scale = kwds.pop("scale", None)
        self.agree = kwds.pop("agree", None)
        self.state = kwds.pop("state", None)
        self.state_form = kwds.pop("state_form", "%d")
        if (self.state is None) != (not self.bits):
            raise ValueError("state is a request, and bits say what its answer means: both or none")
        if _kind(self.state_form) not in "dxc":
            raise ValueError("state_form %r: a whole number is wanted, %%d or %%x" % self.state_form)
        if self.agree is not None and kind == "s":
            raise ValueError("agree is for numbers")
        if "value" not in kwds:
            kwds["value"] = Parameter(self.datainfo(form, unit), description="what %s is answered with" % query)
        return kwds

    def datainfo(self, form, unit, low=None, high=None):
        """The data type of a value: what is scaled is no whole number any more."""
        return Double(low, high, unit=unit) if self.scale else datainfo(form, unit, low, high)

    def read_value(self):
        if self.errors or self.coded or self.scale or self.state or self.agree is not None:
            return self._read()
        return self.device.ask(self.query, self.form)

    async def _read(self):
        value = await self._ask()
        if self.agree is not None:
            last = value
            for _ in range(self.device.retries + 1):
                value = await self._ask()
                if abs(value - last) <= self.agree:  # type: ignore - numbers
                    break
                last = value
            else:
                raise kinds.CommunicationFailed("no two answers to %s agree: %s and then %s" % (self.query, last, value))
        warning = self._warning
        if self.state:
            state = await self.device.ask(self.state, self.state_form)
            for bit in self.bits:
                if state & bit:
                    warning = complain(self.bits[bit]) or warning
                    state &= ~bit
            if state:
                raise kinds.HardwareError("%s is answered with %d, which the table does not have" % (self.state, state))
        self._warn(warning)
        return value * self.scale if self.scale else value

    async def _ask(self):
        found = await self.device.ask(self.query, self.form, known=self.known)
        table = self.errors
        self._warning = None
        if self.known and found in table and isinstance(found, str):
            complain(table[found])
        code, value = (found if self.code_first else (found[1], found[0])) if self.coded else (None, found)
        if table or self.coded:
            key = code if self.coded else value
            if key in table:
                self._warning = complain(table[key])
            elif code:
                raise kinds.HardwareError("%s is answered with code %d, which the table does not have" % (self.query, code))
        return value

    def _warn(self, text):
        # the status of a reading that is good, but
        code, shown = self.status
        if text and code in (IDLE, WARN):
            if shown != text:
                self.status = WARN, text
        elif not text and code == WARN:
            self.status = IDLE, ""
        elif code == ERROR and self.healthy is not None:
            self.healthy = (WARN, text) if text else (IDLE, "") if self.healthy[0] == WARN else self.healthy


class Setting(Query):
    """How a target is set, and read back; a base of the modules."""

    def setting(self, command, readback, answer, accuracy, low, high, unit, kwds):
        self.command = command
        self.device.sets = True
        self.readback = readback
        self.readback_form = kwds.pop("readback_form", "%s" if _kind(self.form) == "s" else "%f")
        self.answer = answer
        if not readback:
            raise ValueError("readback is the request for what is set: nobody knows otherwise whether a command has arrived")
        step = self.step(command, _kind(self.readback_form))
        if answer is not None:
            forms.fields(answer)
        self.accuracy = step if accuracy is None else accuracy
        if "target" not in kwds:
            form = self.form if self.form == self.readback_form else self.readback_form
            kwds["target"] = Parameter(
                self.datainfo(form, unit, low, high), readonly=False, description="what %s says is set" % readback
            )
        return kwds

    def step(self, command, kind):
        """By how much a value may differ after its way through a command. Raises ValueError for one that is none."""
        try:
            assert command % ("" if kind == "s" else 1)
        except (TypeError, ValueError) as e:
            raise ValueError("command %r: %s; it has one place for the value, e.g. %%.3f" % (command, e))
        at = command.find("%.")
        if at >= 0 and command[at + 2].isdigit() and command[at + 3] == "f":
            return 0.6 / 10 ** int(command[at + 2])
        return 0.6 if "%d" in command else 0.0

    def request(self, number):
        """What sets a number."""
        return self.command % number

    async def read_target(self):
        value = await self.device.ask(self.readback, self.readback_form)
        return value * self.scale if self.scale else value

    async def write_target(self, value):
        return await self.set_target(value)

    async def set_target(self, value):
        """Send a target until the instrument says it has it; gives what it says. Raises HardwareError where it does not."""
        device = self.device
        number = value / self.scale if self.scale else value
        request = self.request(number)
        found = number
        for left in range(device.retries, -1, -1):
            if self.answer is None:
                await device.tell(request)
            else:
                await device.ask(request, self.answer, True)
            found = await device.ask(self.readback, self.readback_form, True)
            if found == number:
                break
            if not isinstance(found, str) and abs(found - number) <= self.accuracy + 0.001 * abs(number):
                break
            if not left:
                raise kinds.HardwareError("after %s it says %s to %s" % (request, found, self.readback))
        return found * self.scale if self.scale else found


class LineReadable(Query, Readable):
    """A value that `query` asks `device` for."""

    def __init__(self, device, query, form="%f", unit="", **kwds):
        Readable.__init__(self, **self.table(device, query, form, unit, kwds))


class LineWritable(Setting, Writable):
    """A value that `command` sets and `query` asks for; `readback` asks for what is set, where that is another request.

    It counts as set when `readback` is answered with it, within `accuracy` (what the command's digits hold, and a thousandth);
    sent again where not, as often as the device has retries. `low` and `high` are the limits of the target. `answer` is the
    form of the command's own answer, where it has one.
    """

    def __init__(
        self, device, query, command, readback=None, form="%f", unit="", low=None, high=None, answer=None, accuracy=None, **kwds
    ):
        kwds = self.table(device, query, form, unit, kwds)
        if readback is None:
            readback = query
            kwds.setdefault("readback_form", form)
        Writable.__init__(self, **self.setting(command, readback, answer, accuracy, low, high, unit, kwds))
