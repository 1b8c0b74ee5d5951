"""A node of the user's own: a TOML file that says what is different from a node's definition, and the definition that follows.

    node = "example_heater"         # a node of the firmware, or a .py file beside this one
    equipment_id = "mylab_heater"
    secop = "2.0"                   # the version of SECoP that clients see

    [modules.heater]                # by its name in the definition
    name = "block"
    r25 = 5000

What can be said is what stands in the definition as a plain value: `places` finds it in the source. The definition that is made
of both is described, run and copied like any other.
"""

import ast
import itertools
import tomllib
from pathlib import Path
from typing import NamedTuple

from .. import paths, secop
from ..kinds import Number, Text
from ..problem import Problem
from . import nodes
from .declared import Sources
from .source import built, parse, python, read, replaced

_LONGEST = 500  # characters of a description


_DESCRIPTION = Text(rf"(?=.*\S)[^\x00-\x1f\x7f]{{1,{_LONGEST}}}", f"a text of 1 to {_LONGEST} characters on one line")
OF_THE_NODE = {
    "equipment_id": Text(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,62}", "1 to 63 letters, digits, _ . and -"),
    "description": _DESCRIPTION,
}
_OF_A_MODULE = {
    "name": Text("[A-Za-z_][A-Za-z0-9_]{0,62}", "1 to 63 letters, digits and _, and no digit first"),
    "description": _DESCRIPTION,
}
_TARGET = Number(-270, 2000, "°C")
_POWER = Number(0, 10000, "W")

QUESTIONS = {
    "equipment_id": "equipment_id: who this node is, unique in the world, beginning with the institute",
    "description": "description, for a person",
    "name": "name of the module",
    "target_min": "lowest target",
    "target_max": "highest target",
    "maxheaterpower": "heater power, until a client changes it",
}
NAMES = frozenset(QUESTIONS)


class Place(NamedTuple):
    """Something that can be said: where it stands in the source, what it is there, what it may be, and the question for it."""

    node: ast.AST
    value: object
    kind: object
    question: str


def places(source, folder=None):
    """What can be said of a definition: a dict of key -> Place; "equipment_id", or "heater.r25" for a module's.

    What drivers and modules have is declared where they are defined (declared.py): in the firmware, or in a file in `folder`.
    In the order in which a person is asked.
    """
    tree = parse(source)
    function = next((n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "node"), None)
    if function is None:
        return {}
    names = {}
    for statement in function.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
            names[statement.targets[0].id] = statement.value
    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    call = next((n for n in ast.walk(function) if _called(n) == "Node"), None)
    found = {}
    if call is None:
        return found
    keywords = _keywords(call)
    for key, kind in OF_THE_NODE.items():
        _note(found, key, keywords.get(key), kind)
    sources = Sources(tree, folder)
    for module in getattr(_resolved(keywords.get("modules"), names), "elts", ()):
        _note_module(found, _resolved(module, names), names, classes, sources)
    return found


def _note_module(found, module, names, classes, sources):
    keywords = _keywords(module) if isinstance(module, ast.Call) else {}
    name = _value(keywords.get("name"))
    if not isinstance(name, str):
        return
    for key, kind in _OF_A_MODULE.items():
        _note(found, f"{name}.{key}", keywords.get(key), kind)
    for part in (*_parts(module, names), module):
        declared = sources.declared(_called(part))
        given = _keywords(part)
        plain = itertools.takewhile(lambda argument: not isinstance(argument, ast.Starred), part.args)
        given.update(zip(declared.arguments, plain, strict=False))
        for key, setting in declared.settings.items():
            _note(found, f"{name}.{key}", given.get(key), setting.kind, setting.question)
    body = {}
    for statement in getattr(classes.get(_called(module)), "body", ()):
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            body[statement.targets[0].id] = statement.value
    target = _first_argument(keywords.get("target", body.get("target")))
    if _called(target) == "Double" and len(target.args) == 2 and f"{name}.maximum" in found:
        _note(found, f"{name}.target_min", target.args[0], _TARGET)
        _note(found, f"{name}.target_max", target.args[1], _TARGET)
    power = keywords.get("_maxheaterpower", body.get("_maxheaterpower"))
    high = _first_argument(power)
    if _called(high) == "Double" and len(high.args) == 2:
        most = _value(high.args[1])
        _note(found, f"{name}.maxheaterpower", _keywords(power).get("default"), _POWER._replace(high=most))


def _note(found, key, node, kind, question=None):
    value = _value(node)
    # what two modules share belongs to the first; so does a name that two parts of a module have
    if value is not None and key not in found and not any(place.node is node for place in found.values()):
        found[key] = Place(node, value, kind, question or QUESTIONS[key.rpartition(".")[2]])


def _value(node):
    """A plain text or number in the source; None where it is something else."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError):
        return None
    return value if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


def _called(node):
    return getattr(node.func, "id", None) if isinstance(node, ast.Call) else None


def _keywords(call):
    return {keyword.arg: keyword.value for keyword in call.keywords}


def _first_argument(call):
    return call.args[0] if isinstance(call, ast.Call) and call.args else None


def _resolved(node, names):
    return names.get(node.id) if isinstance(node, ast.Name) else node


def _parts(module, names):
    """The calls among a module's arguments, other modules left out."""
    for argument in [*module.args, *_keywords(module).values()]:
        part = _resolved(argument, names)
        if isinstance(part, ast.Call) and "name" not in _keywords(part):
            yield part
            yield from _parts(part, names)


class Own:
    """What the file of a user's own says: `base`, as it names it, and `values` by their keys. Empty where there is no file."""

    composed = False

    def __init__(self, path):
        self.path = Path(path)
        self.base = "example_heater"
        self.values = {}
        self.secop = None  # what it says of the version
        self.there = self.path.exists()
        if "." in self.path.stem or not self.path.stem:
            raise Problem(f"{self.path}: a node's name must not have a dot but the one of .toml")
        if self.there:
            self._read()

    def _read(self):
        try:
            content = tomllib.loads(self.path.read_text("utf-8"))
        except OSError as e:
            raise Problem(f"{self.path} can't be read: {e.strerror}") from None
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
            raise Problem(f"{self.path} is no TOML file: {e}") from None
        self.base = content.pop("node", None)
        if not isinstance(self.base, str):
            raise Problem(f'{self.path} does not say which node it begins with: node = "example_heater"')
        self.secop = content.pop("secop", None)
        modules = content.pop("modules", {})
        self.values = dict(content)
        for name, values in modules.items() if isinstance(modules, dict) else [("modules", None)]:
            if not isinstance(values, dict):
                raise Problem(f"{self.path}: {name} has to be a table, as in [modules.heater]")
            self.values.update((f"{name}.{key}", value) for key, value in values.items())

    def base_file(self):
        """The definition that it begins with. Raises Problem where there is none."""
        base = str(self.path.parent / self.base) if self.base.endswith(".py") else self.base
        if base.endswith(".toml"):
            raise Problem(f"{self.path} can't begin with {self.base}: take a node of the firmware, or a .py file")
        return nodes.file(base)

    def places(self):
        """What can be said, see `places`. Raises Problem where the definition is no Python."""
        path = self.base_file()
        try:
            return places(read(path), None if path.parent == paths.FIRMWARE / "nodes" else path.parent)
        except SyntaxError as e:
            raise Problem(f"{path}:{e.lineno}: {e.msg}") from None

    def complaints(self):
        """What is wrong with what it says, ((key, ...), text) each: the keys that it is about."""
        known = self.places()
        good = self.secop in (None, *secop.OURS)
        if not good:
            yield ("secop",), f"secop has to be one of {', '.join(map(repr, secop.OURS))}"
        for key, value in self.values.items():
            try:
                if key not in known:
                    words = (
                        "is no table here: modules are [modules.<name>]"
                        if isinstance(value, dict)
                        else (f"is nothing that {self.base} has: it has {', '.join(known)}")
                    )
                    raise ValueError(words)
                known[key].kind.parse(value)
            except ValueError as e:
                good = False
                yield (key,), f"{key} {e}"
        if good:
            yield from self._contradictions(known)

    def value(self, key, known=None):
        """What holds: what the file says, else the definition."""
        return self.values.get(key, (known or self.places())[key].value)

    def _contradictions(self, known):
        names = {}
        for module in dict.fromkeys(key.partition(".")[0] for key in known if "." in key):
            value = {key.partition(".")[2]: self.value(key, known) for key in known if key.startswith(module + ".")}
            if "name" in value:
                other = names.setdefault(value["name"].lower(), module)
                if other != module:
                    yield (f"{other}.name", f"{module}.name"), f"{module}.name is the name of {other}, too"
            steps = [key for key in ("minimum", "target_min", "target_max", "maximum") if key in value]
            for low, high in zip(steps, steps[1:], strict=False):
                if not value[low] < value[high]:
                    text = f"{module}.{low} ({value[low]:g}) has to be below {module}.{high} ({value[high]:g})"
                    yield (f"{module}.{low}", f"{module}.{high}"), text
            most = full_power(value)
            if most is not None and value.get("maxheaterpower", 0) > most * 1.001:  # 230 V at 44.1 Ω are 1200 W
                keys = ("maxheaterpower", "resistance", "supply")
                text = f"{module}.maxheaterpower ({value['maxheaterpower']:g} W) is more than this heater gives: "
                text += f"{value['supply']:g} V at {value['resistance']:g} Ω are {most:.4g} W"
                yield tuple(f"{module}.{key}" for key in keys), text

    def check(self):
        """Raises Problem with all that is wrong with what it says."""
        wrong = list(self.complaints())
        if wrong:
            places = [(self._place(keys), text) for keys, text in wrong]
            places.sort(key=lambda found: (getattr(found[0], "line", 0), getattr(found[0], "column", 0)))
            raise Problem("\n".join(f"{place}: {text}" for place, text in places))

    def _place(self, keys):
        """Where the file says the last of these that it says, as a composed one tells it; the file, where nothing can tell."""
        from . import compose

        if not self.there or not compose.is_there():
            return self.path
        from .compose.document import Document

        said = [key for key in keys if key in self.values or key == "secop"]
        if not said:
            return self.path
        name, dot, inner = said[0].partition(".")
        return Document(self.path, self.path.read_text("utf-8")).value(("modules", name, inner) if dot else (name,))

    def definition(self):
        """The Python source that follows. Raises Problem with all that is wrong."""
        self.check()
        known = self.places()
        changes = [(known[key].node, python(known[key].kind.parse(value))) for key, value in self.values.items()]
        if self.secop:
            changes.append(self._version())
        return replaced(read(self.base_file()), changes)

    def _version(self):
        """The change that makes the definition one of the version that the file says."""
        function = next((n for n in parse(read(self.base_file())).body if getattr(n, "name", "") == "node"), None)
        call = next((n for n in ast.walk(function) if _called(n) == "Node"), None) if function else None
        if call is None or not call.keywords:
            raise Problem(f"{self.path}: {self.base} has no Node(...) that secop could be given to")
        said = _keywords(call).get("secop")
        if said:
            return said, python(self.secop)
        first = call.keywords[0]
        here = ast.Constant(None, lineno=first.lineno, col_offset=first.col_offset)
        here.end_lineno, here.end_col_offset = first.lineno, first.col_offset
        return here, f"secop={python(self.secop)}, "

    def build(self):
        """The file of the definition, in the build folder."""
        return built(self.definition(), self.path.stem)

    def save(self):
        """Write the file; a user's own comments stay."""
        import tomlkit

        document = tomlkit.parse(self.path.read_text("utf-8")) if self.there else tomlkit.document()
        if not self.there:
            document.add(tomlkit.comment("Made by `secnode configure`, and yours to edit. Passwords are not among it."))
        said = (
            {"node": self.base}
            | ({"secop": self.secop} if self.secop else {})
            | {key: value for key, value in self.values.items() if "." not in key}
        )
        for key in [key for key in document if key != "modules" and key not in said]:
            del document[key]
        modules = document.get("modules", {})
        for name in list(modules):
            for key in [key for key in modules[name] if f"{name}.{key}" not in self.values]:
                del modules[name][key]
            if not modules[name]:
                del modules[name]
        for key, value in said.items():
            if document.get(key) != value:
                document[key] = value
        for key, value in self.values.items():
            name, dot, inner = key.partition(".")
            if dot:
                if "modules" not in document:
                    document["modules"] = tomlkit.table(is_super_table=True)
                if name not in document["modules"]:
                    document["modules"][name] = tomlkit.table()
                if document["modules"][name].get(inner) != value:
                    document["modules"][name][inner] = value
        text = tomlkit.dumps(document)
        beside = self.path.with_name(self.path.name + ".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(text, "utf-8")
            beside.replace(self.path)
        except OSError as e:
            raise Problem(f"{self.path} can't be written: {e.strerror}") from None
        self.there = True


def full_power(values):
    """What a heater gives at most in W, by its `supply` and `resistance`; None where they are not known."""
    if "supply" in values and "resistance" in values:
        return values["supply"] ** 2 / values["resistance"]
    return None
