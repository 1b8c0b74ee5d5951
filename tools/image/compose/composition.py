"""A composed file as a whole: its mistakes with their places, its Python source, and the places of the source's lines."""

import copy
import hashlib
import re

import pydantic

from ...problem import Problem
from .. import boards
from ..source import built
from . import catalogue, model, writing
from .document import Document, Place
from .wrong import dotted, nearest, words


class Composition:
    """Of a file at `path`: `board_given`, the board as boards.load() takes it, `source`, and for each of its lines `paths`."""

    def __init__(self, path, text=None):
        self.path = path
        if "." in path.stem or not path.stem:
            raise Problem(f"{path}: a node's name must not have a dot but the one of .toml")
        self.document = Document(path, text)
        seen = hashlib.sha256(str(path).encode())
        beside = [file for ending in ("py", "340", "csv", "CSV") for file in sorted(path.parent.glob(f"*.{ending}"))]
        for file in (*self.document.files, *beside):
            seen.update(str(file).encode() + file.read_bytes())
        self.digest = seen.hexdigest()
        self.source = self.board_given = None
        self.paths = []

    def compose(self):
        """Judge it, and write the source. Raises Problem with all mistakes, a line each, in the order of the file."""
        mistakes = []
        own = self._own(mistakes)
        content = self.document.content
        models = _models(tuple(sorted(own.items())))
        plain = self._plain(content)
        told = {place for place, _ in mistakes}
        try:
            models.file.model_validate(plain)
        except pydantic.ValidationError as e:
            for error in e.errors(include_url=False):
                path, text, of_key = words(error, plain, models)
                place = self.document.key(path) if of_key else self.document.value(path)
                if place not in told:
                    mistakes.append((place, text))
        board = self._board(content, mistakes)
        if not mistakes:
            writer = writing.Writer(content, models, board, self.path)
            source, places = writer.source()
            for path, text in writer.wrong:
                mistakes.append((self._place(path), text))
        if mistakes:
            mistakes.sort(key=lambda m: (str(m[0].file) != str(self.path), str(m[0].file), m[0].line, m[0].column))
            raise Problem("\n".join(dict.fromkeys(f"{place}: {text}" for place, text in mistakes)))
        self.source = source
        self.board_given = board["given"]
        self.paths = places
        self.content = content
        self.models = models

    def _place(self, path):
        # a column within a text is the last part of a condition's path
        if len(path) > 3 and path[2] == "when" and isinstance(path[3], int):
            place = self.document.value(path[:3])
            return Place(place.file, place.line, place.column + 1 + path[3])
        if path in self.document._values and path[-1] in ("driver",):
            return self.document.value(path)
        return self.document.value(path) if len(path) > 2 else self.document.key(path)

    def _plain(self, content):
        # custom properties may be anything
        plain = {key: value for key, value in copy.deepcopy(content).items() if not key.startswith("_")}
        tables = plain.get("modules")
        for table in tables.values() if isinstance(tables, dict) else ():
            if isinstance(table, dict):
                inner = table.get("parameters")
                more = [one for one in inner.values() if isinstance(one, dict)] if isinstance(inner, dict) else []
                for said in (table, *more):
                    for key in [key for key in said if key.startswith("_")]:
                        del said[key]
        return plain

    def _own(self, mistakes=None):
        """The user's own drivers that the file names: {"module:Class": Thing}; complains of those that are none."""
        found = {}

        def look(value, path):
            if isinstance(value, dict):
                for key, inner in value.items():
                    if key == "driver" and isinstance(inner, str) and ":" in inner and inner not in found:
                        try:
                            found[inner] = catalogue.own(inner, self.path.parent)
                        except ValueError as e:
                            if mistakes is not None:
                                mistakes.append((self.document.value((*path, key)), f"{inner} {e}"))
                    else:
                        look(inner, (*path, key))
            elif isinstance(value, list):
                for i, inner in enumerate(value):
                    look(inner, (*path, i))

        for room in ("devices", "modules"):
            look(self.document.content.get(room), (room,))
        return found

    def _board(self, content, mistakes):
        name = content.get("board")
        if not isinstance(name, str):
            return None
        try:
            given = str(self.path.parent / name) if "/" in name else name
            return boards.load(given)
        except Problem as e:
            text = f"{e}" if "/" in name else f"there is no board {name}{nearest(name, boards.names())}"
            if not nearest(name, boards.names()):
                text = str(e)
            mistakes.append((self.document.value(("board",)), text))
            return None

    def build(self):
        """The file of the definition, in the build folder."""
        return built(self.source, self.path.stem, str(self.path.parent))

    def told(self, text, file):
        """The lines that describing the definition gave, with the places of the composed file in them."""
        return "\n".join(self._told(line, file) for line in text.splitlines())

    def _told(self, line, file):
        names = "|".join(re.escape(name) for name in dict.fromkeys((str(file), _short(file))))

        def at(found):
            number = int(found[1])
            path = self.paths[number - 1] if number <= len(self.paths) else ()
            if len(path) == 2 and path[0] == "interlocks" and "it can't be" not in line:
                path = (*path, "when")  # the Interlock finds its condition wrong
                return str(self.document.value(path))
            return str(self.document.key(path) if path else self.path)

        line = re.sub(rf"(?:{names}):(\d+)", at, line).replace(": ValueError: ", ": ", 1)
        found = re.match(rf"((?:note: )?)(?:\S*\.py|{names}): module (\w+)", line)
        if found:
            path = ("modules", found[2])
            interlocks = self.content.get("interlocks", ())
            for i, interlock in enumerate(interlocks):
                if found[2] in (interlock.get("name"), "interlock" if len(interlocks) == 1 else f"interlock{i + 1}"):
                    path = ("interlocks", i)
            return f"{found[1]}{self.document.key(path)}: module {found[2]}" + line[found.end() :]
        return re.sub(rf"(?:{names})", str(self.path), line)


def _short(path):
    import os

    short = os.path.relpath(path)
    return str(path) if short.startswith("..") else short


_made = {}


def _models(own):
    key = tuple(own)
    if str(key) not in _made:
        _made[str(key)] = model.Models(catalogue.things(), own)
    return _made[str(key)]


__all__ = ["Composition", "dotted"]
