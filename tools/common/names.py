"""Private names and arguments made short, and the same everywhere: in RAM each name costs its length and some 10 bytes.

`_pending` of one class and `_samples` of another both become `_a`, since nobody but their own class, what it is derived from
and what is derived from it says them; so does `_number` of a module. The arguments of each function become a, b, c. Every line
stays where it was, and whatever is public keeps its name, but for constants that only their module says: those have none any
more. In a traceback the line tells what the name does not.

A name stays as it is where somebody might mean it in another way: it stands in a string without spaces, is used of anything
but `self`, is imported, is given by keyword, or is what a class calls a Parameter or Command.
"""

import ast
import itertools
import re
import string

from .shake import words

_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPE = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_BY_KEYWORD = ("do_", "check_")  # a struct's members are their arguments


def shortened(contents, beside=()):
    """The same contents with short names, but for those in the sources `beside` (of the board)."""
    trees = {name: ast.parse(content) for name, content in contents.items() if name.endswith(".py")}
    everywhere = _Everywhere(trees, {word for source in beside for word in words(ast.parse(source))})
    result = dict(contents)
    for name, tree in trees.items():
        source = contents[name].decode()
        result[name] = _renamed(source, [*everywhere.private(tree, source), *_arguments(tree, everywhere)]).encode()
    return result


class _Everywhere:
    """What has to be known of all modules."""

    def __init__(self, trees, kept):
        self.kept = kept  # private names that stay
        self.keywords = set(kept)  # names of arguments that stay
        self.words = set()  # all names there are
        self._families = {}  # the name of a class -> one of its family, classes that are derived from each other
        self._attributes = {}  # of a family
        for tree in trees.values():
            for node in ast.walk(tree):
                self._look(node)
        for tree in trees.values():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    self._look_at_class(node)
        selves = {id(node) for tree in trees.values() for node, _ in _self_attributes(tree)}
        for tree in trees.values():
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and id(node) not in selves:
                    self.kept.add(node.attr)
        self._short = {}
        for family, attributes in self._attributes.items():
            self._short[family] = dict(zip(sorted(attributes - self.kept), self.free("_"), strict=False))

    def _look(self, node):
        if isinstance(node, ast.Name):
            self.words.add(node.id)
        elif isinstance(node, ast.Attribute):
            self.words.add(node.attr)
        elif isinstance(node, ast.arg):
            self.words.add(node.arg)
        elif isinstance(node, ast.keyword) and node.arg:
            self.keywords.add(node.arg)
        elif isinstance(node, ast.alias):
            self.kept.update(node.name.split("."))
        elif isinstance(node, ast.Global | ast.Nonlocal):
            self.kept.update(node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
            self.kept.update(re.findall(r"\w+", node.value))
        elif isinstance(node, ast.ClassDef):
            self._families.setdefault(node.name, node.name)
            for base in node.bases:
                name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
                self._families.setdefault(name, name)
                self._families[self._family(name)] = self._family(node.name)

    def _family(self, name):
        while self._families[name] != name:
            name = self._families[name]
        return name

    def _look_at_class(self, node):
        attributes = self._attributes.setdefault(self._family(node.name), set())
        attributes.update(
            attribute.attr for attribute, c in _self_attributes(node) if c is node and _is_private(attribute.attr)
        )
        for statement in node.body:
            if isinstance(statement, _FUNCTION) and _is_private(statement.name):
                attributes.add(statement.name)
            elif isinstance(statement, ast.Assign):
                for target in statement.targets:
                    if isinstance(target, ast.Name):
                        if isinstance(statement.value, ast.Constant) and _is_private(target.id):
                            attributes.add(target.id)
                        else:
                            self.kept.add(target.id)  # perhaps a Parameter

    def free(self, begin):
        """Names that nobody has: a, b, ... with `begin` in front."""
        for n in itertools.count(1):
            for letters in itertools.product(string.ascii_lowercase, repeat=n):
                name = begin + "".join(letters)
                if name not in self.words and name not in self.kept and name not in self.keywords:
                    yield name

    def private(self, tree, source):
        """(line, column, old name, new name) of the private names in a module."""
        lines = source.encode().splitlines()
        for node, c in _self_attributes(tree):
            new = self._short[self._family(c.name)].get(node.attr)
            if new:
                yield node.end_lineno, node.end_col_offset - len(node.attr.encode()), node.attr, new
        for c in ast.walk(tree):
            if isinstance(c, ast.ClassDef):
                short = self._short[self._family(c.name)]
                for statement in c.body:
                    if isinstance(statement, _FUNCTION) and statement.name in short:
                        yield (*_place(statement, lines), statement.name, short[statement.name])
                    elif isinstance(statement, ast.Assign):
                        for target in statement.targets:
                            if isinstance(target, ast.Name) and target.id in short:
                                yield target.lineno, target.col_offset, target.id, short[target.id]
        own = {s.name: s for s in tree.body if isinstance(s, _FUNCTION | ast.ClassDef) and _is_private(s.name)}
        for statement in tree.body:
            # what const() is given is no name at run time
            if isinstance(statement, ast.Assign) and not (isinstance(statement.value, ast.Call) and _is_const(statement.value)):
                own.update((t.id, None) for t in statement.targets if isinstance(t, ast.Name) and _is_private(t.id))
        local = {name for name in own for node in ast.walk(tree) if isinstance(node, ast.arg) and node.arg == name}
        short = dict(zip(sorted(set(own) - self.kept - local), self.free("_"), strict=False))
        short.update(self._constants(tree))
        for name, definition in own.items():
            if name in short and definition:
                yield (*_place(definition, lines), name, short[name])
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in short:
                yield node.lineno, node.col_offset, node.id, short[node.id]

    def _constants(self, tree):
        # a constant that only its own module says is compiled in, and its name forgotten, if it begins with an underscore
        for s in tree.body:
            if isinstance(s, ast.Assign) and isinstance(s.value, ast.Call) and _is_const(s.value):
                name = s.targets[0].id if isinstance(s.targets[0], ast.Name) else "_"
                if not name.startswith("_") and name not in self.kept and "_" + name not in self.words:
                    yield name, "_" + name


def _is_private(name):
    return len(name) > 2 and name.startswith("_") and not name.startswith("__")


def _is_const(call):
    return isinstance(call.func, ast.Name) and call.func.id == "const"


def _place(definition, lines):
    # of the name of a function or class
    found = re.compile(rb"(async\s+def|def|class)\s+").match(lines[definition.lineno - 1], definition.col_offset)
    return definition.lineno, found.end()


def _self_attributes(tree):
    """(node, class) of every `self.name` inside a class."""
    for c in ast.walk(tree):
        if isinstance(c, ast.ClassDef):
            for method in c.body:
                if isinstance(method, _FUNCTION) and method.args.args:
                    own = method.args.args[0].arg
                    for node in ast.walk(method):
                        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == own:
                            yield node, c


def _arguments(tree, everywhere, outer=()):
    """(line, column, old name, new name) of the arguments of all functions; `outer` are the new names around them."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, _SCOPE):
            new = _of_one(node, everywhere, outer)
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name | ast.arg):
                    old = inner.id if isinstance(inner, ast.Name) else inner.arg
                    if old in new and not _is_default(inner, node):
                        yield inner.lineno, inner.col_offset, old, new[old]
            yield from _arguments(node, everywhere, (*outer, *new.values()))
        else:
            yield from _arguments(node, everywhere, outer)


def _is_default(name, function):
    # of an argument: it belongs to what is around the function
    defaults = [*function.args.defaults, *(d for d in function.args.kw_defaults if d), *getattr(function, "decorator_list", ())]
    return any(name is node for default in defaults for node in ast.walk(default))


def _of_one(function, everywhere, outer):
    """The new names of a function's arguments, a dict."""
    if getattr(function, "name", "").startswith(_BY_KEYWORD):
        return {}
    args = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args)]
    names, stay = set(outer), {"self"} | everywhere.keywords
    body = function.body if isinstance(function.body, list) else [function.body]
    for node in (node for statement in body for node in ast.walk(statement)):
        # names that are bound in another way than by an assignment stay
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            stay.add(node.arg)
        elif isinstance(node, ast.ExceptHandler | ast.ClassDef | _FUNCTION):
            stay.add(node.name)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            stay.update(node.names)
        elif isinstance(node, ast.alias):
            stay.add(node.asname or node.name)
    renamed = [arg for arg in args if len(arg) > 1 and arg not in stay]
    names |= stay | set(args)
    letters = (letter for letter in string.ascii_lowercase if letter not in names)
    return dict(zip(renamed, letters, strict=False))


def _renamed(source, changes):
    lines = source.encode().splitlines(keepends=True)
    for line, column, old, new in sorted(set(changes), reverse=True):
        text = lines[line - 1]
        assert text[column:].startswith(old.encode()), (line, column, old)
        lines[line - 1] = text[:column] + new.encode() + text[column + len(old.encode()) :]
    return b"".join(lines).decode()
