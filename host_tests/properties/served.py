"""A driver script of the tests as a process at a level: one question, one answer, thousands of times."""

import json
import os
import subprocess
import sys

import pytest

from host_tests import covered, harness
from host_tests.properties import coded
from tools import paths
from tools.emulator import host

_HEAP = 2048  # KiB: questions and answers are longer than a node's
_SMALLEST = 2.0**-126


class Refused(Exception):
    """The driver answered with an exception; `kind` is the name of its class."""

    def __init__(self, kind, text):
        super().__init__(f"{kind}: {text}")
        self.kind = kind
        self.text = text


def _readable(value):
    """With 0 for what no single-precision float holds in full: `json` of MicroPython 1.26 reads 9e-149 as NaN.

    The firmware reads a client's numbers itself.
    """
    if isinstance(value, float):
        return value if abs(value) >= _SMALLEST else 0.0
    return [_readable(v) for v in value] if isinstance(value, (list, tuple)) else value


class Served:
    """`script` (a path) running at `level`."""

    def __init__(self, level, script):
        command = [harness.interpreter(level, _HEAP), str(script), str(paths.FIRMWARE)]
        if level == "cpython":
            command = [sys.executable, "-B", "-u", *covered.words(), *command[1:], str(paths.SHIMS)]
        self._command = harness.with_bytecode(command)
        self._start()

    def _start(self):
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", preexec_fn=host.die_with_parent,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip

    def ask(self, operation, *args):
        """The result of an operation of the script; raises Refused where it raised."""
        if self._process.poll() is not None:
            self._start()  # an earlier test ended it, and told so
        self._process.stdin.write(json.dumps([operation, *_readable(args)]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the driver ended with exit code {self._process.wait()} on {[operation, *args]}"
        answer = json.loads(line)
        if answer[0] == "error":
            raise Refused(*answer[1:])
        return answer[1]

    def parse(self, text):
        """The value of JSON text (str or bytes)."""
        return coded.decode(self.ask("parse", coded.to_hex(text)))

    def close(self):
        self._process.stdin.close()
        self._process.wait(10)


def fixture(script, scope="module"):
    """A fixture that gives `script` (a path), running at the test's level."""

    @pytest.fixture(scope=scope)
    def served(level):
        served = Served(level, script)
        yield served
        served.close()

    return served
