"""A composed file as `secnode configure` changes it: what its tables say, or could, by keys as heater.output.power."""

import copy
from pathlib import Path

from ...kinds import Choice, Number, Text
from ...problem import Problem
from .. import own
from . import instruments
from .composition import Composition


class Changing:
    """The same for a composed file as own.Own is for one that begins with a node."""

    composed = True

    def __init__(self, path):
        self.path = Path(path)
        self.there = True
        self.base = self.path.name
        self._composition = Composition(self.path)
        self._composition.compose()
        self.values = {key: place.value for key, place in self._places(True).items()}
        self._first = dict(self.values)

    def places(self):
        """What can be said: what the file says, and what its drivers have defaults for."""
        return self._places(False)

    def _places(self, said):
        found = {}
        content = self._composition.content
        for key, kind in own.OF_THE_NODE.items():
            found[key] = own.Place(None, content[key], kind, own.QUESTIONS[key])
        for name, table in content["modules"].items():
            self._note(found, name, table, "module", said)
        for name, table in content.get("devices", {}).items():
            self._note(found, f"devices.{name}", table, "part", said)
        for name, table in content.get("bus", {}).items():
            for key, (kind, default) in instruments.UART.items() if name.startswith("uart") else ():
                value = table.get(key, None if said else default)
                if value is not None:
                    found[f"bus.{name}.{key}"] = own.Place(None, value, kind, key)
        return found

    def _note(self, found, where, table, use, said):
        thing = self._composition.models.things.get(table.get("driver"))
        if thing is None:
            return
        for key in self._composition.models.keys_of(thing, use).values():
            value = table.get(key.name, None if said else key.default)
            if isinstance(value, dict):
                self._note(found, f"{where}.{key.name}", value, "part", said)
            elif isinstance(key.kind, (Number, Choice, Text)) and isinstance(value, (int, float, str)):
                found[f"{where}.{key.name}"] = own.Place(None, value, key.kind, key.question or key.name)

    def value(self, key, known=None):
        """What holds: what the file says, else the driver's default."""
        return self.values.get(key, (known or self.places())[key].value)

    def complaints(self):
        """What is wrong with what it says, ((key, ...), text) each."""
        try:
            self.check()
        except Problem as e:
            yield tuple(self.values), str(e)

    def check(self):
        """Raises Problem with all that is wrong with what it says."""
        Composition(self.path, self.text()).compose()

    def build(self):
        """The file of the definition, in the build folder."""
        found = Composition(self.path, self.text())
        found.compose()
        return found.build()

    def text(self):
        """The file with what was changed; comments stay."""
        import tomlkit

        document = tomlkit.parse(self.path.read_text("utf-8"))
        for key in {*self.values, *self._first}:
            if self.values.get(key) == self._first.get(key):
                continue
            path = key.split(".")
            outside = len(path) == 1 or path[0] in ("devices", "bus") and path[0] not in document["modules"]
            table = document if outside else document["modules"]
            for part in path[:-1]:
                if part not in table:
                    raise Problem(f"{key} stands in a file that {self.path} includes: change it there")
                table = table[part]
            if key in self.values:
                table[path[-1]] = copy.copy(self.values[key])
            else:
                del table[path[-1]]
        return tomlkit.dumps(document)

    def save(self):
        """Write the file. Raises Problem where an included file says what was changed."""
        text = self.text()
        beside = self.path.with_name(self.path.name + ".new")
        try:
            beside.write_text(text, "utf-8")
            beside.replace(self.path)
        except OSError as e:
            raise Problem(f"{self.path} can't be written: {e.strerror}") from None
