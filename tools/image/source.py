"""Python source: read as a board takes it, values for it, changed in places, every line where it was, and where it is written.

Definitions are made by this: composed ones (compose/writing.py), and those that change another one's values (own.py).
"""

import ast
import functools
import hashlib
import json

from .. import paths
from ..problem import Problem


def read(path):
    """The text of a Python file, without the mark that some editors put in front (MicroPython does not take it)."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as e:
        raise Problem(f"{path} can't be read: {e.strerror}") from None
    except UnicodeDecodeError:
        raise Problem(f"{path} is not UTF-8, the only encoding that a board takes") from None


@functools.lru_cache(512)
def parse(text):
    """The syntax tree of a source (str or bytes), to look at: most files are the same from one image to the next.

    Raises SyntaxError or ValueError where it is no Python.
    """
    return ast.parse(text)


class Name(str):
    """A name in Python, which is written as it is."""

    __slots__ = ()

    def __repr__(self):
        return str(self)


def python(value):
    """Python for a value, texts as the linters have them."""
    if isinstance(value, Name):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        inner = ", ".join(map(python, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{python(key)}: {python(inner)}" for key, inner in value.items()) + "}"
    return repr(value)


def replaced(source, changes):
    """Source (str) with the pieces of some nodes replaced: [(node, text)], the text on the first line of the node."""
    lines = source.encode().splitlines(keepends=True)
    # from the end, so that the places of those before stay right
    for node, text in sorted(changes, key=lambda change: (change[0].lineno, change[0].col_offset), reverse=True):
        first, last = node.lineno - 1, node.end_lineno - 1
        tail = lines[last][node.end_col_offset :]
        lines[first] = lines[first][: node.col_offset] + text.encode() + (tail if first == last else b"\n")
        for i in range(first + 1, last + 1):
            # where brackets are open, empty lines and the rest of the last one do no harm
            lines[i] = tail if i == last else b"\n"
    return b"".join(lines).decode()


def built(text, name, salt=""):
    """Write a definition that was made, its text (str), into the build folder; gives its path, by text and `salt`."""
    data = text.encode()
    folder = paths.build_dir() / "own" / hashlib.sha256(data + salt.encode()).hexdigest()[:16]
    path = folder / (name + ".py")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != data:
            beside = path.with_suffix(".new")
            beside.write_bytes(data)
            beside.replace(path)
    except OSError as e:
        raise Problem(f"can't write into {folder}: {e.strerror}") from None
    return path
