"""What the tests know of SECoP's data types by themselves: datainfos, values for them, and which are acceptable.

Written from the specification (datainfo.rst), not from the firmware, which is to agree with it.
"""

import base64
import json
import math
import re

from hypothesis import strategies as st

MAX = 3.4e38  # beyond it a board can hold no number
INF = float("inf")  # stands for JSON's 1e400


def render(value):
    """JSON text of a value; infinities as numbers that are too large."""
    if isinstance(value, list):
        return "[" + ", ".join(map(render, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)}: {render(v)}" for k, v in value.items()) + "}"
    if isinstance(value, float) and math.isinf(value):
        return "1e400" if value > 0 else "-1e400"
    return json.dumps(value)


# ---- datainfos

names = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
# of few digits, as people write them: MicroPython prints and reads others a little beside what they are
limits = st.builds(lambda n, e: float(f"{n}e{e}"), st.integers(-99999, 99999), st.integers(-6, 6))
short_text = st.text(st.characters(codec="utf-8"), max_size=12)


def _pair(strategy):
    return st.tuples(strategy, strategy).map(sorted)


def _sized(kind, low, high, most=8):
    def build(pair, with_low, more):
        found = {"type": kind, high: pair[1], **more}
        if with_low:
            found[low] = pair[0]
        return found

    return lambda more: st.builds(build, _pair(st.integers(0, most)), st.booleans(), more)


@st.composite
def doubles(draw):
    found = {"type": "double"}
    low, high = draw(_pair(limits))
    if draw(st.booleans()):
        found["min"] = low
    if draw(st.booleans()):
        found["max"] = high
    if draw(st.booleans()):
        found["unit"] = draw(st.sampled_from(["K", "°C", "W/m^2"]))
    return found


def _whole(kind, bits, **more):
    return st.builds(
        lambda pair, more: {"type": kind, "min": pair[0], "max": pair[1], **more},
        _pair(st.integers(-(2**bits), 2**bits)), st.fixed_dictionaries(more),
    )  # fmt: skip


ints = _whole("int", 24)
scaleds = _whole("scaled", 22, scale=st.sampled_from([1, 0.1, 0.01, 0.001, 0.5, 2.5e-6, 1000, 7.25]))
enums = st.dictionaries(names, st.integers(-(2**24), 2**24), min_size=1, max_size=5).map(
    # a value twice is told when the node is described
    lambda d: {"type": "enum", "members": {k: v for i, (k, v) in enumerate(d.items()) if v not in list(d.values())[:i]}}
)
strings = _sized("string", "minchars", "maxchars")(st.sampled_from([{}, {"isUTF8": True}, {"isUTF8": False}]))
blobs = _sized("blob", "minbytes", "maxbytes")(st.just({}))


@st.composite
def matrices(draw):
    lengths = draw(st.lists(st.integers(0, 5), min_size=1, max_size=3))
    element = draw(st.sampled_from("<>")) + draw(st.sampled_from(["i1", "u1", "i2", "u2", "i4", "f4", "f8"]))
    return {"type": "matrix", "elementtype": element, "names": [f"d{i}" for i in range(len(lengths))], "maxlen": lengths}


@st.composite
def structs(draw, members):
    members = draw(st.dictionaries(names, members, min_size=1, max_size=4))
    optional = draw(st.lists(st.sampled_from(sorted(members)), unique=True))
    return {"type": "struct", "members": members, **({"optional": optional} if optional else {})}


scalars = st.one_of(doubles(), ints, scaleds, st.just({"type": "bool"}), enums, strings, blobs, matrices())


def containers(members):
    arrays = _sized("array", "minlen", "maxlen", 4)(st.fixed_dictionaries({"members": members}))
    tuples = st.lists(members, min_size=1, max_size=3).map(lambda m: {"type": "tuple", "members": m})
    return st.one_of(arrays, tuples, structs(members))


datainfos = st.one_of(scalars, st.recursive(scalars, containers, max_leaves=6))

# ---- values

json_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False), short_text
    ),
    lambda v: st.one_of(st.lists(v, max_size=3), st.dictionaries(short_text, v, max_size=3)),
    max_leaves=8,
)
_odd = st.sampled_from(
    [None, True, False, 0, 1, -1, 1.0, 1.5, -0.0, 0.1, 2**24 + 1, 1e39, -1e39, INF, -INF, 10**400]
    + ["", "0", "ON", "°", "AA==", "A", [], {}]
)


def _base64(data):
    return base64.b64encode(data).decode()


def valid(d):
    """Values that a datainfo allows, as JSON has them."""
    kind = d["type"]
    if kind == "double":
        low, high = d.get("min", -MAX), d.get("max", MAX)
        whole = st.integers(math.ceil(low), math.floor(high)) if math.ceil(low) <= math.floor(high) else st.just(low)
        return st.one_of(st.floats(low, high), st.sampled_from([low, high]), whole)
    if kind in ("int", "scaled"):
        whole = st.integers(d["min"], d["max"])
        return st.one_of(whole, whole.map(float), st.sampled_from([d["min"], d["max"]]))
    if kind == "bool":
        return st.booleans()
    if kind == "enum":
        return st.sampled_from([*d["members"], *d["members"].values()])
    if kind == "string":
        letters = st.characters(codec="utf-8" if d.get("isUTF8") else "ascii")
        return st.text(letters, min_size=d.get("minchars", 0), max_size=d["maxchars"])
    if kind == "blob":
        return st.binary(min_size=d.get("minbytes", 0), max_size=d["maxbytes"]).map(_base64)
    if kind == "array":
        return st.lists(valid(d["members"]), min_size=d.get("minlen", 0), max_size=d["maxlen"])
    if kind == "tuple":
        return st.tuples(*map(valid, d["members"])).map(list)
    if kind == "struct":
        optional = d.get("optional", ())
        return st.fixed_dictionaries(
            {k: valid(m) for k, m in d["members"].items() if k not in optional},
            optional={k: valid(m) for k, m in d["members"].items() if k in optional},
        )
    size = int(d["elementtype"][2:])
    return st.tuples(*[st.integers(0, n) for n in d["maxlen"]]).flatmap(
        lambda n: st.binary(min_size=math.prod(n) * size, max_size=math.prod(n) * size).map(
            lambda data: {"len": list(n), "blob": _base64(data)}
        )
    )


@st.composite
def anything(draw, d):
    """Values for a datainfo that may be good, nearly good, or bad in several places."""
    how = draw(st.integers(0, 9))
    if how == 0:
        return draw(json_values)
    if how == 1:
        return draw(_odd)
    kind = d["type"]
    if how == 2 and kind in ("double", "int", "scaled"):
        return draw(st.one_of(limits, st.integers(-(10**8), 10**8)))
    if how == 2 and kind == "string":
        return draw(short_text)
    if how == 2 and kind == "blob":
        return draw(st.binary(max_size=12)).hex() if draw(st.booleans()) else _base64(draw(st.binary(max_size=12)))
    if kind == "array":
        return draw(st.lists(anything(d["members"]), max_size=d["maxlen"] + 1))
    if kind == "tuple":
        value = [draw(anything(m)) for m in d["members"]]
        return value[:-1] if how == 2 else value + [0] if how == 3 else value
    if kind == "struct":
        value = {name: draw(anything(m)) for name, m in d["members"].items()}
        if how in (2, 3):
            del value[draw(st.sampled_from(sorted(value)))]
        if how == 4:
            value[draw(names)] = draw(_odd)
        return value
    value = draw(valid(d))
    if kind == "matrix":
        for key in ("len", "blob"):
            if how in (2, 3) and draw(st.booleans()):
                value[key] = draw(_odd)
        if how == 4 and value["len"]:
            value["len"][0] = draw(_odd)
    return value


# ---- what is acceptable


_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


class Verdict:
    """The errors that a value has by a datainfo: names of SECoP's classes; `close` if a number is as near to a limit as
    the digits that are sent can tell."""

    def __init__(self, d, value):
        self.errors = set()
        self.close = False
        self.inside = self._look(d, value)

    @property
    def error(self):
        """The class to be answered: None, or WrongType before RangeError wherever they stand."""
        return next((e for e in ("WrongType", "RangeError") if e in self.errors), None)

    def _wrong(self):
        self.errors.add("WrongType")

    def _within(self, value, low, high):
        if (low is not None and value < low) or (high is not None and value > high):
            self.errors.add("RangeError")

    def _number(self, value, whole):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self._wrong()
        elif not abs(value) <= MAX:
            self.errors.add("RangeError")
        elif whole and value != int(value):
            self._wrong()
        else:
            return True
        return False

    def _bytes(self, text):
        # RFC 4648 with padding, and nothing but zeros in the bits that no byte uses
        if not isinstance(text, str) or not _BASE64.fullmatch(text):
            return self._wrong()
        data = base64.b64decode(text)
        if _base64(data) != text:
            return self._wrong()
        return data

    def _look(self, d, value):
        return getattr(self, "_" + d["type"])(d, value)

    def _double(self, d, value):
        if self._number(value, False):
            for limit in (d.get("min"), d.get("max")):
                if limit is not None and value != limit and math.isclose(value, limit, rel_tol=1e-6):
                    self.close = True
            self._within(value, d.get("min"), d.get("max"))
            return float(value)

    def _int(self, d, value):
        if self._number(value, True):
            self._within(value, d["min"], d["max"])
            return int(value)

    def _scaled(self, d, value):
        value = self._int(d, value)
        return None if value is None else float(value * d["scale"])

    def _bool(self, d, value):
        if not isinstance(value, bool):
            self._wrong()
        return value

    def _enum(self, d, value):
        if isinstance(value, str):
            if value in d["members"]:
                return d["members"][value]
            self.errors.add("RangeError")
        elif self._number(value, True):
            if value in d["members"].values():
                return int(value)
            self.errors.add("RangeError")

    def _string(self, d, value):
        if not isinstance(value, str):
            return self._wrong()
        if not d.get("isUTF8") and not value.isascii():
            self.errors.add("RangeError")
        self._within(len(value), d.get("minchars"), d.get("maxchars"))
        return value

    def _blob(self, d, value):
        data = self._bytes(value)
        if data is not None:
            self._within(len(data), d.get("minbytes"), d["maxbytes"])
        return data

    def _array(self, d, value):
        if not isinstance(value, list):
            return self._wrong()
        self._within(len(value), d.get("minlen"), d["maxlen"])
        return [self._look(d["members"], v) for v in value]

    def _tuple(self, d, value):
        if not isinstance(value, list) or len(value) != len(d["members"]):
            return self._wrong()
        return tuple(self._look(m, v) for m, v in zip(d["members"], value, strict=True))

    def _struct(self, d, value):
        if not isinstance(value, dict) or set(value) - set(d["members"]):
            return self._wrong()
        if set(d["members"]) - set(value) - set(d.get("optional", ())):
            return self._wrong()
        return {k: self._look(d["members"][k], v) for k, v in value.items()}

    def _matrix(self, d, value):
        if not isinstance(value, dict) or set(value) != {"len", "blob"} or not isinstance(value["len"], list):
            return self._wrong()
        if len(value["len"]) != len(d["maxlen"]):
            return self._wrong()
        lengths = [self._number(n, True) for n in value["len"]]
        data = self._bytes(value["blob"])
        if not all(lengths) or data is None:
            return
        for n, limit in zip(value["len"], d["maxlen"], strict=True):
            self._within(n, 0, limit)
        # lengths that are not allowed ask for no number of bytes
        allowed = all(0 <= n <= limit for n, limit in zip(value["len"], d["maxlen"], strict=True))
        if allowed and len(data) != math.prod(map(int, value["len"])) * int(d["elementtype"][2:]):
            self._wrong()
        return [int(n) for n in value["len"]], data


def same(a, b):
    """Whether two values are equal, floats within what single precision and its printing lose."""
    if isinstance(a, float) and isinstance(b, float):
        if abs(a) > MAX or abs(b) > MAX:
            # a board reads what it can't hold as infinite
            return min(abs(a), abs(b)) >= MAX and (a > 0) == (b > 0)
        return math.isclose(a, b, rel_tol=5e-7, abs_tol=1e-37)
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return a == b


_INSIDE = {
    "double": float, "scaled": float, "int": int, "bool": bool, "enum": int, "string": str, "blob": bytes, "array": list,
    "tuple": tuple, "struct": dict, "matrix": tuple,
}  # fmt: skip


def _parts(d, value):
    """The members of a value with their datainfos."""
    if d["type"] == "array":
        return [(d["members"], v) for v in value]
    if d["type"] == "tuple":
        return list(zip(d["members"], value, strict=True))
    return [(d["members"][k], v) for k, v in value.items()] if d["type"] == "struct" else []


def is_kind(d, value):
    """Whether a driver's value has the type that its datainfo has inside."""
    return type(value) is _INSIDE[d["type"]] and all(is_kind(m, v) for m, v in _parts(d, value))


def strict_json(text):
    """The value of JSON text (str or bytes) by RFC 8259, strings of Unicode characters alone. Raises ValueError."""

    def refuse(word):
        raise ValueError(word)

    value = json.loads(text if isinstance(text, str) else text.decode(), parse_constant=refuse)
    _characters(value)
    return value


def _characters(value):
    if isinstance(value, str):
        value.encode()  # a lone surrogate is a UnicodeEncodeError, one of ValueError
    elif isinstance(value, (list, dict)):
        for v in [*value, *value.values()] if isinstance(value, dict) else value:
            _characters(v)


def depth(value):
    """How deep the innermost value is; 0 for a scalar."""
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth, value), default=-1) if isinstance(value, list) else 0
