"""What the firmware says and the tools have to know too: read from its sources, where it stands once."""

import ast
import functools

from . import paths


def constant(name):
    """The value of a constant, e.g. of "settings.SIZE" or "secnode.log.NAMES". Raises KeyError where there is none."""
    module, _, own = name.rpartition(".")
    return _constants(module)[own]


@functools.cache
def _constants(module):
    found = {}
    for statement in _tree(module).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            value = statement.value
            if isinstance(value, ast.Call) and getattr(value.func, "id", None) == "const":
                value = value.args[0]
            try:
                found[statement.targets[0].id] = ast.literal_eval(value)
            except (ValueError, TypeError):
                continue  # made of others: ask for these
    return found


def lengths(module, section, key):
    """(least, most) bytes of a text in settings.json, as a module's settings.text(section, key, default, least, most) has them.

    Raises KeyError where it reads none.
    """
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", None) == "text" and len(node.args) == 5:
            values = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
            if values[:2] == [section, key]:
                return tuple(values[3:])
    raise KeyError(f"{module} reads no text {section}.{key}")


@functools.cache
def _tree(module):
    return ast.parse((paths.FIRMWARE / (module.replace(".", "/") + ".py")).read_text("utf-8"))
