"""What is wrong with a file, in words: from what pydantic finds to the place, what is allowed, and the nearest right name."""

import difflib

from ...kinds import Number
from . import catalogue, model, wanted

_TEXTS = {  # keys that have no kind of the catalogue
    "equipment_id": "1 to 63 letters, digits, _ . and -",
    "board": "the name of a board, or the path of a folder with a board.py of your own",
    "pollinterval": "a number of seconds above 0, up to 86400",
    "timeout": "a number of seconds, up to 3600",
    "action_timeout": "a number of seconds from 1 to 3600",
    "visibility": '"user", "advanced", "expert", or three of w, r and - as in SECoP 2.0',
    "meaning": 'a name, as "temperature", or with its importance: ["temperature", 10]',
    "latched": "true or false",
    "limit": "a number",
    "freq": "a whole number of Hz from 10000 to 400000",
    "features": "a list of names",
    "interface_classes": "a list of names",
    "modules": "tables, [modules.<name>]: at least one",
    "bus": "tables, [bus.i2c0], [bus.spi0], [bus.onewire0] or [bus.uart1]",
    "devices": "tables, [devices.<name>], each with a driver",
    "interlocks": "tables, [[interlocks]]",
    "action": '{ heater = "off" }: modules, each with "off", "stop", "safe" or { limit = 200 }',
    "secop": '"1.0" or "2.0"',
}
_UART = {  # what [bus.uart1] may say, beside pins
    "baudrate": "a whole number from 300 to 1000000",
    "bits": "7 or 8",
    "parity": '"none", "even" or "odd"',
    "stop": "1 or 2",
    "longest": "a whole number from 16 to 1024",
}
_ACTION = '"off", "stop", "safe" or { limit = 200 }'


def nearest(name, names):
    """Words for the name that was meant, "" where none is near."""
    lower = {str(other).lower(): str(other) for other in names}
    found = difflib.get_close_matches(str(name).lower(), lower, 3, 0.6)
    # those that differ in the fewest places come first: two letters in the wrong order are a typist's
    found.sort(key=lambda other: _places_that_differ(other, str(name).lower()))
    return f": did you mean {lower[found[0]]}?" if found else ""


def _places_that_differ(a, b):
    return sum(x != y for x, y in zip(a, b, strict=True)) if len(a) == len(b) else min(len(a), len(b))


def listed(names):
    return ", ".join(dict.fromkeys(str(name) for name in names))


def words(error, content, models):
    """(path, text, whether it is about the key) of one of pydantic's errors."""
    path, tags, last = _path(error["loc"], content)
    kind = error["type"]
    key = path[-1] if path else ""
    table = dotted(path[:-1])
    if kind == "missing":
        inside = f"{table} needs {key}" if table else f"the file needs {key}"
        key_of = _key(models, tags, key)
        return path[:-1], inside + (f", {_said(key_of)}" if key_of and _said(key_of) else _hint(key)), False
    if kind == "extra_forbidden":
        has = _names(models, tags, path)
        there = table or "the file"
        return path, f"{there} has no {key}{nearest(key, has) or ': it has ' + listed(has)}", True
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _of_tag(error, path, models)
    if last == "[key]":
        return path, f"{key!r} is no name: letters, digits and _, at most 63 and no digit first", True
    of = _key(models, tags, key)
    if of:
        said = of.kind.words
        if isinstance(of.kind, (catalogue.Points, catalogue.List)) or not hasattr(of.kind, "parse"):
            return path, f"{dotted(path)} has to be {said}{_not(error['input'])}", False
        try:
            of.kind.parse(error["input"])
        except ValueError as e:
            return path, f"{dotted(path)} {e}{_not(error['input'])}", False
        number = "a number from " if isinstance(of.kind, Number) else ""
        return path, f"{dotted(path)} has to be {number}{said}{_not(error['input'])}", False
    if isinstance(key, int) and len(path) > 1 and _key(models, tags, path[-2]):
        return path, f"{dotted(path[:-1])} has to be {_key(models, tags, path[-2]).kind.words}", False
    if path[:1] == ("interlocks",) and "action" in path:
        return path, f"{dotted(path)} has to be {_TEXTS['action'] if key == 'action' else _TEXTS.get(key, _ACTION)}", False
    if path[:1] == ("bus",) and len(path) == 3 and key in _UART:
        return path, f"{dotted(path)} has to be {_UART[key]}{_not(error['input'])}", False
    if path[:1] == ("bus",) and key != "bus" and len(path) == 3 and key != "freq":
        return path, f"{dotted(path)} has to be the number of a pin, from 0 to 99{_not(error['input'])}", False
    for i in range(len(path) - 1, 2, -1):
        whole = _key(models, tags, path[i - 1])
        if whole and isinstance(whole.kind, (wanted.Meanings, wanted.Members)):
            return path[:i], f"{dotted(path[:i])} has to be {whole.kind.words}", False
    if path[:1] in (("devices",), ("modules",)) and len(path) == 2:
        return path, f"{dotted(path)} has to be a table with a driver: [{dotted(path)}]", False
    said = _TEXTS.get(key) or ("a table" if kind in ("model_type", "dict_type") else model.LINE_WORDS)
    return path, f"{dotted(path)} has to be {said}{_not(error['input'])}", False


def dotted(path):
    found = ""
    for part in path:
        found += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if found else str(part)
    return found


def _of_tag(error, path, models):
    named = dotted(path)
    expected = [name.strip("'") for name in error.get("ctx", {}).get("expected_tags", "").split(", ")]
    value = error["input"]
    if not isinstance(value, dict):
        if path[:1] == ("modules",) and len(path) == 2:
            return path, f"{named} has to be a table: [{named}]", False
        return path, f"{named} has to be a table with a driver{_not(value)}", False
    if "driver" not in value or error["type"] == "union_tag_not_found":
        return path, f'{named} needs a driver, as driver = "{_sample(expected, models, path)}"', True
    said = value["driver"]
    where = (*path, "driver")
    if not isinstance(said, str):
        return where, f"{dotted(where)} has to be the name of a driver", False
    if ":" in said:
        return where, f"{dotted(where)}: {said} does not fit here", False
    if said in models.things and path[:1] == ("modules",) and len(path) == 2:
        if models.things[said].role == "device":
            return where, f"{said} is an instrument, no module: it goes into [devices.<name>]", False
        role = wanted.ROLES.get(models.things[said].role, "a part")
        return where, f"{said} is {role}, no module: give it to one that has such a part", False
    here = expected if path[:1] != ("modules",) or len(path) != 2 else _modules(models)
    return where, f"there is no driver {said}{nearest(said, here) or ': take one of ' + listed(here)}", False


def _sample(expected, models, path):
    names = expected if expected != [""] else list(models.things)
    return names[0]


def _modules(models):
    return [name for name, thing in models.things.items() if thing.is_module or thing.role in model.SHOWN_BY]


def _path(loc, content):
    """The path in the file, the tags of unions by the path that they are at, and the last part that is neither."""
    path, tags, here, last = (), {}, content, None
    rest = list(loc)
    while rest:
        part = rest.pop(0)
        if part == "[key]":
            last = part
            continue
        inside = (isinstance(here, dict) and part in here) or (isinstance(here, list) and isinstance(part, int))
        if isinstance(here, dict) and isinstance(part, str):
            tag = here.get("driver")
            known = path not in tags and (tag == part or (tag is None and "driver" not in here and not inside and rest))
            if known and (rest or tag == part):
                tags[path] = part
                continue
        if not inside and part in ("table", "list", "word", "name", "str"):
            continue
        path = (*path, part)
        here = here[part] if inside and (isinstance(here, dict) or part < len(here)) else None
    return path, tags, last


def _key(models, tags, name):
    """The Key that the innermost table has of that name."""
    if not tags:
        return None
    where = max(tags, key=len)
    thing = models.things.get(tags[where])
    return models.keys_of(thing, _use(where)).get(name) if thing else None


def _use(where):
    return "module" if where[:1] == ("modules",) and len(where) == 2 else "part"


_TABLES = {
    ("modules", "parameters"): ("description", "group", "visibility", "meaning"),
    ("bus", "i2c"): ("scl", "sda", "freq"),
    ("bus", "spi"): ("sck", "mosi", "miso"),
    ("bus", "onewire"): ("pin",),
    ("bus", "uart"): (*_UART, "direction", "tx", "rx"),
}


def _names(models, tags, path):
    """What the table of a path may have."""
    if len(path) == 1:
        return list(_fields(models.file))
    if path[0] == "bus":
        if len(path) == 2:
            return [f"{kind}{i}" for kind in ("i2c", "spi", "onewire", "uart") for i in range(4)]
        return _TABLES["bus", path[1].rstrip("0123456789")]
    if path[0] == "interlocks":
        return (
            ("when", "action", "latched", "text", "name", "description", "group", "visibility")
            if len(path) == 3
            else ("limit",)
        )
    if "parameters" in path:
        return _TABLES["modules", "parameters"]
    where = max(tags, key=len) if tags else ()
    thing = models.things.get(tags.get(where))
    found = ["driver", *(models.keys_of(thing, _use(where)) if thing else ())]
    return found + list(model._of_module(thing)) if _use(where) == "module" else found


def _fields(of):
    return [field.alias or name for name, field in of.model_fields.items()]


def _said(key):
    return "; ".join(part for part in (key.question, getattr(key.kind, "words", "")) if part)


def _hint(key):
    return f", {_TEXTS[key]}" if key in _TEXTS else f", {model.LINE_WORDS}" if key in ("description", "text") else ""


def _not(value):
    if isinstance(value, (dict, list)):
        return ""
    return f", not {str(value).lower() if isinstance(value, bool) else repr(value)}"
