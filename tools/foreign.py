"""What a node, a board or a network says is text: made harmless once, where it comes in."""

import json
import math
import re

_DEEP = 64  # levels of JSON; no data type needs a tenth of them
_DIGITS = 20  # of a whole number: 64 bits
_LATEST = 253402300800  # s since 1970: the year 10000, which no calendar here has
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def clean(text):
    """A text on one line, without what would move the cursor, change colours or turn the reading direction."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() and c > "\x7f" else ascii(c)[1:-1] for c in text)


def lines(text):
    """As clean(), but line breaks stay, as "\\n"."""
    return text if text.isprintable() else "\n".join(map(clean, text.replace("\r\n", "\n").split("\n")))


def load(text):
    """The value of a JSON text of others. Raises ValueError where it is none.

    All texts in it are clean, all numbers finite: NaN, and what is too large for a double, comes as text.
    """
    try:
        return _harmless(json.loads(text, parse_constant=str, parse_float=_double, parse_int=_whole), _DEEP)
    except RecursionError:
        raise ValueError("nested too deep") from None


def moment(t):
    """A timestamp as seconds since 1970; None where it is none, or beyond any date."""
    return t if is_number(t) and 0 <= t < _LATEST else None


def is_number(thing):
    """Whether it is a number that one can calculate with."""
    return isinstance(thing, (int, float)) and not isinstance(thing, bool) and math.isfinite(thing)


def is_plain_number(text):
    """Whether a text is a number as people write it: 5, -.5, +2e3."""
    return _NUMBER.fullmatch(text) is not None


def cell(value):
    """A value for a CSV file: no text in it is a formula to a spreadsheet, but begins with ' then."""
    if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") and not is_plain_number(value):
        return "'" + value
    return value


def _double(text):
    value = float(text)
    return value if math.isfinite(value) else text


def _whole(text):
    return int(text) if len(text) <= _DIGITS else _double(text)


def _harmless(thing, deep):
    if isinstance(thing, str):
        return lines(thing)
    if isinstance(thing, (list, dict)) and not deep:
        raise ValueError("nested too deep")
    if isinstance(thing, list):
        return [_harmless(part, deep - 1) for part in thing]
    if isinstance(thing, dict):
        return {clean(key): _harmless(part, deep - 1) for key, part in thing.items()}
    return thing
