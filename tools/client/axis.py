"""A scale for a plot: round numbers as ticks, labels that differ, and never finer than the resolution of what is shown."""

import math
import re

_LEAST = 10  # steps of the resolution that a scale spans
_DIGITS = 6  # that are shown of a double without a format
_RELATIVE = 1.2e-7  # of a double that says nothing else (datainfo.rst)


def resolution(info, value):
    """The smallest difference from `value` that means something, by the data type; of an array, that of its members."""
    while info.get("type") == "array":
        info = info["members"]
    size = abs(value) or 1.0
    found = [info.get("absolute_resolution", 0), info.get("relative_resolution", _RELATIVE) * size]
    if info.get("type") == "int":
        found.append(1)
    elif info.get("type") == "scaled":
        found.append(info.get("scale", 0))
    else:
        form = re.fullmatch(r"%\.(\d{1,2})([efg])", info.get("fmtstr", "")) or ("", _DIGITS, "g")
        digits, kind = int(form[1]), form[2]
        found.append(10.0**-digits if kind == "f" else 10.0 ** (math.floor(math.log10(size)) + (kind == "g") - digits))
    return max(found)


def ticks(low, high, least, most):
    """Ticks for values from `low` to `high`: [(value, label)], at least two and about `most`; the outer ones hold all values.

    `least` is the resolution.
    """
    span = max(high - low, least * _LEAST)
    middle = (low + high) / 2
    low, high = min(low, middle - span / 2), max(high, middle + span / 2)
    rough = (high - low) / max(most - 1, 1)
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * n for n in (1, 2, 5, 10) if unit * n >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    values = [n * step for n in range(first, max(last, first + 1) + 1)]
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    largest = max(map(abs, values))
    if digits <= 9 and largest < 1e7:
        return [(value, f"{value + 0.0:.{digits}f}") for value in values]
    # as many digits as tell the steps apart
    digits = min(16, max(1, math.ceil(math.log10(largest / step)) + 1))
    return [(value, f"{value:.{digits}g}") for value in values]
