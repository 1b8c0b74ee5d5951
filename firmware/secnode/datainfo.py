"""SECoP's data types (specification: datainfo.rst), one class each.

A value has two forms. On the wire it is JSON; inside it is what a driver works with. Three ways between them:

- `check(value, current)`: from a client, already parsed from JSON. Raises WrongType or RangeError. `current` is the
  parameter's present value, from which a struct takes the optional members that were left out.
- `convert(value)`: from a driver. Raises HardwareError for another kind of value, which would be a plausible reading that
  nobody measured, and for numbers that are not finite. Ranges are not looked at (datainfo.rst: a value outside goes out as
  it is): `is_within` tells.
- `export(value)`: from inside to what `json` writes.

`default` is what a parameter holds before anybody has set it. Those that few nodes have are in datainfo_more.py.
"""

from secnode import describing
from secnode.errors import HardwareError, RangeError, WrongType
from secnode.number import dumps

# a board has single precision: what it can't hold is refused everywhere alike
_MAX = 3.4e38
_MIN = -3.4e38


def show(value):
    """A client's value as short text."""
    try:
        text = dumps(value)
    except ValueError:  # a number that is too large, here or within
        return "an array" if isinstance(value, list) else "an object" if isinstance(value, dict) else "a number beyond 3.4e38"
    return text if len(text) <= 40 else text[:37] + "..."


def is_near(a, b):
    """Whether two numbers are the same as far as calculations in single precision can tell."""
    return abs(a - b) <= 5e-7 * abs(b)


_NUMBER = (int, float)  # made once: on the spot it would take 32 bytes each time


def is_number(value):
    return value is not True and value is not False and isinstance(value, _NUMBER)


def number(value):
    if not is_number(value):
        raise WrongType("%s is no number" % show(value))
    if not abs(value) <= _MAX:
        raise RangeError("the number is beyond 3.4e38, what a single-precision float can hold")
    return value


def whole_number(value):
    number(value)
    whole = int(value)
    if whole != value:
        raise WrongType("%s is no whole number" % show(value))
    return whole


def wrong(value, what):
    text = repr(value)
    raise HardwareError("%s is no %s" % (text if len(text) <= 40 else text[:37] + "...", what))


def finite(value):
    """A driver's number. Plain comparisons: they are made for every reading, and take no memory."""
    if not is_number(value):
        wrong(value, "number")
    if not (_MIN <= value and value <= _MAX):
        wrong(value, "finite number")
    return value


def elements(value):
    """A driver's list, tuple or array; letters, keys and bits of a file would be plausible elements."""
    if isinstance(value, list) or isinstance(value, tuple):
        return value
    if isinstance(value, str) or isinstance(value, dict) or not hasattr(value, "__len__"):
        wrong(value, "array")
    return value


def limits_text(low, high, unit=""):
    """The words for an allowed range, e.g. "between 0 and 100 W"; either end may be None."""
    unit = " " + unit if unit else ""
    if low is None:
        return "at most %g%s" % (high, unit)
    if high is None:
        return "at least %g%s" % (low, unit)
    if isinstance(low, int) and isinstance(high, int):
        return "between %d and %d%s" % (low, high, unit)
    return "between %g and %g%s" % (low, high, unit)


def in_range(value, low, high, unit="", what=None):
    if (low is not None and value < low) or (high is not None and value > high):
        # put together only here: it takes memory
        raise RangeError("%s must be %s" % (what % value if what else show(value), limits_text(low, high, unit)))
    return value


class DataType:
    """Base of the data types. Their further properties (fmtstr, absolute_resolution, ...) only the description needs.

    They note them by themselves: each super() would take 32 bytes of a board's heap.
    """

    type = ""
    default = None
    plain = True  # whether export() gives what it gets: a list less for each update of a status

    def check(self, value, current=None):
        return value

    def convert(self, value):
        return value

    def export(self, value):
        return value


class Double(DataType):
    """A floating-point number from `min` to `max` in `unit`. Inside: float, single precision on a board."""

    type = "double"

    def __init__(self, min=None, max=None, unit="", **properties):
        describing.note(self, properties)
        self.min = min
        self.max = max
        self.unit = unit

    @property
    def default(self):
        value = 0.0
        if self.min is not None and value < self.min:
            value = float(self.min)
        if self.max is not None and value > self.max:
            value = float(self.max)
        return value

    def check(self, value, current=None):
        number(value)
        # what a client has calculated: a few digits beyond a limit is the limit
        if self.min is not None and value < self.min and is_near(value, self.min):
            return float(self.min)
        if self.max is not None and value > self.max and is_near(value, self.max):
            return float(self.max)
        # compared before it is narrowed: single precision must not carry a value over a limit
        in_range(value, self.min, self.max, self.unit)
        return float(value)

    def convert(self, value):
        return float(finite(value))


class Bool(DataType):
    """true or false."""

    type = "bool"
    default = False

    def __init__(self, **properties):
        describing.note(self, properties)

    def check(self, value, current=None):
        if value is not True and value is not False:
            raise WrongType("%s is neither true nor false" % show(value))
        return value

    def convert(self, value):
        if value is True or value is False:
            return value
        if not isinstance(value, int) or not 0 <= value <= 1:
            wrong(value, "bool")
        return value == 1


class Enum(DataType):
    """One of some named integers: Enum(OFF=0, ON=1), or a dict. Inside: the integer. Names are taken as well."""

    type = "enum"

    def __init__(self, members=None, **names):
        describing.note(self, {})
        self.members = members or names

    @property
    def default(self):
        return min(self.members.values())

    def name(self, code):
        """The name that belongs to an integer of the enum."""
        for name, value in self.members.items():
            if value == code:
                return name

    def check(self, value, current=None):
        if isinstance(value, str):
            if value not in self.members:
                raise RangeError("%s is none of %s" % (show(value), ", ".join(self.members)))
            return self.members[value]
        value = whole_number(value)
        if value not in self.members.values():
            raise RangeError("%s is none of %s" % (show(value), ", ".join(self.members)))
        return value

    def convert(self, value):
        if isinstance(value, str):
            if value not in self.members:
                wrong(value, "name of the enum")
            return self.members[value]
        if not is_number(value) or value not in self.members.values():
            wrong(value, "number of the enum")
        return int(value)


class String(DataType):
    """Text of `minchars` to `maxchars` characters; ASCII alone unless `isUTF8`."""

    type = "string"

    def __init__(self, maxchars=None, minchars=0, isUTF8=False, **properties):
        describing.note(self, properties)
        self.minchars = minchars
        self.maxchars = maxchars
        self.isUTF8 = isUTF8

    @property
    def default(self):
        return " " * self.minchars

    def check(self, value, current=None):
        if not isinstance(value, str):
            raise WrongType("%s is no string" % show(value))
        if not self.isUTF8 and len(value) != len(value.encode()):
            raise RangeError("only ASCII characters are allowed")
        in_range(len(value), self.minchars, self.maxchars, what="the number of characters, %d,")
        return value

    def convert(self, value):
        if not isinstance(value, str):
            wrong(value, "str")
        return value


class Tuple(DataType):
    """A fixed number of values, each of a type of its own: Tuple(Int(0, 9), String()). Inside: a tuple."""

    type = "tuple"

    def __init__(self, *members, **properties):
        describing.note(self, properties)
        self.members = members
        self.plain = all([m.plain for m in members])

    @property
    def default(self):
        return tuple([m.default for m in self.members])

    def check(self, value, current=None):
        if not isinstance(value, list) or len(value) != len(self.members):
            raise WrongType("%s is no array of %d elements" % (show(value), len(self.members)))
        result = []
        late = None
        for i, member in enumerate(self.members):
            try:
                result.append(member.check(value[i], current and current[i]))
            except RangeError as e:
                late = late or e
        if late:
            raise late
        return tuple(result)

    def convert(self, value):
        if len(elements(value)) != len(self.members):
            wrong(value, "tuple of %d elements" % len(self.members))
        return tuple([m.convert(v) for m, v in zip(self.members, value)])

    def export(self, value):
        return value if self.plain else [m.export(v) for m, v in zip(self.members, value)]


class Struct(DataType):
    """Named values: Struct({"p": Double(), "i": Double()}, optional=("i",)). Inside: a dict.

    A client may leave out what is optional: on `change` the present value stays, on `do` the member is missing.
    """

    type = "struct"

    def __init__(self, members, optional=(), **properties):
        describing.note(self, properties)
        self.members = members
        self.plain = all([m.plain for m in members.values()])
        self.optional = optional

    @property
    def default(self):
        return {name: m.default for name, m in self.members.items()}

    def check(self, value, current=None):
        if not isinstance(value, dict):
            raise WrongType("%s is no object" % show(value))
        for name in value:
            if name not in self.members:
                raise WrongType("the struct has no member %s" % show(name))
        result = {}
        late = None
        for name, member in self.members.items():
            if name in value:
                try:
                    result[name] = member.check(value[name], current and current.get(name))
                except RangeError as e:
                    late = late or RangeError("%s: %s" % (name, e.text))
                except WrongType as e:
                    raise WrongType("%s: %s" % (name, e.text))
            elif name not in self.optional:
                raise WrongType("the member %s is missing" % show(name))
            elif current and name in current:
                result[name] = current[name]
        if late:
            raise late
        return result

    def convert(self, value):
        if not isinstance(value, dict):
            wrong(value, "dict")
        for name in value:
            if name not in self.members:
                raise HardwareError("the struct has no member %s" % name)
        result = {}
        for name, member in self.members.items():
            if name not in value:
                # also an optional one: only clients may leave it out (datainfo.rst, "struct")
                raise HardwareError("the member %s is missing" % name)
            try:
                result[name] = member.convert(value[name])
            except HardwareError as e:
                raise HardwareError("%s: %s" % (name, e.text))
        return result

    def export(self, value):
        if self.plain:
            return value
        # a command's argument may lack optional members
        return {name: m.export(value[name]) for name, m in self.members.items() if name in value}


def is_within(datainfo, value):
    """Whether a converted value is within its data type's limits. Allocates nothing for numbers."""
    kind = datainfo.type
    if kind == "double" or kind == "int":
        low, high = datainfo.min, datainfo.max
    elif kind == "scaled":
        low, high, value = datainfo.min, datainfo.max, datainfo.export(value)
    elif kind == "string":
        if not datainfo.isUTF8 and len(value) != len(value.encode()):
            return False
        low, high, value = datainfo.minchars, datainfo.maxchars, len(value)
    elif kind == "blob":
        low, high, value = datainfo.minbytes, datainfo.maxbytes, len(value)
    elif kind == "array":
        for item in value:
            if not is_within(datainfo.members, item):
                return False
        low, high, value = datainfo.minlen, datainfo.maxlen, len(value)
    elif kind == "tuple":
        for i in range(len(value)):
            if not is_within(datainfo.members[i], value[i]):
                return False
        return True
    elif kind == "struct":
        for name in value:
            if not is_within(datainfo.members[name], value[name]):
                return False
        return True
    elif kind == "matrix":
        for i in range(len(datainfo.maxlen)):
            if value[0][i] > datainfo.maxlen[i]:
                return False
        return True
    else:
        return True
    return (low is None or low <= value) and (high is None or value <= high)


# in datainfo_more.py, loaded for who asks for one: they take 2 KiB of a board's memory
_MORE = ("Scaled", "Int", "Blob", "Array", "Matrix")


def __getattr__(name):
    if name not in _MORE:
        raise AttributeError(name)
    from secnode import datainfo_more

    globals()[name] = made = getattr(datainfo_more, name)
    return made
