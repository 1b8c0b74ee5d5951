"""What make takes for a setting, and what reaches a build: in a copy of the checkout, with a program that tells."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from host_tests import harness
from host_tests.tools.fresh import MISLEADING

TELLS = """
import json, os, sys
from pathlib import Path
from tools.build import debian
folder = Path("probe").resolve()
folder.mkdir(exist_ok=True)
names = "PYTHON HOST PORT NODE BOARD CFLAGS VARIANT N".split()
steps = [f"\\t@echo '{n}=$({n})' >>built\\n\\t@printenv {n} >>built || true\\n" for n in names]
(folder / "Makefile").write_text("all:\\n" + "".join(steps))
debian.run(["make", "-C", folder], folder, "a probe")
print(json.dumps({"words": sys.argv[1:], "built": (folder / "built").read_text().splitlines()}))
(folder / "built").unlink()
"""


def make(folder, *words, **variables):
    """What `make` says there, as in a shell: it says other things where a make has started it, as `make test` does."""
    env = {key: value for key, value in os.environ.items() if "MAKE" not in key} | variables
    done = subprocess.run(["make", *words], cwd=folder, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def told(tmp_path):
    shutil.copy(harness.ROOT / "Makefile", tmp_path)
    shutil.copytree(harness.ROOT / "tools", tmp_path / "tools")
    (tmp_path / "tools" / "__main__.py").write_text(TELLS)
    shutil.copy(harness.ROOT / "pyproject.toml", tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    for stamp in ("tools", "ready"):  # all is prepared
        (tmp_path / ".venv" / stamp).touch()

    def run(*words, **variables):
        done = make(tmp_path, *words, **variables)
        found = json.loads(done.stdout.splitlines()[-1])
        return found["words"], found["built"]

    return run


# what a makefile finds, and after each line nothing in the environment
NOTHING = [f"{name}=" for name in "PYTHON HOST PORT NODE BOARD CFLAGS VARIANT N".split()]


@pytest.mark.parametrize("target", ["run", "describe", "flash", "monitor", "talk", "configure", "selftest", "report"])
def test_variables_of_the_environment_are_no_settings(told, target):
    plain, _ = told(target)
    words, built = told(target, **MISLEADING)
    assert words == plain
    assert built == NOTHING


def test_what_stands_on_the_command_line_is_one_and_reaches_no_build(told):
    words, built = told("run", "PYTHON=micropython", "PORT=1234", "HOST=0.0.0.0", "NODE=oven", "N=7", "BOARD=./mine", "-k")
    for option, value in (("--python", "micropython"), ("--port", "1234"), ("--host", "0.0.0.0"), ("--board", "./mine")):
        assert words[words.index(option) + 1] == value
    assert words[:2] == ["run", "oven"]
    assert built == NOTHING


def test_flash_gets_a_port_of_the_command_line_alone(told):
    words, _ = told("flash", "BOARD=RPI_PICO_W", PORT="8080")
    assert words[words.index("--port") + 1] == ""
    words, _ = told("flash", "BOARD=RPI_PICO_W", "PORT=/dev/ttyACM3")
    assert words[words.index("--port") + 1] == "/dev/ttyACM3"


def test_make_alone_lists_its_targets():
    """Each of them in a line that says what it is for; nothing is run."""
    done = make(harness.ROOT)
    listed = dict(line.split(None, 1) for line in done.stdout.splitlines())
    phony = next(line for line in (harness.ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:"))
    assert set(listed) == set(phony.split()[1:]) - {"help"}
    assert {"check", "test", "run", "flash"} <= set(listed)
    assert all(len(line) <= 120 for line in done.stdout.splitlines())
