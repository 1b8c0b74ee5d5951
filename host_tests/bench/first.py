"""How long it takes somebody to get something to see, in a fresh clone: to the first answer, to the panel, and so on.

python3 -m host_tests.bench.first [--pico] [--publish]. Machine's time: what a person reads and types comes on top. `--pico`
builds MicroPython for the chip as well, which takes minutes. `--publish` writes the table into docs/performance.md.
"""

import argparse
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from host_tests import harness
from host_tests.bench.__main__ import machine
from host_tests.docs import pictures

_PAGE = harness.ROOT / "docs/performance.md"
_TABLE = re.compile(r"(<!-- first -->\n).*?(<!-- end of first -->)", re.DOTALL)
_PATIENCE = 1200  # s
_ANSWERS = "RPI_PICO_W\nmylab_air\nair of the lab\nsht4x\nair\n\n\nhumidity\n\n"  # to the questions of `make new`


class Clone:
    """A fresh clone in a folder of its own, with the time since it was begun."""

    def __init__(self, folder):
        self.folder = Path(folder) / "secnode"
        kept = ("PATH", "HOME", "LANG", "TMPDIR", "TERM")
        self.env = {key: value for key, value in os.environ.items() if key in kept or key.startswith(("PIP_", "npm_"))}
        self.env["TERM"] = "xterm-256color"
        self.begin()
        subprocess.run(["git", "clone", "-q", str(harness.ROOT), str(self.folder)], check=True)
        self.cloned = self.passed()

    def begin(self):
        self._begun = time.monotonic()

    def passed(self):
        return time.monotonic() - self._begun

    def until(self, words, text):
        """Run a command at a terminal until it has said this; gives the seconds until then. It ends by Ctrl-C."""
        begun = time.monotonic()
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            words, cwd=self.folder, env=self.env, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        said = b""
        try:
            while text not in re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", said):
                if time.monotonic() - begun > _PATIENCE or (
                    process.poll() is not None and not select.select([ours], [], [], 0)[0]
                ):
                    raise SystemExit(f"{' '.join(words)} ended without {text!r}:\n{said[-2000:].decode(errors='replace')}")
                if select.select([ours], [], [], 0.02)[0]:
                    try:
                        said += os.read(ours, 65536)
                    except OSError:  # nobody has the terminal any more
                        process.wait()
            return time.monotonic() - begun
        finally:
            self._end(process, ours)

    def _end(self, process, terminal):
        for _ in range(100):
            if process.poll() is not None:
                break
            os.killpg(process.pid, signal.SIGINT)
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    os.read(terminal, 65536)  # so that nobody waits for it to be read
                except OSError:
                    break
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(terminal)

    def typed(self, words, text):
        """Run a command to its end, with this typed at it; gives the seconds."""
        begun = time.monotonic()
        done = subprocess.run(
            words, cwd=self.folder, env=self.env, input=text, capture_output=True, text=True, timeout=_PATIENCE
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")
        return time.monotonic() - begun

    def answer(self, request, begin, *more):
        """Start `make run` and ask until the answer begins like this: (s, process, port) of a node that runs on."""
        port = harness.free_port()
        begun = time.monotonic()
        process = subprocess.Popen(
            ["make", "run", f"PORT={port}", *more], cwd=self.folder, env=self.env, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while time.monotonic() - begun < _PATIENCE and process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", port), 1) as s:
                    s.sendall(request + b"\n")
                    if s.recv(200).startswith(begin):
                        return time.monotonic() - begun, process, port
            except OSError:
                time.sleep(0.02)
        raise SystemExit(f"make run {' '.join(more)} did not answer")


def panel(port):
    """Seconds until the node's page shows its values."""
    begun = time.monotonic()
    with pictures.tab(1200, 1000) as page:
        page.goto(f"http://127.0.0.1:{port}/")
        page.locator("article .age", has_text="now").first.wait_for()
        return time.monotonic() - begun


def end(process):
    os.killpg(process.pid, signal.SIGINT)
    process.wait(30)


def measure(pico):
    """Rows of (what, s, what is wanted)."""
    with tempfile.TemporaryDirectory(prefix="secnode-") as folder:
        clone = Clone(folder)
        taken, process, port = clone.answer(b"*IDN?", b"ISSE")
        rows = [("`git clone` and `make run`, to the first answer", clone.cloned + taken, "5 s")]
        try:
            rows.append(("the same, to the panel with its values, in Chromium", clone.cloned + taken + panel(port), "30 s"))
        finally:
            end(process)
        taken = clone.typed(["make", "new", "FILE=room.toml"], _ANSWERS)
        running, process, _ = clone.answer(b"read air", b"reply air [", "NODE=room.toml")
        end(process)
        rows.append(
            ("`make new` and `make run` of that: a SHT4x of your own, to its first value; gets what they need into `.venv/`",
             taken + running, "5 min with a person's time")
        )  # fmt: skip
        text = (clone.folder / "README.md").read_text("utf-8")
        (clone.folder / "light.py").write_text(re.search(r"```python\n(from secnode.*?)```", text, re.DOTALL)[1])
        taken, process, _ = clone.answer(b"read light:value", b"reply light:value [", "NODE=light.py")
        end(process)
        rows.append(("`make run` of a driver of your own (`light.py` of the README), to its first value", taken, ""))
        if pico:
            words, text = ["make", "run", "BOARD=RPI_PICO"], b"serves SECoP at its USB"
            rows.append(("`make run BOARD=RPI_PICO`, an emulated Pico, `build/` empty", clone.until(words, text), "6 min"))
            for flash in (clone.folder / "build/rp2040").iterdir():
                flash.unlink()
            rows.append(("the same, flashed anew, MicroPython built", clone.until(words, text), "30 s"))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pico", action="store_true", help="to a flashed emulated Pico, too")
    parser.add_argument("--publish", action="store_true", help="write the table into docs/performance.md")
    args = parser.parse_args()
    lines = ["| in a fresh clone | s | wanted |", "|---|---|---|"]
    lines += [f"| {what} | {seconds:.1f} | {wanted} |" for what, seconds, wanted in measure(args.pico)]
    table = "\n".join(lines)
    print(table)
    if args.publish:
        text = _PAGE.read_text("utf-8")
        table = f"{table}\n\n{machine()}\n\n"
        _PAGE.write_text(_TABLE.sub(lambda found: found[1] + "\n" + table + found[2], text), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
