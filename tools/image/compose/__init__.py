"""A node composed in a TOML file: read, judged, and written as the Python definition that it stands for.

What judges and finds positions are packages of PyPI (pydantic, tree-sitter): they are imported where a composed file is read.
"""

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from ... import paths
from ...problem import Problem

_NEEDS = ("pydantic", "tree_sitter", "tree_sitter_toml")


def is_composed(path):
    """Whether a TOML file describes a node by itself, instead of saying what is different in another one (own.py)."""
    try:
        text = Path(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return False
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return re.search(r"^\s*node\s*=", text, re.MULTILINE) is None
    modules = content.get("modules")
    tables = modules.values() if isinstance(modules, dict) else ()
    says = {"board", "bus", "interlocks", "include"} & set(content) or any("driver" in t for t in tables if isinstance(t, dict))
    return "node" not in content and bool(says)


_known = {}  # (path, contents) -> Composition


def load(path):
    """The Composition of a file. Raises Problem with all that is wrong with it."""
    need()
    from .composition import Composition

    found = Composition(Path(path))
    key = found.digest
    if key not in _known:
        found.compose()
        _known[key] = found
    return _known[key]


def is_there():
    """Whether the packages are there."""
    return not _missing()


def _missing():
    return [name for name in _NEEDS if importlib.util.find_spec(name) is None]


def need():
    """See that the packages are there: else get the small part of .venv, and go on there."""
    missing = _missing()
    if not missing:
        return
    if not paths.CHECKOUT:
        raise Problem(f"a composed file needs the Python package {missing[0]}: install secnode anew, by pip")
    import os

    python = paths.ROOT / ".venv/bin/python"
    test = "import " + ", ".join(_NEEDS)
    if not python.exists() or subprocess.run([python, "-c", test], capture_output=True).returncode:
        done = subprocess.run([sys.executable, str(paths.ROOT / "tools/build/venv.py"), "compose"])
        if done.returncode:
            raise Problem("a composed file needs what could not be installed; pip's message is above")
    os.execv(python, [str(python), *sys.orig_argv[1:]])
