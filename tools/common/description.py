"""What a SEC node says about itself. Read leniently: other nodes' descriptions have gaps."""

# what a specifier without an accessible means
_DEFAULTS = {"read": "value", "reply": "value", "update": "value", "change": "target", "changed": "target"}
_DEFAULTS.update(check="target", checked="target")


class Description:
    """A structure report. Whatever is missing in it is empty here, so that nobody has to ask twice."""

    def __init__(self, report=None):
        self.report = _dict(report)
        self.modules = {name: m for name, m in _dict(self.report.get("modules")).items() if isinstance(m, dict)}

    def text(self, key):
        """A property of the node as text; "" where it has none."""
        return _text(self.report.get(key))

    def module_text(self, module, key):
        """A property of a module as text; "" where it has none."""
        return _text(self.modules.get(module, {}).get(key))

    def interface_class(self, module):
        """The highest interface class of a module; "" where it names none."""
        classes = self.modules.get(module, {}).get("interface_classes")
        return classes[0] if isinstance(classes, list) and classes and isinstance(classes[0], str) else ""

    def accessibles(self, module):
        """The accessibles of a module: a dict of name -> properties."""
        found = _dict(self.modules.get(module, {}).get("accessibles"))
        return {name: a for name, a in found.items() if isinstance(a, dict)}

    def unit(self, module):
        """The unit of a module's value; "" where there is none."""
        info = _dict(self.accessibles(module).get("value", {}).get("datainfo"))
        while info.get("type") == "array":
            info = _dict(info.get("members"))
        return _text(info.get("unit"))

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
    return thing if isinstance(thing, str) else ""
