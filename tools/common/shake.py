"""Firmware without what a node does not use: modules, classes, functions, methods and constants that no name leads to.

Every line stays where it was. A name counts wherever it stands, whatever it belongs to, also in a string without spaces;
and a string that ends with "_", as in getattr(module, "read_" + name), counts for all names that begin so. So more is kept
than needed, never less. What `__all__` names is kept in any case.
"""

import ast
import re

from .source import replaced

_ROOTS = ("boot", "main", "stamp", "secnode.texts")  # and nodes/*
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def shaken(contents, beside=()):
    """The same contents without what is not used, neither here nor in the sources `beside` (those of the board).

    Raises SyntaxError for a file that is no Python.
    """
    modules = {
        name[:-3].replace("/", "."): _Module(content.decode()) for name, content in contents.items() if name.endswith(".py")
    }
    packages = {name.removesuffix(".__init__"): module for name, module in modules.items()}
    around = [ast.parse(source) for source in beside]
    names = {word for tree in around for word in words(tree)}
    imported = {n.module for tree in around for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    wanted = [name for name in packages if name in _ROOTS or name in imported or name.startswith("nodes.")]
    while True:
        before = len(names), sum(module.live for module in packages.values())
        for name in wanted:
            # of a package whatever is around it, too
            parts = name.split(".")
            for i in range(len(parts)):
                module = packages.get(".".join(parts[: i + 1]))
                if module:
                    module.live = True
        wanted = []
        for module in packages.values():
            if module.live:
                wanted += module.look(names)
        if before == (len(names), sum(module.live for module in packages.values())):
            break
    result = {name: content for name, content in contents.items() if not name.endswith(".py")}
    for name, module in modules.items():
        if module.live:
            result[name.replace(".", "/") + ".py"] = module.text().encode()
    return {name: result[name] for name in contents if name in result}


class _Piece:
    """Something that may be left out. `inside` is the class of a method."""

    def __init__(self, name, node, uses, inside=None):
        self.name = name
        self.node = node
        self.uses = set(uses)
        self.inside = inside
        self.live = False


class _Module:
    def __init__(self, source):
        self.live = False
        self._source = source
        self._pieces = []
        self._imports = []  # (statement, alias, the name it binds)
        body = _Piece(None, None, ())
        body.live = True
        self._body = body
        for statement in ast.parse(source).body:
            if isinstance(statement, _FUNCTION):
                self._pieces.append(_Piece(statement.name, statement, words(statement)))
            elif isinstance(statement, ast.ClassDef):
                self._class(statement)
            elif isinstance(statement, ast.Import | ast.ImportFrom):
                for alias in statement.names:
                    self._imports.append((statement, alias, (alias.asname or alias.name).split(".")[0]))
            elif _is_constant(statement) and statement.targets[0].id != "__all__":
                self._pieces.append(_Piece(statement.targets[0].id, statement, words(statement.value)))
            elif not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Constant):
                body.uses.update(words(statement))
        self._ever = body.uses.union(*[piece.uses for piece in self._pieces])

    def _class(self, statement):
        methods = [
            s for s in statement.body if isinstance(s, _FUNCTION) and not (s.name.startswith("__") and s.name.endswith("__"))
        ]
        own = _Piece(statement.name, statement, ())
        for node in [*statement.bases, *statement.keywords, *statement.body]:
            if node not in methods and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                own.uses.update(words(node))
        self._pieces.append(own)
        self._pieces += [_Piece(method.name, method, words(method), own) for method in methods]

    def look(self, names):
        """Find what is live by the names that are; adds to them, and gives the modules that are imported."""
        names |= self._body.uses
        for piece in self._pieces:
            if not piece.live and (not piece.inside or piece.inside.live) and _is_meant(piece.name, names):
                piece.live = True
                names |= piece.uses
        found = []
        for statement, alias, bound in self._imports:
            if self._keeps(bound):
                if isinstance(statement, ast.ImportFrom):
                    found += [statement.module, f"{statement.module}.{alias.name}"]
                    names.add(alias.name)
                else:
                    found.append(alias.name)
        for piece in [self._body, *self._pieces]:
            if piece.live and piece.node:
                for node in ast.walk(piece.node):
                    if isinstance(node, ast.Import):
                        found += [alias.name for alias in node.names]
                    elif isinstance(node, ast.ImportFrom):
                        found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        return found

    def _keeps(self, bound):
        # what nothing here ever used is imported for what it does
        used = self._body.uses.union(*[piece.uses for piece in self._pieces if piece.live])
        return bound in used or bound not in self._ever

    def text(self):
        """The source without what is not live."""
        changes = []
        for piece in self._pieces:
            if not piece.live and not (piece.inside and not piece.inside.live):
                # a class needs something in it
                changes.append((piece.node, "pass" if piece.inside else ""))
        statements = dict.fromkeys(statement for statement, _, _ in self._imports)
        for statement in statements:
            kept = [alias for s, alias, bound in self._imports if s is statement and self._keeps(bound)]
            if not kept:
                changes.append((statement, "pass"))
            elif len(kept) < len(statement.names):
                statement.names = kept
                changes.append((statement, ast.unparse(statement)))
        return replaced(self._source, [(_whole(node), text) for node, text in changes])


def _whole(node):
    # a definition begins with its decorators
    if getattr(node, "decorator_list", None):
        node.lineno = node.decorator_list[0].lineno
    return node


def words(node):
    """All names in a piece of code."""
    for n in ast.walk(node):
        if isinstance(n, ast.Name):
            yield n.id
        elif isinstance(n, ast.Attribute):
            yield n.attr
        elif isinstance(n, ast.keyword) and n.arg:
            yield n.arg
        elif isinstance(n, ast.alias):
            yield from n.name.split(".")
        elif isinstance(n, ast.Constant) and isinstance(n.value, str) and " " not in n.value:
            yield from re.findall(r"\w+", n.value)


def _is_meant(name, names):
    return name in names or any(name.startswith(begin) for begin in names if begin.endswith("_") and len(begin) > 2)


def _is_constant(statement):
    """Whether a statement gives one name a value, and does nothing else."""
    return (
        isinstance(statement, ast.Assign)
        and len(statement.targets) == 1
        and isinstance(statement.targets[0], ast.Name)
        and _is_plain(statement.value)
    )


def _is_plain(node):
    if isinstance(node, ast.Call):
        return (
            isinstance(node.func, ast.Name)
            and node.func.id in ("const", "bytearray", "bytes")
            and all(map(_is_plain, node.args))
        )
    good = ast.Constant, ast.Name, ast.Load, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop, ast.Tuple, ast.List, ast.Dict
    return isinstance(node, good) and all(map(_is_plain, ast.iter_child_nodes(node)))
