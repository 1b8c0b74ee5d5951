"""Whether a value is one of a data type (datainfo.rst), and values that are none, of a datainfo that structure.py passed."""

import base64
import binascii
import math

NUMBERS = ("double", "scaled", "int")


def wrong(value, info, ranged=True):
    """What is wrong with a value from the wire, in words; None where nothing is. Without `ranged` limits don't matter."""
    kind = info["type"]
    if kind in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"{_show(value)} is no number"
        if kind != "double" and value != int(value):
            return f"{_show(value)} is no whole number"
        return _outside(value, info, "min", "max") if ranged else None
    if kind == "bool":
        return None if isinstance(value, bool) else f"{_show(value)} is neither true nor false"
    if kind == "enum":
        good = not isinstance(value, bool) and isinstance(value, (int, float)) and value in info["members"].values()
        return None if good else f"{_show(value)} is no value of the enum"
    if kind == "string":
        if not isinstance(value, str):
            return f"{_show(value)} is no string"
        if not info.get("isUTF8") and not value.isascii():
            return f"{_show(value)} is not ASCII, and isUTF8 is not said"
        return _outside(len(value), info, "minchars", "maxchars", "characters") if ranged else None
    if kind == "blob":
        try:
            size = len(base64.b64decode(value, validate=True)) if isinstance(value, str) else None
        except (binascii.Error, ValueError):
            size = None
        if size is None:
            return f"{_show(value)} is no base64"
        return _outside(size, info, "minbytes", "maxbytes", "bytes") if ranged else None
    return _wrong_compound(value, info, ranged)


def _wrong_compound(value, info, ranged):
    kind = info["type"]
    if kind == "array":
        if not isinstance(value, list):
            return f"{_show(value)} is no array"
        parts = [wrong(part, info["members"], ranged) for part in value]
        return next(filter(None, parts), None) or (
            _outside(len(value), info, "minlen", "maxlen", "elements") if ranged else None
        )
    if kind == "tuple":
        if not isinstance(value, list) or len(value) != len(info["members"]):
            return f"{_show(value)} is no array of {len(info['members'])} elements"
        return next(
            filter(None, (wrong(part, member, ranged) for part, member in zip(value, info["members"], strict=True))), None
        )
    if kind == "struct":
        if not isinstance(value, dict) or set(value) != set(info["members"]):
            return f"{_show(value)} has not just the members {', '.join(info['members'])}"
        return next(filter(None, (wrong(value[name], member, ranged) for name, member in info["members"].items())), None)
    if kind == "matrix":
        lengths = value.get("len") if isinstance(value, dict) else None
        if not isinstance(lengths, list) or len(lengths) != len(info["names"]) or not isinstance(value.get("blob"), str):
            return f"{_show(value)} is no matrix of {len(info['names'])} dimensions"
        try:
            size = len(base64.b64decode(value["blob"], validate=True))
        except (binascii.Error, ValueError):
            return "its blob is no base64"
        fits = size == math.prod(lengths) * int(info["elementtype"][2:])
        return None if fits else "its blob has not as many bytes as its len says"
    return None


def of_another_type(info):
    """A value that no reading of the data type can take."""
    return "no such value" if info["type"] in ("struct", "matrix") else {"no": "such value"}


def out_of_range(info):
    """A value of the right type that the datainfo forbids; None where it allows all."""
    kind = info["type"]
    if kind in NUMBERS:
        step = 1 if kind != "double" else max(1.0, abs(info.get("max", 0)) * 0.01)
        if "max" in info:
            return info["max"] + step
        return info["min"] - step if "min" in info else None
    if kind == "enum":
        return max(info["members"].values()) + 1
    if kind == "string" and "maxchars" in info:
        return "x" * (info["maxchars"] + 1)
    return None


def same(a, b):
    """Whether two values are one, as far as single precision can tell."""
    if isinstance(a, (int, float)) and isinstance(b, (int, float)) and not isinstance(a, bool) and not isinstance(b, bool):
        return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-12)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return a == b


def _outside(number, info, low, high, what=""):
    if low in info and number < info[low] or high in info and number > info[high]:
        return f"{number} {what} is out of the range {info.get(low, '')} to {info.get(high, '')}".replace("  ", " ")
    return None


def _show(value):
    text = ascii(value)
    return text if len(text) <= 60 else text[:57] + "..."
