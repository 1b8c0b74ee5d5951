"""Firmware without the modules that nothing on a board imports.

Whole modules alone: a definition may reach what is in a module by any name, one that is put together as well. A module that is
kept stays as it is.
"""

import ast
import functools

from .source import parse

_ROOTS = ("boot", "main", "stamp", "board", "texts")  # and whatever is no firmware
# what nobody needs where neither node nor board has such a name: board.i2c() makes outputs.py import these
_BY_NAME = {
    "buses": {"i2c", "spi", "onewire", "uart"},
    "drivers.i2c": {"i2c"},
    "drivers.onewire": {"onewire"},
    "drivers.spi": {"spi"},
    "counters": {"counter"},
    "steppers": {"stepper"},
    "inputs": {"pin_in", "counter"},
    "instruments.uart": {"uart"},
    "net.ethernet": {"WIZNET5K", "LAN", "PPP"},
}
_AT_WILL = ("__import__", "exec", "eval", "importlib")  # by which a file can import a name that nobody sees in it


def shaken(contents, own, beside=()):
    """The same contents without the modules of the firmware that are not used.

    `own` are the names of the files that are no firmware: they stay. Where one of them or one of the sources `beside` (of the
    board) may import what nobody sees in it, all modules do. Raises SyntaxError for a file that is no Python.
    """
    trees = {name: parse(content) for name, content in contents.items() if name.endswith(".py")}
    foreign = [parse(source) for source in beside] + [tree for name, tree in trees.items() if name in own]
    if any(map(_imports_at_will, foreign)):
        return dict(contents)
    files = {module_name(name): name for name in trees}
    named = set().union(*map(_names, foreign))
    for module, names in _BY_NAME.items():
        if named.isdisjoint(names):
            files.pop(module, None)
    kept = set()
    wanted = [*_ROOTS, *map(module_name, own & set(trees))]
    for tree in foreign:
        wanted += _imports(tree)
    while wanted:
        # of a package whatever is around it, too
        parts = wanted.pop().split(".")
        for i in range(len(parts)):
            name = files.get(".".join(parts[: i + 1]))
            if name and name not in kept:
                kept.add(name)
                wanted += _imports(trees[name], package_name(name))
    return {name: content for name, content in contents.items() if name in kept or name not in trees}


def module_name(path):
    """The name by which a file is imported, e.g. "net.udp" for net/udp.py and "net" for net/__init__.py."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def package_name(path):
    """What a relative import in a file is relative to: the package it is in, "" outside of one."""
    return path.rpartition("/")[0].replace("/", ".")


def imported(tree, package=""):
    """The dotted names that a piece of code may import, wherever in it, also by __import__ with a plain name.

    Of `from a import b` there are a and a.b: nobody knows here whether b is a module.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            around = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            name = ".".join([*filter(None, around), *filter(None, [node.module])])
            yield name
            yield from (f"{name}.{alias.name}" if name else alias.name for alias in node.names)
        elif plainly_imported(node):
            yield node.args[0].value


def _names(tree):
    """Attributes and texts in a piece of code: by one of them it gets at what an object has."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.ImportFrom):
            yield from (name for part in node.names for name in part.name.split("."))
            yield from (node.module or "").split(".")
        elif isinstance(node, ast.Import):
            yield from (name for part in node.names for name in part.name.split("."))


def plainly_imported(node):
    """Whether a node is a call of __import__ with a plain name."""
    return (
        isinstance(node, ast.Call)
        and getattr(node.func, "id", None) == "__import__"
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    )


_imports = functools.lru_cache(512)(lambda tree, package="": [*imported(tree, package)])


@functools.lru_cache(512)
def _imports_at_will(tree):
    known = {id(node.func) for node in ast.walk(tree) if plainly_imported(node)}
    names = {name.partition(".")[0] for name in imported(tree)}
    names.update(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in known)
    return not names.isdisjoint(_AT_WILL)
