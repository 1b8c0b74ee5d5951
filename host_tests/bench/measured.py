"""A node that tells of its memory, started by the PC (see on_board.py)."""

import re
import subprocess
import tempfile
import time
from pathlib import Path

from host_tests import harness
from host_tests.chips.apart import Apart
from tools import paths
from tools.build import micropython
from tools.emulator import host
from tools.image import image

_HERE = Path(__file__).resolve().parent


class Failed(Exception):
    """It ended, or did not answer; the text says what it printed."""


class Node:
    """The node `node` (a name or a path), compiled, on a board without a plant.

    `heap` in KiB is what it has board-like, beside what is there for the measuring alone; None is the 64-bit MicroPython as
    it comes. `still`: nothing runs by itself. `frozen`: board-like, with the firmware in flash. `uart` is a serial port that it
    serves as well (tools.emulator.ports). With `chips` it has buses, and chips that take none of its memory.
    """

    def __init__(self, node="example_heater", heap=192, clients=3, still=False, frozen=False, uart=None, chips=False):
        self.heap = heap
        self._overhead = _overhead(frozen, chips) if heap else 0
        self._apart = Apart() if chips else None
        folder = image.build(str(node), mpy_cross=micropython.cross(), frozen=frozen)
        self.port = harness.free_port()
        self.address = ("127.0.0.1", self.port)
        self._own = tempfile.TemporaryDirectory(prefix="secnode-")
        self._log = open(Path(self._own.name) / "log", "w+b", buffering=0)
        env = host.environment(
            "127.0.0.1", self.port, 1, clients, Path(self._own.name) / "settings.json", **host.serial(uart, None)
        )
        env["MICROPYPATH"] = f".frozen:{_compiled()}"
        command = [str(micropython.board_like(frozen=frozen) if heap else micropython.micropython())]
        if heap:
            command += ["-X", f"heapsize={heap * 1024 + self._overhead}"]
        command += ["-m", "on_board", str(folder), str(_compiled()), *["still"] * still]
        ends = [uart.end] if uart else []
        if chips:
            env.update(self._apart.environment)
            ends += self._apart.ends
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command,
            env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, preexec_fn=host.die_with_parent,
            pass_fds=ends,
        )  # fmt: skip
        try:
            self.started = first_answer(self)
        except Failed:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        if self._apart:
            self._apart.close()

    @property
    def log(self):
        """What it said on its console, without answers."""
        return (Path(self._own.name) / "log").read_text(errors="replace")

    def connect(self, timeout=10):
        return harness.Wire(self.address, timeout)

    def ask(self, *words):
        """A question of on_board.py; an int, or None."""
        return self._ask(*words)[0]

    def _ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)).encode() + b"\n")
        self.process.stdin.flush()
        before = ""
        while True:
            line = self.process.stdout.readline().decode()
            if not line:
                raise Failed(before + self.log)
            if line.startswith("= "):
                text = line[2:].strip()
                if text == "None":
                    return None, before
                if not text.lstrip("-").isdigit():
                    raise Failed(f"{words}: {text}")
                return int(text), before
            before += line

    def kept(self):
        """Bytes of its heap that are in use."""
        return self.ask("kept") - self._overhead

    def largest(self):
        """The largest free block as a share of all that is free, after a collection."""
        free, blocks = re.search(r"free: (\d+).*max free sz: (\d+)", self._ask("largest")[1], re.DOTALL).groups()
        return int(blocks) * 16 / int(free)  # of a 32-bit MicroPython

    def allocated(self, action, n=100):
        """Bytes allocated by action(), the mean of `n` times; what asking takes is subtracted."""
        self.ask("automatic", "off")
        action()
        self.ask("kept")
        first = self.ask("alloc")
        second = self.ask("alloc")
        for _ in range(n):
            action()
        third = self.ask("alloc")
        self.ask("automatic", "on")
        return (third - second - (second - first)) / n


_overheads = {}


def _overhead(*kind):
    """Bytes that are there for the measuring alone, as the first node tells."""
    if kind not in _overheads:
        _overheads[kind] = 0  # no recursion
        frozen, chips = kind
        with Node("outside", 1024, 1, True, frozen, chips=chips) as first:
            _overheads[kind] = first.ask("overhead")
    return _overheads[kind]


def first_answer(node):
    """Wait until a node that was begun answers; gives how many seconds it took."""
    while time.monotonic() < node.began + 20:
        if node.process.poll() is not None:
            break
        try:
            with node.connect(5) as wire:
                wire.ask("*IDN?")
                return time.monotonic() - node.began
        except (OSError, EOFError):
            time.sleep(0.001)
    raise Failed(node.log)


def _compiled():
    """The folder with on_board.py, and with a board that nothing is wired to, compiled."""
    host = paths.BOARDS / "HOST"
    own = (
        "board.py",
        "uart.py",
        "sim_buses.py",
        "attached.py",
        "rest.py",
        "lib/_onewire.py",
        "chips/models.py",
        "chips/apart.py",
    )
    files = *(host / name for name in own), _HERE / "quiet" / "machine.py", _HERE / "on_board.py"
    contents = {path.name: path.read_bytes() for path in files}
    return image.write("HOST", "bench", image.compiled(contents, micropython.cross()))
