"""Prepares .venv with what pyproject.toml asks for. Needs nothing but the standard library.

`python3 tools/build/venv.py` brings what the tools need, `... all` what tests, lint and bench need as well, `... compose` only
what a composed file needs (docs/compose.md).
"""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"


COMPOSE = ("pydantic", "tree-sitter")


def main(what_for):
    everything = what_for == "all"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = list(project["project"]["dependencies"])
    what, size = "what the tools need", "20 s, 100 MB"
    if everything:
        what, size = "what tests and linters need", "some minutes, 600 MB"
        for group in project["dependency-groups"].values():
            wanted += group
    if what_for == "compose":
        wanted = [name for name in wanted if name.startswith(COMPOSE)]
        what, size = "what a composed file needs", "10 s, 15 MB"
    print(f"getting {what} into .venv ({size}; once, and when pyproject.toml changed) ...", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
    if made.returncode:
        print("python3 can't make a virtual environment here: apt-get install python3-venv", file=sys.stderr)
        return 2
    done = subprocess.run([VENV / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted])
    if done.returncode:
        print(f"pip could not install {what}; its message is above", file=sys.stderr)
        return 2
    if what_for == "compose":
        return 0
    (VENV / "tools").touch()
    if everything:
        (VENV / "ready").touch()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "tools"))
