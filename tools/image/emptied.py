"""Python sources with their descriptions emptied, which a board never shows (they are in description.json) and has to hold.

Only what is given to Node, to a module, to Parameter or to Command: what a call means is looked up in all the sources, and
where that leaves a doubt the call stays as it is. Nothing else of a file changes, and every line stays where it was.
"""

import ast
import functools

from .shake import imported, module_name, package_name
from .source import parse, replaced

_ROOTS = ("secnode.module.Module", "secnode.module.Parameter", "secnode.module.Command", "secnode.node.Node")
# the places where these take it without a name
_PLACES = {"secnode.module.Parameter": 1, "secnode.module.Command": 2, "secnode.limits.Limit": 0, "secnode.limits.Enable": 0}
_DEEPEST = 20  # names that stand for names, and classes above a class


def emptied(sources):
    """The same sources, a dict of path -> text, with their descriptions emptied."""
    program = _Program(sources)
    return {name: program.emptied(name) if name in program.files else text for name, text in sources.items()}


class _Program:
    """All the sources."""

    def __init__(self, sources):
        self._sources = sources
        self.files = {name: _file(name, text) for name, text in sources.items() if name.endswith(".py")}
        self._by_module = {file.module: file for file in self.files.values()}

    def emptied(self, name):
        file = self.files[name]
        found = []
        for call in file.calls:
            meant = self._meant(file.dotted(call.func))
            if meant and self._takes_descriptions(meant):
                found += [keyword.value for keyword in call.keywords if keyword.arg == "description"]
                place = _PLACES.get(meant)
                if place is not None and not any(isinstance(arg, ast.Starred) for arg in call.args):
                    found += call.args[place : place + 1]
        found = [node for node in found if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        return replaced(self._sources[name], [(node, '""') for node in found])

    def _place(self, dotted):
        """The file that a dotted name leads into, and the rest of the name there."""
        parts = dotted.split(".")
        for i in range(len(parts), 0, -1):
            file = self._by_module.get(".".join(parts[:i]))
            if file:
                return file, parts[i:]
        return None, parts

    def _meant(self, dotted):
        """The dotted name of the class that a dotted name stands for, None where nobody can tell."""
        for _ in range(_DEEPEST):
            file, rest = self._place(dotted) if dotted else (None, ())
            if not file or len(rest) != 1:
                return None
            if rest[0] in file.classes:
                return dotted
            dotted = file.dotted(ast.Name(rest[0]))
        return None

    def _takes_descriptions(self, meant, depth=_DEEPEST):
        """Whether a class is Node, Parameter, Command, a module or derived from one, and only hands a description on."""
        if meant in _ROOTS:
            return True
        file, (name,) = self._place(meant)
        definition = file.classes[name]
        is_ours = file.module.startswith("secnode.")
        if not depth or definition.keywords or definition.decorator_list or not (is_ours or _hands_on(definition)):
            return False
        bases = [self._meant(file.dotted(base)) for base in definition.bases]
        good = [base is not None and self._takes_descriptions(base, depth - 1) for base in bases]
        # another base may take it for something else
        return any(good) and all(g or base and self._hands_on_all(base, depth - 1) for g, base in zip(good, bases, strict=True))

    def _hands_on_all(self, meant, depth):
        file, (name,) = self._place(meant)
        definition = file.classes[name]
        bases = [self._meant(file.dotted(base)) for base in definition.bases]
        return depth > 0 and _hands_on(definition) and all(base and self._hands_on_all(base, depth - 1) for base in bases)


@functools.lru_cache(2048)
def _hands_on(definition):
    """Whether a class makes nothing of a description itself: it never says the word, but to give one to somebody else."""
    for node in ast.walk(definition):
        if isinstance(node, ast.Name | ast.arg | ast.Attribute | ast.Constant):
            if "description" in [getattr(node, key, None) for key in ("id", "arg", "attr", "value")]:
                return False
    return True


class _File:
    """A source: its classes by name, and what its names stand for where that is sure."""

    def __init__(self, name, text):
        self.module = module_name(name)
        tree = parse(text)
        nodes = list(ast.walk(tree))
        self.calls = [node for node in nodes if isinstance(node, ast.Call)]
        self.classes = {s.name: s for s in tree.body if isinstance(s, ast.ClassDef)}
        self._imports = {}  # name -> what it is, dotted
        unsure = set()
        for node in nodes:
            for bound, dotted in _bound(node, package_name(name)):
                if dotted is None:
                    unsure.add(bound)
                elif self._imports.setdefault(bound, dotted) != dotted:
                    unsure.add(bound)
        unsure.update(self.classes.keys() & self._imports)
        names = [node.name for node in nodes if isinstance(node, ast.ClassDef)]
        unsure.update(name for name in names if names.count(name) > 1)
        if "*" in self._imports and not self._imports["*"].startswith("secnode."):
            unsure = self.classes.keys() | self._imports.keys()  # any of them may be another one
        for bound in unsure:
            self.classes.pop(bound, None)
            self._imports.pop(bound, None)

    def dotted(self, node):
        """What an expression stands for, as a dotted name; None where it is none, or nobody can tell."""
        rest = []
        while isinstance(node, ast.Attribute):
            rest.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        begin = f"{self.module}.{node.id}" if node.id in self.classes else self._imports.get(node.id)
        return begin and ".".join([begin, *rest])


# most files are the same from one image to the next
_file = functools.lru_cache(512)(_File)


def _bound(node, package):
    """The names that a node binds: (name, what it stands for as a dotted name, None where nobody can tell)."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            # `import a.b` binds a
            yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
    elif isinstance(node, ast.ImportFrom):
        module = next(imported(node, package))
        for alias in node.names:
            yield alias.asname or alias.name, f"{module}.{alias.name}" if module else alias.name
    elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id, None
    elif isinstance(node, ast.arg):
        yield node.arg, None
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ExceptHandler) and node.name:
        yield node.name, None
    elif isinstance(node, ast.Global | ast.Nonlocal):
        for name in node.names:
            yield name, None
