"""Lays out what a SEC node says for a person: values by their data type, errors, descriptions. Needs rich."""

import base64
import json
import math
import re
import time
from datetime import datetime

from rich.console import Group
from rich.table import Table
from rich.text import Text

from ..foreign import clean
from .client import NOTHING, is_identification, report
from .description import datainfo, fits, is_command, is_constant

_FMTSTR = re.compile(r"%\.\d{1,2}[efg]$")
_LONG = 16  # elements of an array, bytes of a blob: more are not shown
_ACTION, _TIME, _SPECIFIER = 12, 12, 28  # columns
_UNTYPED = {"active", "inactive", "pong", "logging"}  # their data belongs to no accessible


# ---- values


def value_text(value, info):
    """A value as it comes on the wire, for a person: physical, with its unit; as JSON where it does not fit its type."""
    try:
        unit = _unit(info)
        text = _value(value, info, True)
        return f"{text} {unit}" if unit else text
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError):
        return _json(value)


def status_text(value, info):
    """A status as "BUSY heating"; its name alone where it has no text."""
    try:
        code, text = value
        return f"{_value(code, info['members'][0], True)} {clean(text)}".rstrip()
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        return _json(value)


def _json(value):
    return clean(json.dumps(value, ensure_ascii=False))


def _value(value, info, top=False):
    if value is None:
        return "null"
    if isinstance(value, (list, dict)) and info.get("type") not in ("array", "tuple", "struct", "matrix"):
        raise TypeError
    show = _VALUES.get(info.get("type"))
    if show is None:
        return _json(value)
    return show(value, info, top)


def _number(value, info, default):
    if isinstance(value, bool):
        raise TypeError
    fmtstr = info.get("fmtstr")
    text = (fmtstr if isinstance(fmtstr, str) and _FMTSTR.match(fmtstr) else default) % value
    return "0" + text[2:] if re.fullmatch(r"-0(\.0*)?", text) else text


def _double(value, info, _):
    return _number(value, info, "%.6g")


def _scaled(value, info, _):
    scale = info["scale"]
    return _number(value * scale, info, f"%.{max(0, math.ceil(-math.log10(scale) - 1e-9))}f")


def _int(value, info, _):
    if isinstance(value, bool):
        raise TypeError
    return f"{value:d}"


def _bool(value, info, _):
    return "true" if value else "false"


def _enum(value, info, _):
    for name, code in info["members"].items():
        if code == value:
            return clean(name)
    return f"{_json(value)} (none of the members)"


def _string(value, info, top):
    return clean(value) if top and value else _json(str(value))


def _blob(value, info, _):
    raw = base64.b64decode(value, validate=True)
    shown = raw[:_LONG].hex(" ") + (" ..." if len(raw) > _LONG else "")
    return f"{_count(len(raw), 'byte')} {shown}".rstrip()


def _array(value, info, _):
    if not isinstance(value, list):
        raise TypeError
    shown = [_value(v, info["members"]) for v in value[:_LONG]]
    if len(value) > _LONG:
        shown.append(f"... {len(value)} elements")
    return "[" + ", ".join(shown) + "]"


def _tuple(value, info, _):
    if not isinstance(value, list) or len(value) != len(info["members"]):
        raise TypeError
    return "(" + ", ".join(value_in(v, m) for v, m in zip(value, info["members"], strict=True)) + ")"


def _struct(value, info, _):
    if not isinstance(value, dict):
        raise TypeError
    return "{" + ", ".join(f"{clean(key)}: {value_in(v, info['members'].get(key, {}))}" for key, v in value.items()) + "}"


def _matrix(value, info, _):
    shape = " x ".join(f"{clean(n)} {length}" for n, length in zip(info["names"], value["len"], strict=True))
    return f"{shape} of {clean(info['elementtype'])}"


def value_in(value, info):
    """A member of a tuple or struct, with its unit."""
    unit = _unit(info)
    text = _value(value, info)
    return f"{text} {unit}" if unit else text


_VALUES = {
    "double": _double, "scaled": _scaled, "int": _int, "bool": _bool, "enum": _enum, "string": _string, "blob": _blob,
    "array": _array, "tuple": _tuple, "struct": _struct, "matrix": _matrix,
}  # fmt: skip


def _unit(info):
    while info.get("type") == "array":
        info = info["members"]
    unit = info.get("unit")
    return clean(unit) if isinstance(unit, str) else ""


def _count(n, what):
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


# ---- types


def type_text(info):
    """A data type in a few words, with limits and unit."""
    try:
        return _type(info)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError):
        return _json(info) if info else "?"


def _type(info):
    kind = info["type"]
    parts = [clean(kind)]
    if kind == "scaled":
        # limits are whole numbers on the wire
        parts.append(_limits({k: _scaled(info[k], info, True) for k in ("min", "max") if k in info}))
    elif kind in ("double", "int"):
        parts.append(_limits({k: f"{info[k]:.16g}" for k in ("min", "max") if k in info}))
    elif kind == "enum":
        parts.append(", ".join(f"{clean(name)} {code}" for name, code in info["members"].items()))
    elif kind == "string":
        parts += [_limits(_lengths(info, "chars"), "characters"), "" if info.get("isUTF8") else "ASCII"]
    elif kind == "blob":
        parts.append(_limits(_lengths(info, "bytes"), "bytes"))
    elif kind == "array":
        parts += [_limits(_lengths(info, "len")), "of", _type(info["members"])]
    elif kind == "tuple":
        parts = ["(" + ", ".join(_type(m) for m in info["members"]) + ")"]
    elif kind == "struct":
        optional = info.get("optional") or ()
        members = info["members"].items()
        parts = ["{" + ", ".join(f"{clean(n)}{'?' if n in optional else ''}: {_type(m)}" for n, m in members) + "}"]
    elif kind == "matrix":
        shape = zip(info["names"], info["maxlen"], strict=True)
        parts += [" x ".join(f"{clean(n)} ≤ {length}" for n, length in shape), "of", clean(info["elementtype"])]
    elif kind == "command":
        argument, result = info.get("argument"), info.get("result")
        parts.append(_type(argument) if argument else "without argument")
        parts.append(f"→ {_type(result)}" if result else "")
    if kind in ("double", "int", "scaled"):
        parts.append(_unit(info))
    return " ".join(p for p in parts if p)


def _status_type(info):
    try:
        return ", ".join(f"{clean(name)} {code}" for name, code in info["members"][0]["members"].items())
    except (TypeError, KeyError, AttributeError, IndexError):
        return type_text(info)


def _lengths(info, what):
    low, high = info.get("min" + what), info.get("max" + what)
    return {k: v for k, v in (("min", low or None), ("max", high)) if v is not None}


def _limits(limits, what=""):
    low, high = limits.get("min"), limits.get("max")
    if low is None and high is None:
        return ""
    if low is None or high is None:
        text = f"≤ {high}" if low is None else f"≥ {low}"
    else:
        text = f"{low} … {high}" if low != high else f"{low}"
    return f"{text} {what}".rstrip()


# ---- messages


def time_text(t):
    """The time of day of a timestamp, with the date where that is not today; "" where it is none."""
    if isinstance(t, bool) or not isinstance(t, (int, float)):
        return ""
    try:
        then = datetime.fromtimestamp(t)
    except (ValueError, OverflowError, OSError):
        return f"t={t}"
    day = "" if then.date() == datetime.fromtimestamp(time.time()).date() else f"{then:%Y-%m-%d} "
    return f"{day}{then:%H:%M:%S}.{then.microsecond // 1000:03d}"


def message_text(message, description):
    """A line of a node, laid out."""
    if message.action == "describing" and isinstance(message.data, dict):
        return description_table(description)
    if message.action == "helping" and isinstance(message.data, str):
        return Text(clean(message.data))
    if is_identification(message.line):
        return Text("this is a SEC node: " + clean(message.line))
    if message.is_error:
        return _error(message, description)
    if message.action == "log" and isinstance(message.data, str):
        module, _, level = message.specifier.partition(":")
        return _row("", "log", module, Text(f"{clean(level)}: {clean(message.data)}", "magenta"), description)
    value, qualifiers = _report(message)
    text = Text()
    if message.action in _UNTYPED:
        if value not in (NOTHING, None):
            text.append(_json(value))
    elif value is not NOTHING and not (message.action == "done" and value is None):
        text.append_text(_styled(value, message, description))
        if isinstance(qualifiers.get("e"), (int, float)):
            text.append(f" ± {qualifiers['e']:g}")
    if message.action == "checked":
        text.append(" would be taken" if value not in (NOTHING, None) else "would be taken")
    if message.data is NOTHING and message.action not in ("active", "inactive", "pong", "done", "checked"):
        return Text(clean(message.line))  # nothing we know
    specifier = message.specifier
    if message.action in ("active", "inactive") and not specifier:
        specifier = "all modules"
    row = _row(time_text(qualifiers.get("t")), message.action, specifier, text, description)
    if message.is_event:
        row.stylize("dim")
    return row


def _report(message):
    data = message.data
    if message.action in ("logging", "helping", "log"):
        return data, {}
    value, qualifiers = report(data)
    return (data, {}) if value is NOTHING else (value, qualifiers)


def _styled(value, message, description):
    info = description.datainfo(message.specifier, message.action)
    if message.specifier.partition(":")[2] == "status" and isinstance(value, list) and value:
        name, _, text = status_text(value, info).partition(" ")
        return Text.assemble((name, _status_style(value[0])), f" {text}" if text else "")
    # bold would undo the dimming of an update
    return Text(value_text(value, info), "" if message.is_event else "bold")


def _status_style(code):
    if not isinstance(code, (int, float)):
        return ""
    for limit, style in ((100, "bright_black"), (200, "green"), (300, "yellow"), (400, "bold cyan")):
        if code < limit:
            return style
    return "bold red"


def _error(message, description):
    error = message.error
    text = Text.assemble((clean(error.name), "bold red"), (f": {clean(error.text)}" if error.text else "", "red"))
    if "closest_valid" in error.info:
        info = description.datainfo(message.specifier, message.action.removeprefix("error_"))
        text.append("; the closest that would be taken is ", "red")
        text.append(value_text(error.info["closest_valid"], info), "bold")
    row = _row(time_text(error.info.get("t")), message.action, message.specifier, text, description, "red")
    if message.is_event:
        row.stylize("dim")
    return row


def _row(when, action, specifier, text, description, style=""):
    width = min(description.width, _SPECIFIER)
    row = Text.assemble(
        (when.ljust(_TIME), "bright_black"), "  ",
        (clean(action).ljust(_ACTION), style or "bright_black"), "  ",
        (clean(specifier).ljust(width), "cyan"), "  ",
        text,
    )  # fmt: skip
    row.rstrip()
    return row


# ---- descriptions


def description_table(description):
    """All the accessibles of a node, module by module."""
    head = Text.assemble((clean(description.text("equipment_id") or "a SEC node without equipment_id"), "bold"))
    if description.text("firmware"):
        head.append("  " + clean(description.text("firmware")), "bright_black")
    lines = [Text(clean(line)) for line in description.text("description").splitlines()]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bright_black")
    table.add_column("module, accessible", no_wrap=True)
    table.add_column("type", max_width=48, overflow="fold")
    table.add_column("access", min_width=max((min(len(access_text(a)), 20) for _, _, a in description.all()), default=0))
    table.add_column("description", overflow="fold")
    for module in description.modules:
        table.add_row()
        table.add_row(
            Text(clean(module), "bold cyan"),
            Text(clean(description.interface_class(module)), "bold"),
            "",
            Text(clean(description.module_text(module, "description")), "bold"),
        )
        for name, a in description.accessibles(module).items():
            described = a.get("description")
            table.add_row(
                Text("  " + clean(name), "cyan"),
                Text(_status_type(datainfo(a)) if name == "status" else type_text(datainfo(a))),
                Text(access_text(a)),
                Text(clean(described) if isinstance(described, str) else ""),
            )
    return Group(head, *lines, Text(), table)


def access_text(accessible):
    """What may be done with an accessible."""
    if is_constant(accessible):
        return "constant " + value_text(accessible["constant"], datainfo(accessible))
    if is_command(accessible):
        return "do, check" if fits(accessible, "check") else "do"
    if not fits(accessible, "change"):
        return "readonly"
    return "read, change, check" if fits(accessible, "check") else "read, change"


def greeting(description, name):
    """Who speaks here: for the begin of a session."""
    head = Text.assemble((clean(description.text("equipment_id") or "a SEC node"), "bold"), (f" at {name}", "bright_black"))
    if description.text("firmware"):
        head.append(", " + clean(description.text("firmware")), "bright_black")
    first = description.text("description").strip().partition("\n")[0]
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bright_black")
    for title in ("module", "class", "unit", "description"):
        table.add_column(title, overflow="fold")
    for module in description.modules:
        table.add_row(
            Text(clean(module), "bold cyan"),
            clean(description.interface_class(module)),
            Text(clean(description.unit(module))),
            Text(clean(description.module_text(module, "description").partition("\n")[0])),
        )
    return Group(*(line for line in (head, Text(clean(first)), Text(), table) if line is not None))
