"""Tests of a node without a board: a plugin that pytest finds where secnode is installed.

    def test_the_room(secnode_node):
        node = secnode_node("room.py")  # beside this test; the simulated board runs it, with models of its chips
        assert node.read("temperature") == pytest.approx(24, abs=2)
        node.fault("SHT4x absent")
        with pytest.raises(SECoPError, match="does not answer"):
            node.read("temperature")

`from secnode_tools.testing import SECoPError` is what a node's error becomes. A node with a mistake in its definition
fails its test, in words.
"""

import asyncio
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from ..build import micropython
from ..client import client
from ..client.client import SECoPError
from ..emulator import host
from ..image import boards, image

__all__ = ["Node", "SECoPError", "secnode_node"]

_END = 10  # s for it to end
_OBEY = 10  # s for the console to do as it is told
_LOOK = 0.05  # s between two looks
_NOT_KNOWN = "fault NAME breaks a part of the plant"  # boards/HOST/console.py


@pytest.fixture
def secnode_node(request):
    """Starts nodes: secnode_node("room.py") gives a Node, which ends with the test. Its arguments are Node's.

    A path is looked for beside the test; without .py or .toml it is the name of a node that comes with secnode.
    """
    started = []

    def start(node, **options):
        if str(node).endswith((".py", ".toml")):
            node = request.path.parent / node
        started.append(Node(node, **options))
        return started[-1]

    yield start
    for node in started:
        node.stop()


class Node:
    """A node on the simulated board, in a process of its own, and a client that is connected to it.

    `node` is a path or a name as `secnode run` takes it; `board` HOST, or the path of a folder with a board.py; with `speed`
    plant and control run this many times faster; `python` is `micropython` for MicroPython itself, built on first use. It
    begins with its defaults, and keeps what it keeps until the test ends. Raises Problem with the mistakes in its definition.
    """

    def __init__(self, node, board="HOST", speed=1, python=sys.executable):
        folder = image.build(str(node), str(board))
        self._own = tempfile.TemporaryDirectory(prefix="secnode-")
        own = Path(self._own.name)
        self._log = open(own / "log", "w+b")
        self._command = host.command(micropython.find(python), folder)
        self._files = {"settings": own / "settings.json", "reset": own / "reset", "maintenance": own / "maintenance"}
        self._options = {"speed": speed, "board": "" if board == "HOST" else boards.file(str(board)).parent}
        self._runner = asyncio.Runner()
        self._start()

    def _start(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        env = host.environment("127.0.0.1", port, **self._files, **self._options)
        self._process = subprocess.Popen(
            self._command, env=env, stdin=subprocess.PIPE, stdout=self._log, stderr=subprocess.STDOUT,
            start_new_session=True, preexec_fn=host.die_with_parent,
        )  # fmt: skip
        try:
            host.wait_for_answer(self._process, "127.0.0.1", port)
            #: HOST:PORT, for your own clients
            self.address = f"127.0.0.1:{port}"
            self._client = self._runner.run(client.connect(self.address))
            self._runner.run(self._client.describe())
        except BaseException:
            print(self.log, file=sys.stderr)
            self._process.kill()
            self._process.wait()
            raise

    @property
    def description(self):
        """The structure report, as a dict."""
        return self._runner.run(self._client.request("describe"))[2]

    @property
    def log(self):
        """What it printed so far, text. The traceback of a mistake in a driver is there."""
        self._log.flush()
        return Path(self._log.name).read_text("utf-8", "replace")

    def read(self, name):
        """The value of a parameter, read now: "temperature:value", or "temperature" alone. Raises SECoPError."""
        return self._request("read", name)

    def change(self, name, value):
        """Change a parameter: "heater:target", or "heater" alone; gives the value that it has then. Raises SECoPError."""
        return self._request("change", name, value, "target")

    def do(self, name, argument=None):
        """Carry out a command, "heater:stop"; gives its result. Raises SECoPError."""
        return self._request("do", name, argument)

    def _request(self, action, name, data=None, default="value"):
        specifier = name if ":" in name else f"{name}:{default}"
        given = () if data is None and action != "change" else (data,)
        return self._runner.run(self._client.request(action, specifier, *given))[2][0]

    def wait(self, name, condition, seconds=20):
        """Read a parameter until condition(value) holds; gives the value. An error of the node's is no value yet.

        Raises AssertionError with what it was last where it does not hold within the time.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                found = self.read(name)
                if condition(found):
                    return found
            except SECoPError as e:
                found = e
            assert time.monotonic() < deadline, f"{name} is still {found!r} after {seconds:g} s"
            time.sleep(_LOOK)

    def fault(self, words):
        """Break something, as `fault ...` at the console of `secnode run`: "SHT4x absent", "i2c0 stuck"; "none" mends all.

        Raises ValueError with what there is to break for what is not.
        """
        before = len(self.log)
        self._process.stdin.write(f"fault {words}\n".encode())
        self._process.stdin.flush()
        wanted = tuple(word + ":" for word in words.split())
        deadline = time.monotonic() + _OBEY
        while True:
            said = self.log[before:]
            if any(line.startswith(wanted) for line in said.splitlines() if wanted):
                return
            if _NOT_KNOWN in said:
                raise ValueError(f"{words!r} is nothing that can break here: {said}")
            assert time.monotonic() < deadline, f"the console did not take `fault {words}`: {said}"
            time.sleep(_LOOK)

    def restart(self):
        """End it and start it anew, as by its power switch: what it keeps is kept, and its chips are whole."""
        self._end()
        self._start()

    def stop(self):
        """End it as Ctrl-C does, outputs off."""
        if not self._log.closed:
            self._end()
            self._log.close()
            self._runner.close()
            self._own.cleanup()

    def _end(self):
        self._runner.run(self._client.close())
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._process.stdin.close()
