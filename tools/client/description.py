"""What a SEC node says about itself. Read leniently: other nodes' descriptions have gaps, and parts of the wrong kind."""

import re

from ..foreign import clean, is_number, lines

# what a specifier without an accessible means
_DEFAULTS = {"read": "value", "reply": "value", "update": "value", "change": "target", "changed": "target"}
_DEFAULTS.update(check="target", checked="target")
_NAME = re.compile(r"[^\s:]{1,100}")  # SECoP allows less; more can't be named in a request
_NUMBERS = ("min", "max", "scale", "absolute_resolution", "relative_resolution")
_COUNTS = ("minchars", "maxchars", "minbytes", "maxbytes", "minlen")
_TEXTS = {"unit": 40, "fmtstr": 20, "elementtype": 40}
_LATEST = 600  # s that a node may claim to need for an answer


class Description:
    """A structure report. Whatever is missing in it, or makes no sense, is empty here, so that nobody has to ask twice."""

    def __init__(self, report=None):
        self.report = _dict(report)
        modules = _named(self.report.get("modules"))
        self.modules = {name: {**m, "accessibles": _accessibles(m.get("accessibles"))} for name, m in modules.items()}
        self.width = max((len(f"{m}:{name}") for m, name, _ in self.all()), default=0)  # of the longest specifier

    def text(self, key):
        """A property of the node as text; "" where it has none."""
        return _text(self.report.get(key))

    def module_text(self, module, key):
        """A property of a module as text; "" where it has none."""
        return _text(self.modules.get(module, {}).get(key))

    @property
    def timeout(self):
        """In how many s the node says that it answers; 0 where it does not say."""
        timeout = self.report.get("timeout")
        return min(timeout, _LATEST) if is_number(timeout) and timeout > 0 else 0

    def interface_class(self, module):
        """The highest interface class of a module; "" where it names none."""
        classes = self.modules.get(module, {}).get("interface_classes")
        return clean(classes[0]) if isinstance(classes, list) and classes and isinstance(classes[0], str) else ""

    def accessibles(self, module):
        """The accessibles of a module: a dict of name -> properties."""
        return self.modules.get(module, {}).get("accessibles", {})

    def unit(self, module):
        """The unit of a module's value; "" where there is none."""
        info = datainfo(self.accessibles(module).get("value", {}))
        while info.get("type") == "array":
            info = info["members"]
        return info.get("unit", "")

    def all(self):
        """Each accessible as (module, name, properties)."""
        return [(m, name, a) for m in self.modules for name, a in self.accessibles(m).items()]

    def accessible(self, specifier, action=""):
        """The properties of what a specifier names in a message with that action; {} where it names nothing known."""
        module, _, name = specifier.partition(":")
        name = name.partition(":")[0] or _DEFAULTS.get(action.removeprefix("error_"), "")
        return self.accessibles(module).get(name, {})

    def datainfo(self, specifier, action=""):
        """The data type of the value in a message: a command's argument or result, depending on the action."""
        info = datainfo(self.accessible(specifier, action))
        if info.get("type") == "command":
            return _dict(info.get("result" if action == "done" else "argument"))
        return info


def datainfo(accessible):
    """The datainfo of an accessible; {} where it has none."""
    return _dict(accessible.get("datainfo"))


def sound(info):
    """A datainfo with parts of the right kind alone: what is not is left out, or empty where others rely on it."""
    if not isinstance(info, dict) or not isinstance(info.get("type"), str):
        return {}
    kind = info["type"]
    wanted = dict.fromkeys(_NUMBERS, is_number) | dict.fromkeys(_COUNTS, lambda n: type(n) is int)
    if kind != "matrix":
        wanted["maxlen"] = wanted["minlen"]
    found = {key: value for key, value in info.items() if key not in wanted or wanted[key](value)}
    if found.get("scale", 1) <= 0:
        del found["scale"]
    for key, longest in _TEXTS.items():
        if key in found:
            found[key] = clean(found[key])[:longest] if isinstance(found[key], str) else ""
    members = info.get("members")
    if kind == "enum":
        found["members"] = {name: code for name, code in _dict(members).items() if type(code) is int}
    elif kind == "array":
        found["members"] = sound(members)
    elif kind == "tuple":
        found["members"] = [sound(member) for member in members] if isinstance(members, list) else []
    elif kind == "struct":
        found["members"] = {name: sound(member) for name, member in _dict(members).items()}
    elif kind == "command":
        found.update((key, sound(info[key])) for key in ("argument", "result") if info.get(key) is not None)
    if not isinstance(found.get("optional", []), list):
        del found["optional"]
    return found


def _accessibles(found):
    return {name: {**a, "datainfo": sound(a.get("datainfo"))} for name, a in _named(found).items()}


def _named(found):
    return {name: thing for name, thing in _dict(found).items() if isinstance(thing, dict) and _NAME.fullmatch(name)}


def is_command(accessible):
    return datainfo(accessible).get("type") == "command"


def is_constant(accessible):
    return accessible.get("constant") is not None


def fits(accessible, action):
    """Whether an action is made for an accessible."""
    if action == "check":
        return accessible.get("checkable") is True
    if action == "do":
        return is_command(accessible)
    if action == "change":
        return accessible.get("readonly") is False and not is_command(accessible) and not is_constant(accessible)
    return action == "read" and not is_command(accessible) and not is_constant(accessible)


def _dict(thing):
    return thing if isinstance(thing, dict) else {}


def _text(thing):
    return lines(thing) if isinstance(thing, str) else ""
