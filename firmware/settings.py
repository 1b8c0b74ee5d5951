"""What a board keeps over a restart: settings.json, a small JSON object of objects, e.g.

    {"heater": {"_p": 8.0}, "wifi": {"ssid": "lab"}}

Whatever happens at whatever moment, the next start finds the old values or the new ones: they are written to settings.new,
which then takes the place of settings.json. A file that can't be used is put aside as settings.bad, and defaults hold.

Flash wears. It is written QUIET_MS after the last change, after EVERY_MS at the latest where changes keep coming, and
never more often than once in EVERY_MS. On littlefs (RP2, ESP32) a save erases 0.3 to 1.3 sectors, which take turns: a value
that changes every second, day and night, wears out flash of 100,000 erasures in more than ten years (docs/settings.md).
A save stops everything else for as long as flash takes: some tens of ms. So it waits until serial lines are quiet, for
LATEST_MS after the first change at most.

One kind of change can't wait: what keeps a heater from being resumed (modules/resuming.py). Such a save comes at once, and the
next one of the other kind so much later: on the average it stays one in EVERY_MS.
"""

import os

from micropython import const
from secnode import errors, log, pace
from secnode.jsonvalue import parse
from secnode.number import dumps

SIZE = const(4096)  # bytes: what is larger is neither read nor written
QUIET_MS = const(10000)
EVERY_MS = const(60000)
LATEST_MS = const(300000)
_LOOK_MS = const(20)
RESUME = "resume"  # in a heater's section: the target that is resumed
_DEPTH = const(8)  # of a value; the file adds two, and jsonvalue.py reads ten
_BEYOND = const(3.4e38)
_NO_MEMORY = const(1)
_NO_FLASH = const(2)
_DAMAGED = const("damaged")  # a section of its own: this file is what was left after another one could not be used
_ENOENT = const(2)
_EEXIST = const(17)


class Settings:
    """The settings in the file `path`, as they were at the last save that was completed."""

    lines = None  # who must not be stopped while something comes in: an object with is_quiet() and cut()
    resuming = ()  # modules.resuming.Resuming of each heater that may be resumed
    _damaged = False  # whether there was a file that could not be read, and none since that somebody wrote

    def __init__(self, path="settings.json"):
        self._path = path
        base = path[:-5] if path.endswith(".json") else path
        self._new = base + ".new"
        self._bad = base + ".bad"
        self._put_off = False
        self._changed = self._unusable = False
        self._failed = 0
        self._looked = pace.ticks_ms()
        # ms since the last change, since the first one that is not saved, and until flash may be written again; not
        # moments, since ticks come round after days
        self._quiet = self._waiting = self._rest = 0
        sections = self._find()
        # settings.bad alone, or with what this firmware saved after it: nobody knows what it said. A file that somebody
        # wrote is good
        if (sections is None or sections.pop(_DAMAGED, None) is not None) and _try(os.stat, self._bad):
            self._damaged = True
        self.sections = sections or {}  # all of them, not to be modified from outside

    def get(self, section, name, default=None):
        """A value, or `default` where there is none. Lists and dicts are not to be modified."""
        return self.sections.get(section, {}).get(name, default)

    def section(self, name):
        """All values of a section, a dict that is not to be modified."""
        return self.sections.get(name, {})

    def lost(self, section):
        """Whether a file that could not be used had a section, and the present one has none of that name.

        True where it named it or was too long to be read to its end, "read" where it may have had it, else False.
        """
        if section in self.sections:
            return False
        for path in (self._path, self._bad) if self._unusable else (self._bad,):
            try:
                with open(path, "rb") as f:
                    data = f.read(SIZE + 1)
            except OSError:
                continue
            if len(data) > SIZE or ('"%s"' % section).encode() in data:
                return True
        return "read" if self._damaged else False

    def text(self, section, name, default, least, most):
        """A text of `least` to `most` bytes; `default` where there is none, or one that does not fit, which the log tells."""
        value = self.get(section, name)
        if value is not None and not (isinstance(value, str) and least <= len(value.encode()) <= most):
            # not the value: it may be a secret
            log.error("", "settings: %s.%s has to be a text of %d to %d bytes; it is ignored", section, name, least, most)
            value = None
        return default if value is None else value

    def set(self, section, name, value):
        """Remember a value that JSON has a form for; None forgets it. Raises ValueError for any other."""
        if not isinstance(section, str) or not isinstance(name, str):
            raise ValueError("settings have names")
        value = _plain(value)
        values = self.sections.get(section)
        old = values.get(name) if values else None
        if type(old) is type(value) and old == value:
            return
        if values is None:
            values = self.sections[section] = {}
        if value is None:
            values.pop(name, None)
            if not values:
                del self.sections[section]
        else:
            values[name] = value
        # the time since the last look is not of this change
        now = pace.ticks_ms()
        passed = pace.ticks_diff(now, pace.recent(self._looked, now))
        self._quiet = -passed
        if not self._changed:
            self._changed = True
            self._waiting = -passed

    async def run(self):
        """A task that saves what changed when it is time."""
        while True:
            await pace.sleep_ms(_LOOK_MS if self._put_off else 1000)
            self.save_if_due()

    def save_if_due(self):
        """Save what changed if it is time and nothing comes in. To be called about once a second; gives whether it was."""
        now = pace.ticks_ms()
        passed = pace.ticks_diff(now, pace.recent(self._looked, now))
        self._looked = now
        self._rest = max(self._rest - passed, 0)
        if not self._changed:
            return False
        self._quiet += passed
        self._waiting += passed
        if any([r.owed for r in self.resuming]):
            return self.save_now(True)
        if self._rest or (self._quiet < QUIET_MS and self._waiting < EVERY_MS):
            return False
        # serial lines are waited for, but not for ever: who never stops talking must not keep others' values from flash
        self._put_off = self.lines is not None and self._waiting < LATEST_MS and not self.lines.is_quiet()
        return not self._put_off and self.save_now()

    def save_now(self, urgent=False):
        """Save what changed, however short ago that was: for a clean end. Gives whether flash was written.

        `urgent` is for what `resuming` owes. Within the minute after another save it marks those heaters as not to be resumed,
        and their targets follow when it is time.
        """
        if not self._changed or (urgent and self._failed == _NO_FLASH and self._rest):
            return False
        without = [r for r in self.resuming if r.owed and urgent and self._rest]
        try:
            written = self._save([r.name for r in without])
        except Exception as e:
            # tried again when it is time, at once where there was no memory for it; told once
            if not self._failed:
                log.error("", "%s can't be saved: %s", self._path, e)
            self._failed = _NO_MEMORY if isinstance(e, MemoryError) else _NO_FLASH
            if self._failed == _NO_FLASH:
                self._rest = max(self._rest, EVERY_MS)
            return False
        finally:
            if self.lines:
                self.lines.cut()
        if written:
            self._rest += EVERY_MS
        self._changed = False
        self._failed = 0
        for r in self.resuming:
            r.flash = None if r in without else self.get(r.name, RESUME)
            r.owed = False
            if r.flash != self.get(r.name, RESUME):
                self._changed = True
        return written

    def _save(self, without):
        pieces = []
        for section, values in self.sections.items():
            if section in without:
                values = {name: value for name, value in values.items() if name != RESUME}
            piece = dumps(section) + ": " + dumps(values)
            pieces.append(((",\n" if pieces else "{\n") + piece).encode())
        if self._damaged:
            pieces.append(b',\n"damaged": {}' if pieces else b'{\n"damaged": {}')
        pieces.append(b"\n}\n" if pieces else b"{}\n")
        size = sum([len(piece) for piece in pieces])
        if size > SIZE:
            raise ValueError("%d bytes, and there is room for %d" % (size, SIZE))
        if self._is_saved(pieces):
            return False
        with open(self._new, "wb") as f:
            for piece in pieces:
                f.write(piece)
            f.flush()
            # PCs know how to wait for one file
            if hasattr(os, "fsync"):
                os.fsync(f.fileno())
        if hasattr(os, "sync") and not hasattr(os, "fsync"):
            os.sync()
        _replace(self._new, self._path)
        return True

    def _is_saved(self, pieces):
        """Whether the file holds just this: changed there and back is not changed."""
        try:
            with open(self._path, "rb") as f:
                for piece in pieces:
                    if f.read(len(piece)) != piece:
                        return False
                return not f.read(1)
        except OSError:
            return False

    def _find(self):
        """At start: the values, wherever the last save ended."""
        why = None
        try:
            sections = _read(self._path)
        except (ValueError, OSError) as e:
            why = e
            sections = None
        if sections is not None:
            # what a save that was cut off has left
            _try(os.remove, self._new)
            return sections
        aside = why and _try(_replace, self._path, self._bad)
        self._unusable = bool(why and not aside)
        # where a file can't be replaced in one step, the old one is gone for a moment, and the new one is complete
        try:
            sections = _read(self._new)
        except (ValueError, OSError):
            _try(os.remove, self._new)
        if sections is not None:
            _try(_replace, self._new, self._path)
        if why:
            self._damaged = True
            log.error(
                "", "%s can't be used (%s): %s; %s", self._path, why,
                "put aside as " + self._bad if aside else "it can't even be renamed",
                "defaults hold" if sections is None else "those of %s hold" % self._new,
            )  # fmt: skip
        return sections


def _plain(value, depth=0):
    """A copy of what JSON has a form for, tuples as lists. Raises ValueError where it has none."""
    if depth > _DEPTH:
        raise ValueError("nested deeper than %d levels" % _DEPTH)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if not -_BEYOND <= value <= _BEYOND:
            raise ValueError("no finite number")
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(v, depth + 1) for v in value]
    if isinstance(value, dict):
        if not all([isinstance(key, str) for key in value]):
            raise ValueError("keys have to be strings")
        return {key: _plain(v, depth + 1) for key, v in value.items()}
    raise ValueError("%s has no form in JSON" % type(value).__name__)


def _read(path):
    """The sections in a file, None where there is none. Raises ValueError or OSError where it can't be used."""
    try:
        size = os.stat(path)[6]
        with open(path, "rb") as f:
            data = f.read(min(size, SIZE) + 1)
    except OSError as e:
        if e.args[0] == _ENOENT:
            return None
        raise
    if len(data) > SIZE:
        raise ValueError("it is larger than %d bytes" % SIZE)
    try:
        sections = parse(memoryview(data), 0, len(data))
    except errors.BadJSON as e:
        raise ValueError(e.text)
    if not isinstance(sections, dict):
        raise ValueError("it is no object")
    for name, values in sections.items():
        if not isinstance(values, dict):
            raise ValueError("%s is no object" % dumps(name))
        _plain(values, -1)
    return sections


def _replace(path, other):
    """Rename `path` to `other`, which may be there."""
    try:
        os.rename(path, other)
    except OSError as e:
        if e.args[0] != _EEXIST:
            raise
        os.remove(other)
        os.rename(path, other)


def _try(action, *paths):
    """Whether it worked."""
    try:
        action(*paths)
        return True
    except OSError:
        return False
