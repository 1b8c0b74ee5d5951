"""Where the parts of the project are: in a checkout, or inside the installed package."""

import os
import re
from pathlib import Path

_TOOLS = Path(__file__).resolve().parent
CHECKOUT = (_TOOLS.parent / "firmware" / "main.py").exists()

ROOT = _TOOLS.parent if CHECKOUT else _TOOLS
FIRMWARE = ROOT / "firmware"
BOARDS = ROOT / "boards"
SHIMS = ROOT / "host_tests" / "shims"


def build_dir():
    """Where results are kept: build/ of the checkout, or the user's cache."""
    if CHECKOUT:
        return ROOT / "build"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "secnode"


def version():
    """The firmware's version."""
    return re.search(r'VERSION = "(.*)"', (FIRMWARE / "secnode" / "__init__.py").read_text("utf-8"))[1]
