"""A board with flash, a REPL, a watchdog and a USB cable, made of MicroPython's unix port: for what deploys to boards.

It has 32 bit, single precision and a Pico's heap. Its flash is a littlefs in a file, its hardware that of the board HOST.
"""

import contextlib
import ctypes
import fcntl
import os
import pty
import select
import shutil
import signal
import subprocess
import tempfile
import termios
import threading
import time
import tty
from pathlib import Path

from host_tests import harness
from tools.build import micropython
from tools.emulator import host
from tools.image import image

HARDWARE = Path(__file__).parent / "hardware"
_SOFT = {20: ["raw"], 21: []}  # exit codes of power_on.py: a soft reset, and how the REPL was
_HARD = {-signal.SIGKILL: "2", -signal.SIGALRM: "3"}  # a reset, and its cause as `machine` has it


class Board:
    """Plugged in by plug(): from then on it runs, and `port` is what /dev/ttyACM0 would be; unplug() takes its power away.

    A hard reset (machine.reset(), the watchdog) takes the port away for a moment, as a board's own USB does. `frozen` (path ->
    bytes of .py files) is found behind its flash, as what is frozen in a board's MicroPython.
    """

    def __init__(self, sectors=212, console=True, speed=1, fat=False, frozen=None):
        self._interpreter = harness.interpreter("board-like")
        self._own = tempfile.TemporaryDirectory(prefix="secnode-board-")
        folder = Path(self._own.name)
        self.port = str(folder / "ttyBOARD")
        self.flash = folder / "flash"
        with open(self.flash, "wb") as f:
            f.write(b"\xff" * 4096 * sectors)
        self._hardware = folder / "hardware"
        shutil.copytree(image.simulation(micropython.cross()).parent, self._hardware)
        for name in ("board.mpy", "start.py"):
            (self._hardware / name).unlink()
        (self._hardware / "machine.mpy").rename(self._hardware / "hostmachine.mpy")
        for path in HARDWARE.iterdir():
            if path.suffix == ".py":
                shutil.copy(path, self._hardware)
        for path, content in image.compiled(frozen or {}, micropython.cross()).items():
            (self._hardware / path).parent.mkdir(exist_ok=True)
            (self._hardware / path).write_bytes(content)
        self.tcp = harness.free_port()
        self._env = host.environment("127.0.0.1", self.tcp, speed, reset="/hardware/reset", console=1 if console else None)
        self._env.pop("SECNODE_SETTINGS", None)  # of others: its own are on its flash
        self._env["SECNODE_FAT"] = "1" if fat else ""
        self._thread = None
        self.cut = None  # bytes towards the board after which the cable is pulled; with `power_too` it had its power from it
        self.power_too = True
        self.resets = 0  # hard ones since it was plugged in
        self.sent = 0  # bytes towards the board since then

    # ---- the flash, while it is unplugged

    def _tool(self, word, text="", cut=0):
        command = [self._interpreter, self._hardware / "power_on.py", self.flash, self._hardware, word]
        env = {**self._env, "SECNODE_CUT": str(cut)}
        done = subprocess.run([str(c) for c in command], input=text, env=env, capture_output=True, text=True, timeout=60)
        if cut and done.returncode == -signal.SIGKILL:
            return None
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def listing(self):
        """A dict of path -> SHA-256 as hex."""
        return _listing(self._tool("list"))

    def read(self, path):
        """The content of a file."""
        return bytes.fromhex(self._tool("read", path))

    def boot(self, cut=0):
        """Power on as far as boot.py goes, then off: the listing; None where the power went at the flash's operation `cut`."""
        said = self._tool("boot", cut=cut)
        return said if said is None else _listing(said)

    def load(self, files):
        """Write files, a dict of path -> bytes, as somebody else might have."""
        with tempfile.TemporaryDirectory() as folder:
            lines = []
            for i, (path, content) in enumerate(files.items()):
                Path(folder, str(i)).write_bytes(content)
                lines.append(f"{path}\t{folder}/{i}\n")
            self._tool("load", "".join(lines))

    # ---- power

    def _start(self, words, stdin):
        # from power on, or from a soft reset
        command = [self._interpreter, self._hardware / "power_on.py", self.flash, self._hardware, *words]
        return subprocess.Popen(
            [str(c) for c in command], env=self._env, stdin=stdin, stdout=stdin, stderr=stdin, start_new_session=True,
            preexec_fn=lambda: _take(stdin),
        )  # fmt: skip

    def plug(self):
        self.resets = self.sent = 0
        self._stop = os.pipe()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)

    def unplug(self):
        """Wherever it is: no power, no port."""
        if self._thread:
            os.write(self._stop[1], b"x")
            self._thread.join(10)
            assert not self._thread.is_alive()
            self._thread = None
            for end in self._stop:
                os.close(end)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.unplug()
        self._own.cleanup()

    def _run(self, ready):
        words = []
        while True:
            with _Terminal() as inside, _Terminal() as outside:
                os.symlink(outside.name, self.port)
                try:
                    while True:
                        process = self._start(words, inside.slave)
                        ready.set()
                        try:
                            code = self._pump(process, inside, outside)
                        finally:
                            if process.poll() is None:
                                process.kill()
                                process.wait()
                        if code not in _SOFT:
                            break
                        words = _SOFT[code]
                finally:
                    os.unlink(self.port)
            if code not in _HARD:
                return
            (self._hardware / "reset").write_text(_HARD[code])
            self.resets += 1
            words = []
            host.wait_until_free("127.0.0.1", self.tcp)

    def _pump(self, process, inside, outside):
        """Carry bytes to and fro until the process ends (gives its code) or the cable is pulled (None)."""
        ends = {inside.master: outside.master, outside.master: inside.master}
        stop = self._stop[0]
        while True:
            readable, _, _ = select.select([*ends, stop], [], [], 0.02)
            if stop in readable:
                return None
            for end in readable:
                data = os.read(end, 4096)
                if end == outside.master:
                    if self.cut is not None and len(data) >= self.cut:
                        data, self.cut = data[: self.cut], -1
                    elif self.cut is not None:
                        self.cut -= len(data)
                    self.sent += len(data)
                with contextlib.suppress(BlockingIOError):  # nobody reads: lost, as on a board
                    os.write(ends[end], data)
                if self.cut == -1:
                    return self._pulled(process, inside)
            if not readable and process.poll() is not None:
                return process.returncode

    def _pulled(self, process, inside):
        self.cut = None
        if self.power_too:
            return None
        # it goes on by itself, nobody listens
        os.unlink(self.port)
        os.symlink("/nowhere", self.port)
        while True:
            readable, _, _ = select.select([inside.master, self._stop[0]], [], [], 0.02)
            if self._stop[0] in readable:
                return None
            if readable:
                os.read(inside.master, 4096)
            if process.poll() is not None:
                return process.returncode


def answer(board, request, seconds=20):
    """What the node on the board answers over TCP."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with harness.Wire(("127.0.0.1", board.tcp), timeout=5) as wire:
                return wire.ask(request, timeout=5)
        except (OSError, EOFError):
            assert time.monotonic() < deadline, "the node does not answer"
            time.sleep(0.05)


def _listing(text):
    return {path: digest for digest, path in (line.split(" ", 1) for line in text.splitlines())}


class _Terminal:
    """A pseudo terminal that passes bytes as they are."""

    def __enter__(self):
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        os.set_blocking(self.master, False)
        self.name = os.ttyname(self.slave)
        return self

    def __exit__(self, *_):
        for end in (self.master, self.slave):
            with contextlib.suppress(OSError):
                os.close(end)


def _take(terminal):
    # in the child: byte 3 interrupts who has the terminal, and nobody outlasts these tests
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
