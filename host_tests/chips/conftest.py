"""Two drivers of each chip over the same model: ours, at every level, and Adafruit's, in a venv of its own."""

import fcntl
import json
import subprocess
import sys
from pathlib import Path

import pytest

from host_tests import harness
from host_tests.properties import coded
from host_tests.properties.served import Served
from tools import paths
from tools.emulator import host

HERE = Path(__file__).parent

level = harness.level_fixture(*harness.LEVELS, "board-like")


def adafruit_python():
    """The Python of a venv with Adafruit's drivers; made once for what requirements.txt asks for."""
    wanted = HERE / "requirements.txt"
    folder = paths.build_dir() / "adafruit"
    ready = folder / "ready"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != wanted.read_text():
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder / "venv"], check=True, capture_output=True)
            python = folder / "venv" / "bin" / "python"
            subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", wanted], check=True)
            ready.write_text(wanted.read_text())
    return folder / "venv" / "bin" / "python"


class Refused(Exception):
    """The oracle's driver raised something; `kind` is the name of its class."""

    def __init__(self, kind, text):
        super().__init__(f"{kind}: {text}")
        self.kind = kind


class Oracle:
    """adafruit.py as a process."""

    def __init__(self, python):
        self._process = subprocess.Popen(
            [python, HERE / "adafruit.py", paths.BOARDS / "HOST" / "chips"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", preexec_fn=host.die_with_parent,
        )  # fmt: skip

    def ask(self, operation, *args, **kwds):
        self._process.stdin.write(json.dumps([operation, args, kwds]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the oracle ended with exit code {self._process.wait()}"
        answer = json.loads(line)
        if answer[0] == "error":
            raise Refused(*answer[1:])
        return answer[1]

    def close(self):
        self._process.stdin.close()
        self._process.wait(10)


@pytest.fixture(scope="session")
def oracle():
    try:
        python = adafruit_python()
    except subprocess.CalledProcessError:
        if harness.in_ci():
            raise
        pytest.skip("Adafruit's drivers can't be fetched here")
    found = Oracle(python)
    yield found
    found.close()


class Ours(Served):
    """ours.py as a process at a level."""

    def read(self):
        return [coded.decode(value) for value in self.ask("read")]


@pytest.fixture(scope="module")
def ours(level):
    found = Ours(level, HERE / "ours.py")
    yield found
    found.close()
