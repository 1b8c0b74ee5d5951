"""The firmware frozen into MicroPython, so that it takes flash in place of RAM: what a manifest.py freezes, and its digest."""

import contextlib
import re
import shutil
from pathlib import Path

from .. import paths
from ..image import boards
from ..problem import Problem


class _Options:
    """What an include() was given."""

    def __init__(self, given):
        self.__dict__.update(given)
        self._given = given

    def defaults(self, **defaults):
        self.__dict__.update({**defaults, **self._given})


class Manifest:
    """What a manifest.py freezes of ours: `files`, a dict of path -> bytes, `digest` of them, and `included`, those of others.

    A reader like MicroPython's own, tools/manifestfile.py, which only who builds MicroPython has.
    """

    def __init__(self, path, **options):
        self.files = {}
        self.included = []
        self._read(Path(path), options)
        found = re.search('DIGEST = "(.*)"', self.files.get("frozen.py", b"").decode())
        self.digest = found and found[1]

    def _read(self, path, options):
        def other(*_, **__):
            pass  # of MicroPython's: none of ours

        names = {"options": _Options(options), "include": self._include, "package": self._package, "module": self._module}
        names |= dict.fromkeys(
            ("require", "freeze", "freeze_as_mpy", "freeze_mpy", "metadata", "add_library", "c_module"), other
        )
        with contextlib.chdir(path.parent):
            exec(compile(path.read_text("utf-8"), path, "exec"), names)
        # what boards/manifest.py made would go at the end of this process, and some are killed
        shutil.rmtree(names.get("_made", ""), ignore_errors=True)

    def _include(self, name, **options):
        if name.startswith("$("):
            self.included.append(name)
        else:
            path = Path(name).resolve()
            self._read(path / "manifest.py" if path.is_dir() else path, options)

    def _package(self, name, files=None, base_path=".", **_):
        folder = Path(base_path, name)
        for file in files or [p.relative_to(folder).as_posix() for p in folder.rglob("*.py")]:
            self.files[f"{name}/{file}"] = (folder / file).read_bytes()

    def _module(self, name, base_path=".", **_):
        self.files[name] = Path(base_path, name).read_bytes()


def of_board(name):
    """The Manifest of a board, or of the one it is `build` as; None where there is no manifest.py.

    Raises Problem where it can't be read.
    """
    path = boards.file(name).with_name("manifest.py")
    if boards.is_path(name) and not path.is_file():
        path = paths.BOARDS / boards.load(name)["build"] / "manifest.py"
    if not path.is_file():
        return None
    try:
        return Manifest(path)
    except Exception as e:  # a user's own: whatever is wrong in it
        raise Problem(f"{path} can't be read: {type(e).__name__}: {e}") from None
