"""Data types that few nodes have (specification: datainfo.rst), as those of datainfo.py, from where they are taken."""

import binascii

from secnode import describing
from secnode.datainfo import DataType, elements, finite, in_range, show, whole_number, wrong
from secnode.errors import HardwareError, RangeError, WrongType


class Scaled(DataType):
    """A fixed-point number: the wire has the integer, from `min` to `max`; inside is float, the integer times `scale`."""

    type = "scaled"
    plain = False

    def __init__(self, scale, min, max, unit="", **properties):
        describing.note(self, properties)
        self.scale = scale
        self.min = min
        self.max = max
        self.unit = unit

    @property
    def default(self):
        return float(max(self.min, min(self.max, 0)) * self.scale)

    def check(self, value, current=None):
        return float(in_range(whole_number(value), self.min, self.max) * self.scale)

    def convert(self, value):
        return float(finite(value))

    def export(self, value):
        return round(value / self.scale)


class Int(DataType):
    """A whole number from `min` to `max`; by the specification no larger than 2**24, and without unit."""

    type = "int"

    def __init__(self, min, max, unit="", **properties):
        describing.note(self, properties)
        self.min = min
        self.max = max
        self.unit = unit

    @property
    def default(self):
        return max(self.min, min(self.max, 0))

    def check(self, value, current=None):
        return in_range(whole_number(value), self.min, self.max, self.unit)

    def convert(self, value):
        whole = int(finite(value))
        if whole != value:
            wrong(value, "whole number")
        return whole


class Blob(DataType):
    """Bytes, `minbytes` to `maxbytes` of them; base64 on the wire."""

    type = "blob"
    plain = False

    def __init__(self, maxbytes, minbytes=0, **properties):
        describing.note(self, properties)
        self.minbytes = minbytes
        self.maxbytes = maxbytes

    @property
    def default(self):
        return bytes(self.minbytes)

    def check(self, value, current=None):
        value = from_base64(value)
        in_range(len(value), self.minbytes, self.maxbytes, what="the number of bytes, %d,")
        return value

    def convert(self, value):
        if isinstance(value, bytes):
            return value
        if not isinstance(value, (bytearray, memoryview)):
            wrong(value, "bytes")  # bytes(5) would be five zeros
        return bytes(value)

    def export(self, value):
        return to_base64(value)


def to_base64(data):
    """Bytes as base64 text on one line."""
    return str(binascii.b2a_base64(data)[:-1], "utf-8")


def from_base64(text):
    """The bytes of base64 text. Raises WrongType unless it is exactly that (RFC 4648, with padding)."""
    if not isinstance(text, str):
        raise WrongType("%s is no base64 string" % show(text))
    try:
        data = binascii.a2b_base64(text)
    except ValueError:
        data = None
    # decoders skip what they don't know: only what encodes back to itself was base64
    if data is None or to_base64(data) != text:
        raise WrongType("%s is no base64" % show(text))
    return data


class Array(DataType):
    """`minlen` to `maxlen` values of one type. Inside: a list."""

    type = "array"

    def __init__(self, members, maxlen, minlen=0, **properties):
        describing.note(self, properties)
        self.members = members
        self.plain = members.plain
        self.minlen = minlen
        self.maxlen = maxlen

    @property
    def default(self):
        return [self.members.default for _ in range(self.minlen)]

    def check(self, value, current=None):
        if not isinstance(value, list):
            raise WrongType("%s is no array" % show(value))
        result = []
        late = None
        for i, item in enumerate(value):
            known = None
            if current is not None:
                known = current[i] if i < len(current) else self.members.default
            try:
                result.append(self.members.check(item, known))
            except RangeError as e:
                late = late or e  # a member of the wrong type comes first, wherever it stands
        in_range(len(value), self.minlen, self.maxlen, what="the number of elements, %d,")
        if late:
            raise late
        return result

    def convert(self, value):
        return [self.members.convert(v) for v in elements(value)]

    def export(self, value):
        return value if self.plain else [self.members.export(v) for v in value]


class Matrix(DataType):
    """Numbers in any number of dimensions, as bytes.

    `elementtype` is e.g. "<f4": byte order, one of i, u, f, and 1, 2, 4 or 8 bytes. `names` and `maxlen` go by
    dimension, the first varies fastest. Inside: a tuple of the lengths and the bytes.
    """

    type = "matrix"
    plain = False

    def __init__(self, elementtype, names, maxlen, **properties):
        describing.note(self, properties)
        self.elementtype = elementtype
        self.names = names
        self.maxlen = maxlen

    @property
    def default(self):
        return [0 for _ in self.maxlen], b""

    def _bytes(self, lengths):
        size = int(self.elementtype[2:])
        for n in lengths:
            size *= n
        return size

    def check(self, value, current=None):
        if not isinstance(value, dict) or len(value) != 2 or "len" not in value or "blob" not in value:
            raise WrongType('%s is no object of "len" and "blob"' % show(value))
        if not isinstance(value["len"], list) or len(value["len"]) != len(self.maxlen):
            raise WrongType('"len" is no array of %d lengths' % len(self.maxlen))
        data = from_base64(value["blob"])
        lengths = Array(Int(0, 0x1000000), len(self.maxlen)).check(value["len"])
        for n, limit in zip(lengths, self.maxlen):
            in_range(n, 0, limit, what='%d in "len"')
        if len(data) != self._bytes(lengths):
            raise WrongType("%d bytes where the lengths ask for %d" % (len(data), self._bytes(lengths)))
        return lengths, data

    def convert(self, value):
        if len(elements(value)) != 2 or len(elements(value[0])) != len(self.maxlen):
            wrong(value, "pair of %d lengths and bytes" % len(self.maxlen))
        length = Int(0, 0x1000000)
        lengths = [length.convert(n) for n in value[0]]
        data = Blob(0).convert(value[1])
        if len(data) != self._bytes(lengths):
            raise HardwareError("%d bytes where the lengths ask for %d" % (len(data), self._bytes(lengths)))
        return lengths, data

    def export(self, value):
        return {"len": value[0], "blob": to_base64(value[1])}
