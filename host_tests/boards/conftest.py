"""The definitions of the boards, and nodes that run on each with the limits that it has."""

import contextlib
import functools
import hashlib
import os
import pty
import select
import signal
import subprocess
import tempfile
import time
import tty
from pathlib import Path

import pytest

from host_tests import harness
from host_tests.boards import facts
from tools import paths
from tools.image import boards, image

BOARDS = boards.names()


class Definition:
    """board.py as attributes, with the facts of its board."""

    def __init__(self, name):
        self.facts = facts.BOARDS[name]
        source = boards.file(name).read_text().replace("from outputs import", "# ")  # which is the firmware's
        found = {}
        exec(source, found)
        self.__dict__.update({k: v for k, v in found.items() if k.isupper()})


@pytest.fixture(params=BOARDS)
def board(request):
    return Definition(request.param)


@functools.cache
def files(node, board):
    """image.files, once."""
    return image.files(node, board)


_alike = tempfile.TemporaryDirectory(prefix="secnode-")


def lay(contents, folder):
    """Write contents into a new folder; the folders in it that many nodes have alike are written once, and linked."""
    folder.mkdir()
    inside = {}
    for name, content in contents.items():
        first, _, rest = name.partition("/")
        if rest:
            inside.setdefault(first, {})[rest] = content
        else:
            (folder / name).write_bytes(content)
    for first, files in inside.items():
        digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()
        place = Path(_alike.name, digest)
        if not place.exists():
            for name, content in files.items():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_bytes(content)
        (folder / first).symlink_to(place)


class Line:
    """Whoever is at the other end of a file descriptor; lines as harness.Wire has them."""

    def __init__(self, read, write):
        self._read, self._write = read, write
        self._rest = b""

    def ask(self, line, timeout=60):
        os.write(self._write, line.encode() + b"\n")
        return self.line(timeout)

    def line(self, timeout=60):
        deadline = time.monotonic() + timeout
        while b"\n" not in self._rest:
            assert select.select([self._read], [], [], max(deadline - time.monotonic(), 0))[0], f"no answer, {self._rest!r}"
            data = os.read(self._read, 4096)
            assert data, self._rest
            self._rest += data
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode().rstrip("\r")

    def type(self, data):
        os.write(self._write, data)


class Powered:
    """A node running on a board; `console`, `uart` are Lines."""

    def __init__(self, level, node, board, settings="{}", contents=None, **environment):
        self._own = tempfile.TemporaryDirectory(prefix="secnode-")
        folder = Path(self._own.name) / "image"
        contents, simulated, cross = contents or files(node, board), paths.BOARDS / "HOST", harness.beside(level)
        if cross:  # compiled once
            contents, simulated = image.compiled(contents, cross), image.simulation(cross).parent
        lay(contents, folder)
        (folder / "settings.json").write_text(settings)
        self.port = harness.free_port()
        ours, theirs = pty.openpty()
        tty.setraw(ours)
        tty.setraw(theirs)
        os.set_blocking(theirs, False)
        script = str(Path(__file__).with_name("powered.py"))
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen(
            [harness.interpreter(level), script, str(folder), str(simulated), str(paths.SHIMS)],
            env={**os.environ, "SECNODE_PORT": str(self.port), "SECNODE_UART": str(theirs), **environment},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, pass_fds=[theirs],
        )  # fmt: skip
        os.close(theirs)
        self._pty = ours
        self.console = Line(self.process.stdout.fileno(), self.process.stdin.fileno())
        self.uart = Line(ours, ours)

    @property
    def log(self):
        return harness.printed(self._log)

    def stop(self):
        """As somebody who wants the REPL: Ctrl-C, then Enter. Gives all it printed to its console."""
        said = b""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            deadline = time.monotonic() + 60
            with contextlib.suppress(OSError):
                while b"outputs are low" not in said and time.monotonic() < deadline:
                    if select.select([self.process.stdout], [], [], 0.1)[0]:
                        data = os.read(self.process.stdout.fileno(), 4096)
                        if not data:
                            break
                        said += data
                self.console.type(b"\r")
        try:
            said += self.process.communicate(timeout=60)[0]
        finally:
            self.process.kill()
            os.close(self._pty)
        return said.decode(errors="replace")


@pytest.fixture
def power_on(level):
    running = []

    def start(node, board, **kwds):
        running.append(Powered(level, node, board, **kwds))
        return running[-1]

    yield start
    for powered in running:
        if powered.process.poll() is None:
            powered.stop()
