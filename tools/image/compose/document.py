"""A TOML file, and where in it everything stands: `tomllib` says what it means, tree-sitter where that is written."""

import tomllib
from pathlib import Path
from typing import NamedTuple

from ...problem import Problem


class Place(NamedTuple):
    """A place in a file: line and column count from 1."""

    file: Path
    line: int
    column: int

    def __str__(self):
        return f"{self.file}:{self.line}:{self.column}"


class Document:
    """What a file and those that it includes say: `content`, and the places of keys and values by their path.

    A path is a tuple of keys and of indices of arrays: ("modules", "heater", "pin"). Raises Problem for what is no TOML, for a
    file that can't be read or includes itself, and for what two files both say.
    """

    def __init__(self, path, text=None):
        self.path = Path(path)
        self._text = text  # what comes in the place of the file's
        self.files = []
        self._keys = {}
        self._values = {}
        self.content = self._load(self.path, ())

    def key(self, path):
        """Where a key stands; for what is not there the table that it would be in."""
        return self._find(self._keys, tuple(path))

    def value(self, path):
        """Where a value begins."""
        return self._find(self._values, tuple(path))

    def _find(self, places, path):
        while path and path not in places:
            path = path[:-1]
        return places.get(path) or Place(self.path, 1, 1)

    def _load(self, path, above):
        if path.resolve() in above:
            raise Problem(f"{path} includes itself")
        try:
            data = path.read_bytes() if self._text is None else self._text.encode()
        except OSError as e:
            raise Problem(f"{path} can't be read: {e.strerror}") from None
        self.files.append(path)
        content = parsed(path, data)
        keys, values = _places(path, data)
        wanted = content.pop("include", [])
        wanted = [wanted] if isinstance(wanted, str) else wanted
        if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
            raise Problem(f'{values.get(("include",))}: include is a list of files: include = ["gas.toml"]')
        for name in wanted:
            other = path.parent / name
            if not other.is_file():
                raise Problem(f"{values.get(('include',))}: there is no file {other} to include")
        count = len(content.get("interlocks", ()))
        _take(self._keys, keys, 0)
        _take(self._values, values, 0)
        for name in wanted:
            inner = Document.__new__(Document)
            inner.path, inner.files, inner._keys, inner._values = path.parent / name, self.files, {}, {}
            inner._text = None
            inner.content = inner._load(inner.path, (*above, path.resolve()))
            self._merge(content, inner)
            _take(self._keys, inner._keys, count)
            _take(self._values, inner._values, count)
            count = len(content.get("interlocks", ()))
        return content

    def _merge(self, content, inner):
        for key, value in inner.content.items():
            known = content.get(key)
            if known is None:
                content[key] = value
            elif key == "interlocks" and isinstance(known, list) and isinstance(value, list):
                content[key] = known + value
            elif key in ("bus", "devices", "modules") and isinstance(known, dict) and isinstance(value, dict):
                for name in value:
                    if name in known:
                        raise Problem(f"{inner.key((key, name))}: {key}.{name} is at {self.key((key, name))}, too")
                known.update(value)
            else:
                raise Problem(f"{inner.key((key,))}: {key} is at {self.key((key,))}, too")


def parsed(path, data):
    """The content of a TOML file. Raises Problem with line and column."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = data.count(b"\n", 0, e.start) + 1
        raise Problem(f"{path}:{line}: this is not UTF-8, which TOML is") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        words = str(e)
        message, _, at = words.rpartition(" (at ")
        line, column = len(text.splitlines()) or 1, 1
        if at.startswith("line "):
            line, column = (int(word) for word in at.rstrip(")").replace(",", "").split() if word.isdigit())
        raise Problem(f"{path}:{line}:{column}: this is no TOML: {message or words}") from None


def _take(places, more, shift):
    # interlocks of an included file come after those that are there
    for path, place in more.items():
        if path[0] == "interlocks" and len(path) > 1 and shift:
            path = ("interlocks", path[1] + shift, *path[2:])
        places.setdefault(path, place)


def _places(path, data):
    import tree_sitter
    import tree_sitter_toml

    lines = data.split(b"\n")
    keys, values = {}, {}

    def place(node):
        row, column = node.start_point
        return Place(path, row + 1, len(lines[row][:column].decode("utf-8-sig", "replace")) + 1)

    def names(node):
        if node.type == "dotted_key":
            return [name for child in node.named_children for name in names(child)]
        text = node.text.decode()
        return [tomllib.loads(f"k = {text}")["k"] if text[0] in "'\"" else text]

    def note(where, key, value):
        for i in range(1, len(where) + 1):
            keys.setdefault(where[:i], place(key))
            values.setdefault(where[:i], place(value if i == len(where) else key))

    def walk(node, where):
        if node.type == "pair":
            key, value = node.named_children[0], node.named_children[-1]
            here = (*where, *names(key))
            note(here, key, value)
            walk(value, here)
        elif node.type == "array":
            for i, child in enumerate(c for c in node.named_children if c.type != "comment"):
                note((*where, i), child, child)
                walk(child, (*where, i))
        elif node.type == "inline_table":
            for child in node.named_children:
                walk(child, where)

    counts = {}
    tree = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language())).parse(data)
    for child in tree.root_node.named_children:
        if child.type == "pair":
            walk(child, ())
        elif child.type in ("table", "table_array_element"):
            head, *pairs = child.named_children
            here = ()
            for name in names(head):
                here = (*here, name)
                if here in counts and child.type == "table":
                    here = (*here, counts[here] - 1)
            if child.type == "table_array_element":
                counts[here] = counts.get(here, 0) + 1
                note(here, head, head)
                here = (*here, counts[here] - 1)
            note(here, head, head)
            for pair in pairs:
                walk(pair, here)
    return keys, values
