"""`make run PYTHON=micropython` in a fresh clone, without build/; the environment has variables with the names of settings.

python3 -m host_tests.tools.fresh: what .ci/run runs. Ends with 0 where the node answers, and ends by Ctrl-C.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from host_tests import harness

# as conda and others leave them
MISLEADING = {
    "HOST": "x86_64-conda-linux-gnu", "PORT": "8080", "NODE": "other", "BOARD": "ESP32", "PYTHON": "ruby", "SPEED": "fast",
    "FIRMWARE": "none", "CSV": "x.csv", "N": "1", "CC": "no-compiler", "CFLAGS": "-nonsense", "VARIANT": "none",
}  # fmt: skip
_PATIENCE = 600  # s, to build MicroPython on a slow machine


def main():
    env = {key: value for key, value in os.environ.items() if "MAKE" not in key and not key.startswith("SECNODE_")}
    port = harness.free_port()
    with tempfile.TemporaryDirectory(prefix="secnode-") as folder:
        clone = Path(folder) / "secnode"
        subprocess.run(["git", "clone", "-q", str(harness.ROOT), str(clone)], check=True)
        process = subprocess.Popen(
            ["make", "run", "PYTHON=micropython", f"PORT={port}"], cwd=clone, env=env | MISLEADING,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            answer = ask(process, port)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(60)  # make itself ends by the signal
        deadline = time.monotonic() + 20
        while listens(port) and time.monotonic() < deadline:
            time.sleep(0.2)
    print(f"{answer}; {'the node still runs' if listens(port) else 'the node has ended'}")
    return 0 if answer.startswith("ISSE") and not listens(port) else 1


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def ask(process, port):
    """What answers to *IDN?."""
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with harness.Wire(("127.0.0.1", port)) as wire:
                return wire.ask("*IDN?")
        except OSError:
            time.sleep(0.5)
    return "nothing"


if __name__ == "__main__":
    sys.exit(main())
