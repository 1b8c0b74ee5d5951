"""Prepares .venv with what pyproject.toml asks for: `python3 tools/common/venv.py`. Needs nothing but the standard library."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"


def main():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = list(project["project"]["dependencies"])
    for group in project["dependency-groups"].values():
        wanted += group
    print("preparing .venv (once, and when pyproject.toml changed) ...", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
    if made.returncode:
        print("python3 can't make a virtual environment here: apt-get install python3-venv", file=sys.stderr)
        return 2
    done = subprocess.run([VENV / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted])
    if done.returncode:
        print("pip could not install what the tests need; what it said stands above", file=sys.stderr)
        return 2
    (VENV / "ready").touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
