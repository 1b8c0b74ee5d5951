"""What each version of SECoP wants of a node: one table, each line with the section of the specification it comes from.

`secnode describe` builds a description by it, `secnode check-node` judges any node by it. A section is a file of
protocol/specification/ in SampleEnvironment/SECoP, or of schema/ there. What a line does not date has been there since 1.0.
"""

import re
from typing import NamedTuple

VERSIONS = ("1.0", "1.1", "2.0")
OURS = ("1.0", "2.0")  # what a node of ours may be
DEFAULT = "1.0"


class Item(NamedTuple):
    """A line of the table: a property, a parameter or command, a data type, a message, an error class."""

    section: str
    kind: object = None  # of a property: what it has to be; of a parameter: its data types
    since: str = "1.0"
    must: bool = False
    readonly: bool | None = None  # of a parameter; None where both will do


class Interface(NamedTuple):
    """What an interface class wants of a module: names of accessibles and properties, beside those of its `base`."""

    section: str
    since: str = "1.0"
    base: str | None = None
    parameters: tuple = ()
    commands: tuple = ()
    properties: tuple = ()


# ---- who it is

# by version: the whole answer of a node of ours, and how that of any node has to look
IDENTIFICATIONS = {
    "1.0": "ISSE,SECoP,V2019-09-16,v1.0",
    "2.0": "ISSE,SECoP,,v2.0",
}
IDENTIFICATION = "messages/identification.rst"

# ---- properties (what they have to be: see `fits`)

_P = "descriptive.rst"
NODE = {
    "equipment_id": Item(_P, "text", must=True),
    "description": Item(_P, "text", must=True),
    "modules": Item(_P, "object", must=True),
    "firmware": Item(_P, "string"),
    "implementor": Item(_P, "string"),
    "timeout": Item(_P, "positive"),
    "systems": Item("systems.rst", "object", "2.0"),
    "schemata": Item("schemata.rst", "strings", "2.0"),
}
MODULE = {
    "accessibles": Item(_P, "object", must=True),
    "description": Item(_P, "text", must=True),
    "interface_classes": Item(_P, "strings", must=True),
    "features": Item(_P, "strings", "1.1"),
    "implementation": Item(_P, "string", "1.1"),
    "implementor": Item(_P, "string"),
    "visibility": Item(_P, "visibility"),
    "group": Item(_P, "string"),
    "meaning": Item(_P, "meaning"),
    "acquisition_channels": Item(_P, "object", "2.0"),
}
_ACCESSIBLE = {
    "description": Item(_P, "text", must=True),
    "datainfo": Item(_P, "object", must=True),
    "visibility": Item(_P, "visibility"),
    "group": Item(_P, "string"),
    "meaning": Item(_P, "meaning", "2.0"),
    "checkable": Item(_P, "bool", "2.0"),
}
PARAMETER = _ACCESSIBLE | {"readonly": Item(_P, "bool", must=True), "constant": Item(_P)}
COMMAND = _ACCESSIBLE
SYSTEM = {
    "description": Item("systems.rst", "text", "2.0", must=True),
    "system": Item("systems.rst", "text", "2.0", must=True),
    "modules": Item("systems.rst", "object", "2.0", must=True),
}

# what older and newer nodes say for the same: (2.0, 2.0 of a readonly parameter) by what it is before
VISIBILITIES = {"user": ("www", "rrr"), "advanced": ("ww-", "rr-"), "expert": ("w--", "r--")}
ACCESS = ("www", "wwr", "ww-", "wrr", "wr-", "w--", "rrr", "rr-", "r--", "---")

MEANINGS = (
    "temperature magneticfield electricfield pressure rotation_z humidity viscosity flowrate concentration ph conductivity "
    "voltage surfacepressure stress strain shear level"
).split()
REGULATION = "_regulation"
MEANING = ("function", "importance", "belongs_to", "link", "key")

SCHEMATA = "https://raw.githubusercontent.com/SampleEnvironment/SECoP/refs/heads/master/schema/version-{}.yaml"

# ---- accessibles, in the order in which a description names them

_NUMBER = ("double", "scaled", "int")
_A = "accessibles.rst"
PARAMETERS = {
    "value": Item(_A, readonly=None),
    "status": Item(_A, ("tuple",), readonly=True),
    "target": Item(_A, readonly=False),
    "pollinterval": Item(_A, ("double",)),
    "ramp": Item(_A, _NUMBER, readonly=False),
    "setpoint": Item(_A, readonly=True),
    "time_to_target": Item(_A, _NUMBER, readonly=True),
    "mode": Item(_A, ("enum",)),
    "controlled_by": Item(_A, ("enum",), "1.1", readonly=True),
    "control_active": Item(_A, ("bool",), "1.1", readonly=True),
    "offset": Item(_A, _NUMBER),
    "goal": Item(_A, since="2.0", readonly=False),
    "roi": Item(_A, ("array",), "2.0", readonly=False),
}
COMMANDS = {
    "stop": Item(_A),
    "go": Item(_A),
    "hold": Item(_A),
    "prepare": Item(_A, since="2.0"),
    "shutdown": Item(_A),
    "reset": Item(_A),
    "clear_errors": Item(_A),
    "control_off": Item(_A, since="1.1"),
    "communicate": Item(_A),
    "get_data": Item(_A, since="2.0"),
}
# what may stand behind the name of a parameter
POSTFIXES = {
    "_min": Item("schema/postfixes.yaml", "parent", "2.0"),
    "_max": Item("schema/postfixes.yaml", "parent", "2.0"),
    "_limits": Item("schema/postfixes.yaml", "pair", "2.0"),
    "_enable": Item("schema/postfixes.yaml", "switch", "2.0"),
}
CODES = {
    "DISABLED": 0, "IDLE": 100, "STANDBY": 130, "PREPARED": 150, "WARN": 200, "WARN_STANDBY": 230, "WARN_PREPARED": 250,
    "BUSY": 300, "DISABLING": 310, "INITIALIZING": 320, "PREPARING": 340, "STARTING": 360, "RAMPING": 370, "STABILIZING": 380,
    "FINALIZING": 390, "ERROR": 400, "ERROR_STANDBY": 430, "ERROR_PREPARED": 450,
}  # fmt: skip

# ---- data types, with their properties

_D = "datainfo.rst"
_TEXT, _INT, _MUST_INT, _LIMIT = Item(_D, "string"), Item(_D, "integer"), Item(_D, "integer", must=True), Item(_D, "number")
_SHOWN = {
    "unit": _TEXT, "absolute_resolution": Item(_D, "from 0"), "relative_resolution": Item(_D, "from 0"),
    "fmtstr": Item(_D, "fmtstr"),
}  # fmt: skip
DATAINFO = {
    "double": {"min": _LIMIT, "max": _LIMIT, **_SHOWN},
    "scaled": {"scale": Item(_D, "positive", must=True), "min": _MUST_INT, "max": _MUST_INT, **_SHOWN},
    "int": {"min": _MUST_INT, "max": _MUST_INT, "unit": _TEXT},
    "bool": {},
    "enum": {"members": Item(_D, "object", must=True)},
    "string": {"minchars": _INT, "maxchars": _INT, "isUTF8": Item(_D, "bool")},
    "blob": {"minbytes": _INT, "maxbytes": _MUST_INT},
    "array": {"minlen": _INT, "maxlen": _MUST_INT, "members": Item(_D, "object", must=True)},
    "tuple": {"members": Item(_D, "list", must=True)},
    "struct": {"members": Item(_D, "object", must=True), "optional": Item(_D, "strings")},
    "matrix": {
        "elementtype": Item(_D, "elementtype", must=True), "names": Item(_D, "strings", must=True),
        "maxlen": Item(_D, "list", must=True), "compression": _TEXT,
    },
    "command": {"argument": Item(_D), "result": Item(_D)},
}  # fmt: skip
SINCE = {"matrix": "2.0"}  # of data types

# ---- interface classes, the more special ones later

_C = "classes.rst"
INTERFACES = {
    "Communicator": Interface(_C, commands=("communicate",)),
    "Readable": Interface(_C, parameters=("value", "status")),
    "Writable": Interface(_C, base="Readable", parameters=("target",)),
    "Drivable": Interface(_C, base="Writable", commands=("stop",)),
    "AcquisitionController": Interface(
        _C, "2.0", parameters=("status",), commands=("go",), properties=("acquisition_channels",)
    ),
    "AcquisitionChannel": Interface(_C, "2.0", base="Readable"),
    "Acquisition": Interface(_C, "2.0", base="Readable", commands=("go",)),
}
FEATURES = {"HasOffset": Interface(_C, "1.1", parameters=("offset",))}


def has(item, version):
    """Whether a version knows a line of the table."""
    return VERSIONS.index(item.since) <= VERSIONS.index(version)


def known(table, version):
    """The names that a version knows of a part of the table."""
    return [name for name, item in table.items() if has(item, version)]


# ---- what changes between the versions


def visibility(value, version, readonly=False):
    """A visibility as a version writes it. Raises ValueError where the version has no such one."""
    if version == "2.0":
        value = VISIBILITIES[value][readonly] if value in tuple(VISIBILITIES) else value
        if value not in ACCESS:
            raise ValueError(f"has to be one of {', '.join((*VISIBILITIES, *ACCESS))}")
    elif value not in tuple(VISIBILITIES):
        more = f", or with secop='2.0' one of {', '.join(ACCESS)}" if value in ACCESS else ""
        raise ValueError(f"has to be one of {', '.join(VISIBILITIES)}{more}")
    return value


def meaning(value, version):
    """A meaning of a module as a version writes it. Raises ValueError where the version can't say that."""
    if isinstance(value, (list, tuple)):
        if len(value) != 2:
            raise ValueError("has to be a function and its importance, e.g. ('temperature', 10)")
        value = {"function": value[0], "importance": value[1]}
    wrong = wrong_meaning(value)
    if wrong:
        raise ValueError(wrong)
    if version == "2.0":
        return value
    if sorted(value) != ["function", "importance"]:
        raise ValueError("says more than its function and importance: that needs secop='2.0'")
    return [value["function"], value["importance"]]


def wrong_meaning(value):
    """What is wrong with a meaning as an object, in words; None where nothing is."""
    if not isinstance(value, dict):
        return "has to be an object"
    unknown = [str(key) for key in value if key not in MEANING]
    if unknown:
        return f"has no key {', '.join(unknown)}; it has {', '.join(MEANING)}"
    if "function" not in value and "link" not in value:
        return "needs a function or a link"
    if ("function" in value) != ("importance" in value):
        return "has function and importance together, or neither"
    if "belongs_to" in value and "function" not in value:
        return "has belongs_to beside a function only"
    if "key" in value and "link" not in value:
        return "has a key beside a link only"
    importance = value.get("importance", 0)
    if isinstance(importance, bool) or not isinstance(importance, int) or not 0 <= importance <= 50:
        return "has an importance that is no whole number from 0 to 50"
    for key in value:
        if key != "importance" and (not isinstance(value[key], str) or not value[key].strip()):
            return f"has a {key} that is no text"
    return None


def is_regulation(value):
    """Whether a meaning, of whatever version, is that of something that regulates."""
    function = (
        value.get("function") if isinstance(value, dict) else value[0] if isinstance(value, (list, tuple)) and value else None
    )
    return isinstance(function, str) and function.endswith(REGULATION)


def is_predefined(value):
    """Whether the function of a meaning (as an object) is one that the specification names."""
    return "function" not in value or value["function"].removesuffix(REGULATION) in MEANINGS


def wrong_systems(systems, modules):
    """What is wrong with the systems of a node whose modules have these names: (system, text) each."""
    if not isinstance(systems, dict):
        yield "systems", "has to be an object of systems by their names"
        return
    lower = {str(name).lower() for name in modules}
    for name, system in systems.items():
        if not isinstance(system, dict):
            yield name, "has to be an object"
            continue
        if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]{0,62}", str(name)):
            yield name, "its name has to be letters, digits and underscores, at most 63 and no digit first"
        if str(name).lower() in lower:
            yield name, "a module has this name"
        for key, item in SYSTEM.items():
            if not fits(system.get(key), item.kind):
                yield name, f"{key} is missing" if key not in system else f"{key} has to be {KINDS[item.kind]}"
        members = system.get("modules")
        for role, member in members.items() if isinstance(members, dict) else ():
            if member not in tuple(modules) and (member not in tuple(systems) or member == name):
                yield name, f"{role} is {member!r}, and there is neither a module nor another system of that name"


def wrong_schemata(schemata, version):
    """What is wrong with the schemata of a node, in words; None where nothing is."""
    if not fits(schemata, "strings") or not all(re.fullmatch(r"https?://\S+\.ya?ml", url) for url in schemata):
        return "has to be a list of URLs of YAML files"
    if not any(url.endswith(f"/version-{version}.yaml") for url in schemata):
        return f"has to hold that of SECoP itself, {SCHEMATA.format(version)}"
    return None


KINDS = {  # in words
    "text": "a text that is not empty",
    "string": "a string",
    "positive": "a number above 0",
    "number": "a number",
    "from 0": "a number from 0",
    "integer": "a whole number",
    "list": "a list",
    "fmtstr": "like '%.3f'",
    "elementtype": "like '<f4'",
    "bool": "true or false",
    "object": "an object",
    "strings": "a list of strings",
}

_PATTERNS = {"fmtstr": r"%\.[1-9]?[0-9][efg]", "elementtype": "[<>][iuf][1248]"}


def fits(value, kind):
    """Whether a property's value is of a kind of the table that can be told by itself."""
    if kind == "text":
        return isinstance(value, str) and bool(value.strip())
    if kind == "string":
        return isinstance(value, str)
    if kind in ("positive", "number", "from 0", "integer"):
        if isinstance(value, bool) or not isinstance(value, int if kind == "integer" else (int, float)):
            return False
        return kind in ("number", "integer") or value > 0 or kind == "from 0" and value == 0
    if kind == "list":
        return isinstance(value, list)
    if kind in _PATTERNS:
        return isinstance(value, str) and re.fullmatch(_PATTERNS[kind], value) is not None
    if kind == "bool":
        return isinstance(value, bool)
    if kind == "object":
        return isinstance(value, dict)
    if kind == "strings":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return True


def differences(before, after, where=()):
    """Where two descriptions differ, in words with the section: what `describe --secop` shows."""
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if isinstance(old, dict) and isinstance(new, dict) and key != "meaning":
            yield from differences(old, new, (*where, key))
        elif old != new:
            yield (*where, key), old, new
