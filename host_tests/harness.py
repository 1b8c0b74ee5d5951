"""What tests need to run a node at one of the levels and to talk to it over the wire."""

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from host_tests import covered, describing
from tools import paths
from tools.build import micropython, webassembly
from tools.emulator import host
from tools.image import image
from tools.problem import Problem

ROOT = Path(__file__).resolve().parent.parent
NODES = Path(__file__).resolve().parent / "nodes"
# ready nodes of instruments, which need one at a UART: host_tests/instruments/test_ready.py has them
INSTRUMENTS = ("eurotherm", "lakeshore331", "lakeshore336", "scpi_supply", "tpg262")
LEVELS = ("cpython", "micropython")
# 32 bit, single-precision floats, compiled files, and a heap of so many KiB. "frozen" has the firmware in flash and a heap of
# 64 KiB for it, beside what the simulated board takes (28) and 12 for bench, whose lines of 1 KiB want more. board-like has the
# 192 KiB of a board, and most of what the simulated board takes of them (34); half a KiB of both is for a PC's poll
# (transport/waits.py). From MicroPython 1.26 on the same takes some more
_NEWER = 2 if micropython.wanted() != micropython.VERSION else 0
HEAPS = {"board-like": 192 + 28.5 + _NEWER, "frozen": 64 + 40.5 + _NEWER}
# KiB for the simulated buses and the models at them, which no board has: 20 for an oven with a MAX31856
_MODELS = 24
_STOPS = 40  # s: a busy machine took more than 10
_WORKERS = 64  # processes that share the tests, at most


def interpreter(level, heap=None):
    """The command of a level's Python; raises Problem where it can't be had.

    `heap` in KiB is for scripts that hold more than a node does, where the level would have a board's.
    """
    if level == "webassembly":
        return str(webassembly.command(heap or 4096))
    if level in HEAPS:
        return str(micropython.board_like(heap or HEAPS[level], frozen=level == "frozen"))
    return sys.executable if level == "cpython" else str(micropython.micropython())


def beside(level):
    """The mpy-cross that was built with a level's MicroPython; None where there is none, as for CPython."""
    cross = Path(interpreter(level)).with_name("mpy-cross")
    return str(cross) if level != "cpython" and cross.exists() else None


def level_fixture(*levels):
    """A fixture `level`: some levels, by name, or the one of SECNODE_LEVEL. One that is missing here is skipped by its name;
    CI has to have it."""
    levels = [os.environ["SECNODE_LEVEL"]] if os.environ.get("SECNODE_LEVEL") else levels

    @pytest.fixture(scope="session", params=levels, name="level")
    def level(request):
        try:
            interpreter(request.param)
        except Problem as e:
            if in_ci():
                raise
            pytest.skip(f"level {request.param} is missing here: {e}")
        return request.param

    return level


_built = {}  # power_on's answers, by what is asked for and what it is made of


def power_on(level, node, slim=True):
    """The image of a node as a level takes it, and the command that powers it on: (folder, [words]).

    `slim` False is for whoever imports modules of the firmware that the node does not. Built once for the same files, by one
    of the processes that share the tests.
    """
    made_of = _made_of(node)
    if made_of is None:
        return _power_on(level, str(node), slim)
    wish = json.dumps([level, HEAPS.get(level), str(node), slim, made_of, describing.asked()])
    if wish not in _built:
        kept = describing.Kept(os.environ.get("SECNODE_TESTS"), wish)
        found = kept.read()
        if found is None:
            folder, words = _power_on(level, str(node), slim)
            found = [str(folder), [str(word) for word in words]]
            kept.write(found)
        _built[wish] = Path(found[0]), found[1]
    folder, words = _built[wish]
    return folder, list(words)


def _power_on(level, node, slim):
    if level in HEAPS:
        folder = image.build(node, mpy_cross=micropython.cross(), slim=slim, frozen=level == "frozen")
        heap = HEAPS[level] + _models(node)
        return folder, [interpreter(level, heap), str(image.simulation(micropython.cross())), str(folder)]
    python, cross = interpreter(level), beside(level)
    if cross:  # compiled once; what it makes of source itself shows tools/test_run.py
        folder = image.build(node, mpy_cross=cross, slim=False)
        return folder, [python, str(image.simulation(cross)), str(folder)]
    folder = image.build(node)
    return folder, host.command(python, folder)


def _models(node):
    """KiB for the models of a node that has buses."""
    text = image.node_file(node).read_text("utf-8")
    return _MODELS if re.search(r"\.(i2c|spi|onewire)\(", text) else 0


def with_bytecode(words):
    """The words of a command of CPython, for what changes no more: compiled once, in a folder apart (conftest.py)."""
    return [word for word in words if word != "-B" or "PYTHONPYCACHEPREFIX" not in os.environ]


def _made_of(node):
    """Names, sizes and times of the files that an image is made of; None where it can be any."""
    if str(node).endswith(".toml"):
        return None
    places = [paths.FIRMWARE, paths.BOARDS / "HOST", paths.SHIMS]
    return describing.files([*places, node] if str(node).endswith(".py") else places)


def free_port():
    """A port that nobody has, below those that Linux gives to clients, and of none that another of the tests' processes draws.

    Among the former a client that tries until a node has started may be given the node's own: it is connected to itself then.
    Among the latter it might find the node of another test.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % _WORKERS
    while True:
        port = 20000 + _WORKERS * secrets.randbelow(10000 // _WORKERS) + worker
        with contextlib.suppress(OSError), socket.socket() as s:
            s.bind(("127.0.0.1", port))
            return port


def printed(file):
    """All that a process has written so far into a file it shares with us."""
    file.flush()
    with open(f"/proc/self/fd/{file.fileno()}", encoding="utf-8", errors="replace") as f:
        return f.read()


class NodeProcess:
    """A node of the firmware (by name) or of host_tests/nodes (by path), running at a level, on a port of its own.

    Its settings.json is the file `settings`, which holds what is given under that name (an object, or text); it outlasts
    stop() and start(). `options` are the interpreter's; with `ready` False nobody waits until it answers. With
    `console` there is something to type at. `uart` and `usb` are serial ports that it serves (tools.emulator.ports), `lines`
    those to instruments, by the numbers of their UARTs. Further arguments are environment variables, e.g. SECNODE_WIFI="1".
    """

    def __init__(
        self, level, node, speed=1, clients=None, settings=None, options=(), ready=True, console=False, uart=None, usb=None,
        lines=None, **environment,
    ):  # fmt: skip
        self.level = level
        self.folder, self._command = power_on(level, node)
        self.port = free_port()
        self.address = ("127.0.0.1", self.port)
        self.uri = f"127.0.0.1:{self.port}"
        self._speed, self._clients = speed, clients
        self._options, self._ready = list(options), ready
        self._own = tempfile.TemporaryDirectory(prefix="secnode-")
        self.settings = Path(self._own.name) / "settings.json"
        if settings is not None:
            self.settings.write_text(settings if isinstance(settings, str) else json.dumps(settings))
        self.reset = Path(self._own.name) / "reset"  # a reset leaves its cause here
        self._console = subprocess.PIPE if console else subprocess.DEVNULL
        self._uart, self._usb = uart, usb
        self._lines = lines or {}
        self._environment = environment
        self.start()

    def start(self):
        """Begin (again), on the same port; waits until it answers."""
        self._stopped = False
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        env = host.environment(
            "127.0.0.1", self.port, self._speed, self._clients, self.settings, self.reset,
            **host.serial(self._uart, self._usb, self._lines),
        )  # fmt: skip
        env.update(self._environment)
        program, *words = self._command
        if self.level == "cpython":
            words = [*covered.words(), *with_bytecode(words)]
        self.process = subprocess.Popen(
            [program, *self._options, *words],
            env=env, stdin=self._usb.stdin if self._usb else self._console, stdout=self._usb.stdout if self._usb else self._log,
            stderr=subprocess.STDOUT, preexec_fn=host.die_with_parent, pass_fds=host.ends(self._uart, self._lines),
        )  # fmt: skip
        if self._usb:
            self._usb.process = self.process
        if self._ready:
            host.wait_for_answer(self.process, *self.address)

    def type(self, line):
        """Type a line at its console, which it has with `console=True`."""
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    @property
    def log(self):
        """All it printed so far."""
        return printed(self._log)

    def stop(self):
        """End it as Ctrl-C does; gives the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        deadline = time.monotonic() + _STOPS
        while self._usb and self.process.poll() is None and time.monotonic() < deadline:
            self._usb.take()
            time.sleep(0.05)
        try:
            code = self.process.wait(_STOPS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        if not self._stopped:
            self._stopped = True
            assert "AssertionError" not in self.log, self.log  # message.Encoder: two lines in one
        return code

    def connect(self, timeout=10, source="127.0.0.1"):
        """A client, which comes from another address of this machine where `source` names one."""
        return Wire(self.address, timeout, source)


class Wire:
    """A client that shows exactly what is on the wire."""

    errors = "strict"  # what is no UTF-8 is a fault

    def __init__(self, address, timeout=10, source="127.0.0.1"):
        self.socket = socket.create_connection(address, timeout, (source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, line):
        """A line, str or bytes, without its end."""
        self.socket.sendall((line.encode() if isinstance(line, str) else line) + b"\n")

    def line(self, timeout=10):
        """The next line, as str. Raises EOFError at the end of the connection, TimeoutError when nothing comes."""
        deadline = time.monotonic() + timeout
        while b"\n" not in self._rest:
            self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
            # else the node's second answer waits 40 ms for this end's word that the first one came
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            data = self.socket.recv(65536)
            if not data:
                raise EOFError(self._rest)
            self._rest += data
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode(errors=self.errors)

    def lines(self, seconds):
        """All lines of the next `seconds`."""
        found = []
        deadline = time.monotonic() + seconds
        while True:
            try:
                found.append(self.line(max(deadline - time.monotonic(), 0.001)))
            except TimeoutError:
                return found

    def ask(self, line, timeout=10):
        """Send a request; gives its answer, the updates before it left out."""
        self.send(line)
        while True:
            answer = self.line(timeout)
            if not answer.startswith(("update ", "error_update ")):
                return answer

    def unread(self):
        """Bytes that were sent to this client and that it has not read, at both ends of the connection."""
        ports = [f"{s[1]:04X}" for s in (self.socket.getpeername(), self.socket.getsockname())]
        total = 0
        with open("/proc/net/tcp") as f:
            next(f)
            for line in f:
                _, local, remote, _, queues, *_ = line.split()
                found = [end.split(":")[1] for end in (local, remote)]
                sending, received = (int(n, 16) for n in queues.split(":"))
                if found == ports:
                    total += sending
                elif found[::-1] == ports:
                    total += received
        return total

    def until(self, begin, timeout=20):
        """The next line that begins like this, and those before it: (line, [before])."""
        before = []
        deadline = time.monotonic() + timeout
        while True:
            line = self.line(max(deadline - time.monotonic(), 0.001))
            if line.startswith(begin):
                return line, before
            before.append(line)


def split(line):
    """A line as (action, specifier, data), the data parsed."""
    action, _, rest = line.partition(" ")
    specifier, _, data = rest.partition(" ")
    return action, specifier, json.loads(data) if data else None


def value(wire, specifier):
    """What `read` of a parameter gives, without its timestamp."""
    return split(wire.ask(f"read {specifier}"))[2][0]


def wait(condition, seconds=60):
    """Until condition() holds; it has to within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)


def error_class(line):
    """The class of an error report; None where the line is none."""
    action, _, data = split(line)
    return data[0] if action.startswith("error_") else None


def mentions(text, *values):
    """Whether a text for a person names all these values, each as a word of its own: 5 is not in "50", nor in "1.5"."""
    return all(re.search(_alone(str(value)), text) for value in values)


def _alone(value):
    before = r"(?<![\w.])" if value[0].isalnum() else ""
    after = r"(?!\w|\.\w)" if value[-1].isalnum() else ""
    return before + re.escape(value) + after


def in_ci():
    return os.environ.get("CI") == "true"
