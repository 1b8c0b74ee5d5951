"""A node in more than one file: what it imports from its own folder, and so goes onto the board with it."""

import ast
from pathlib import Path

from .. import paths
from ..problem import Problem
from . import boards
from .shake import imported, module_name, package_name
from .source import parse, read

# what lies beside the firmware on a board
_OURS = {"board", "stamp", "frozen", "texts"}


def of_firmware():
    """The names by which the firmware's own modules and packages are imported."""
    found = {path.stem for path in paths.FIRMWARE.glob("*.py")}
    return _OURS | found | {path.name for path in paths.FIRMWARE.iterdir() if path.is_dir() and not path.name.startswith("_")}


def helpers(chosen, folder=None):
    """The files that a node or a board (the file `chosen`) imports from the folder it is in, or from `folder`.

    A dict of the path on the board -> Path. Imports count wherever they stand, also those of the files that are found; what is
    imported by a name that is put together is not seen. Raises Problem for a file that can't be read or is no Python, and
    where a name is the firmware's or MicroPython's as well.
    """
    folder = folder or chosen.parent
    found = {}
    todo = [(chosen, None)]
    while todo:
        path, name = todo.pop()
        tree = parsed(path)
        if name is None:
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.level:
                    what = node.module or node.names[0].name
                    raise Problem(f"{path}:{node.lineno}: this file is in no package: say `from {what} import ...`")
        for dotted in imported(tree, package_name(name or "")):
            for where, file in _files(folder, dotted):
                if where not in found and file != chosen:
                    _refuse_collision(file, where, path)
                    found[where] = file
                    todo.append((file, where))
    return {where: found[where] for where in sorted(found)}


def parsed(path):
    """The syntax tree of a Python file. Raises Problem where it is none."""
    try:
        return parse(read(path))
    except (SyntaxError, ValueError) as e:
        raise Problem(f"{path}:{getattr(e, 'lineno', 1)}: {getattr(e, 'msg', e)}") from None


def _files(folder, dotted):
    """Of a dotted name the files that it leads to: packages on the way, and the module."""
    parts = dotted.split(".")
    for i in range(len(parts)):
        at = Path(*parts[: i + 1])
        for path in (at / "__init__.py", at.with_suffix(".py")):
            if (folder / path).is_file():
                yield path.as_posix(), folder / path
                break
        else:
            if not (folder / at).is_dir():
                return


def _refuse_collision(file, where, importer):
    top = where.partition("/")[0].removesuffix(".py")
    ours = paths.FIRMWARE / where
    if ours.is_file() and ours.read_bytes() == file.read_bytes():
        return  # a copy of it lies there, too
    if top in of_firmware():
        raise Problem(f"{file}: {top} is a name of the firmware's own: {importer} can't import this file. Call it otherwise")
    if top in boards.modules():
        raise Problem(f"{file}: {top} is a module of MicroPython: {importer} would get that one. Call this file otherwise")


def names(where):
    """By which name each of helpers() is imported: a dict of the dotted name -> path as text."""
    return {module_name(name): str(path) for name, path in where.items()}
