"""What a driver or a module declares of its settings: lines in the docstring of its class, which cost a board nothing.

    class Beta:
        \"\"\"An NTC by the B constant of its datasheet.

            r25: 10 to 1e7 Ω; thermistor: resistance at 25 °C
            mains: 50 or 60 Hz; frequency of the mains
            frequency: 20 to 100000 Hz, whole; frequency of the PWM
        \"\"\"

        def __init__(self, r25, mains=50, frequency=100): ...

Indented, the name of an argument of __init__, what it may be, and the question that a person is asked. Defaults stand in the
signature. A class has what its bases have, too. Drivers of a user's own, beside their node, declare the same way.
"""

import ast
import re
from typing import NamedTuple

from .. import paths
from ..kinds import Choice, Number
from ..problem import Problem
from .travelling import parsed

_LINE = re.compile(r" *(\w+): +(.+?)(?:; *(.+))?")
_NUMBER = r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?"
_RANGE = re.compile(rf"({_NUMBER}) to ({_NUMBER})(?: ([^\s,]+))?(, whole)?")
_CHOICE = re.compile(rf"((?:{_NUMBER}|\"\w+\")(?: or (?:{_NUMBER}|\"\w+\"))+)(?: (\S+))?")
_DEEPEST = 10  # names that stand for names, and classes above a class


class Setting(NamedTuple):
    """What an argument may be (tools/kinds.py), its default (None where there is none), and the question for it."""

    kind: object
    default: object
    question: str


class Declared(NamedTuple):
    """A class: its arguments that may come without a name, in their order, and its settings by name."""

    arguments: tuple
    settings: dict


class Sources:
    """Finds the class that a name stands for in a node's source: in itself, in a file of `folder` (a Path), in the firmware."""

    def __init__(self, tree, folder=None):
        self._tree = tree
        self._folders = [folder, paths.FIRMWARE] if folder else [paths.FIRMWARE]

    def declared(self, name):
        """What the class declares that a name stands for; nothing where it is none, or nobody can tell.

        Raises Problem for a line that begins as a setting's and is none.
        """
        return self._declared(name, self._tree, _DEEPEST)

    def _declared(self, name, tree, depth):
        definition, tree = self._class(name, tree, depth)
        if definition is None:
            return Declared((), {})
        bases = [self._declared(base.id, tree, depth - 1) for base in definition.bases if isinstance(base, ast.Name)]
        return _of_class(definition, bases)

    def _class(self, name, tree, depth):
        """The definition of a class, and the tree that it is in; (None, None) where there is none."""
        for statement in tree.body if depth > 0 else ():
            if isinstance(statement, ast.ClassDef) and statement.name == name:
                return statement, tree
            for alias in statement.names if isinstance(statement, ast.ImportFrom) and not statement.level else ():
                if (alias.asname or alias.name) == name:
                    file = statement.module.replace(".", "/") + ".py"
                    found = [folder / file for folder in self._folders if (folder / file).is_file()]
                    return self._class(alias.name, parsed(found[0]), depth - 1) if found else (None, None)
        return None, None


def names():
    """The names of all settings that the firmware's drivers and modules have."""
    found = set()
    for path in (path for room in ("drivers", "modules") for path in (paths.FIRMWARE / room).glob("*.py")):
        for definition in parsed(path).body:
            if isinstance(definition, ast.ClassDef):
                found.update(_of_class(definition, ()).settings)
    return found


def _of_class(definition, bases):
    above = {name: setting for base in reversed(bases) for name, setting in base.settings.items()}
    order = next((base.arguments for base in bases if base.arguments), ())
    init = next((s for s in definition.body if isinstance(s, ast.FunctionDef) and s.name == "__init__"), None)
    if init is None:
        return Declared(order, above)
    given = init.args
    ordered = [arg.arg for arg in (*given.posonlyargs, *given.args)][1:]
    defaults = dict(zip(reversed(ordered), reversed(given.defaults), strict=False))
    defaults |= {arg.arg: value for arg, value in zip(given.kwonlyargs, given.kw_defaults, strict=True)}
    names = {*ordered, *(arg.arg for arg in given.kwonlyargs)}
    settings = {name: setting for name, setting in above.items() if given.kwarg or name in names}
    for line in (ast.get_docstring(definition) or "").splitlines():
        found = _LINE.fullmatch(line)
        if found and found[1] in names:
            kind = _kind(found[2])
            if kind:
                settings[found[1]] = Setting(kind, _constant(defaults.get(found[1])), found[3] or found[1])
            elif re.match(_NUMBER, found[2]):
                raise Problem(f"{definition.name}, {found[1]}: {found[2]!r} is not as `1 to 9 K` or `50 or 60 Hz`")
    return Declared(tuple(ordered) if not given.vararg else (*ordered, *order), settings)


def _kind(text):
    """What a setting may be; None where a text says something else."""
    found = _RANGE.fullmatch(text)
    if found:
        low, high = (float(number) for number in found.group(1, 2))
        return Number(low, high, found[3] or "", bool(found[4]))
    found = _CHOICE.fullmatch(text)
    return found and Choice(tuple(ast.literal_eval(value) for value in found[1].split(" or ")), found[2] or "")


def _constant(node):
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        return None
