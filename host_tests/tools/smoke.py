"""What `make dist` built, tried as who installs it: in a folder with nothing else, and an environment that has almost nothing.

python3 -m host_tests.tools.smoke: what .ci/run runs after `make dist`. The wheel is installed in an environment of its own
(build/installed). From there a node is run, described and flashed onto an emulated board, and a file for a Pico is made,
which is dropped onto an emulated chip with a blank flash.
"""

import hashlib
import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from host_tests import harness
from host_tests.deploy.emulated import Board
from tools import paths
from tools.board import uf2
from tools.build import dist, pico
from tools.emulator import emulator, steps

_RP2350 = b"\xd3\xde\xff\xff", b"\x42\x01\x21\x10", b"\x79\x35\x12\xab"  # a block: begin, an image for ARM, end
_IDN = "ISSE,SECoP,V2019-09-16,v1.0"


class Fresh:
    """An empty folder that is home, and the program that the wheel installed."""

    def __init__(self, folder):
        self.folder = folder
        self._env = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}

    def start(self, *words):
        command = [dist.INSTALLED / "bin/secnode", *words]
        return subprocess.Popen(
            [str(word) for word in command], cwd=self.folder, env=self._env, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def secnode(self, *words):
        """What it said. Ends the program where it failed."""
        process = self.start(*words)
        said = process.communicate(timeout=300)[0]
        print("$ secnode", *words, flush=True)
        if process.returncode:
            sys.exit(f"{said}\nexit code {process.returncode}")
        return said


def check(what, good):
    print(f"  {'good' if good else 'BAD '}  {what}", flush=True)
    if not good:
        sys.exit(1)


def main():
    version = paths.version()
    files = {path.name: path for path in dist.DIST.iterdir()}
    for line in files["SHA256SUMS"].read_text().splitlines():
        digest, name = line.split()
        check(f"checksum of {name}", hashlib.sha256(files[name].read_bytes()).hexdigest() == digest)
    bill = json.loads(files[f"secnode-{version}.cdx.json"].read_text())
    names = {component["name"] for component in bill["components"]}
    check("the bill names what is needed", {"mpremote", "textual", "micropython", "tinyusb"} <= names)
    check("and says nothing of this machine", "file:" not in json.dumps(bill) and str(paths.ROOT) not in json.dumps(bill))
    with tempfile.TemporaryDirectory(prefix="secnode-") as folder:
        fresh = Fresh(Path(folder))
        check("--version", fresh.secnode("--version").strip() == f"secnode {version}")
        said = fresh.secnode("describe", "example_heater")  # and how long polling takes
        modules = json.loads(next(line for line in said.splitlines() if line.startswith("{")))["modules"]
        check("describe", list(modules) == ["outside", "heater"])
        check("run", answers(fresh) == _IDN)
        with Board() as board:
            board.plug()
            said = fresh.secnode("flash", "--board", "HOST", "--node", "outside", "--port", board.port)
            check("flash onto an emulated board", said.endswith(f"\n{_IDN}\n") and "verified and committed" in said)
        firmware = files[f"secnode-{version}-RPI_PICO.uf2"]
        words = "--board", "RPI_PICO", "--node", "outside", "--firmware", firmware, "-o", "node.uf2"
        check("image: its firmware is the one in the release's file", "firmware frozen in" in fresh.secnode("image", *words))
        for path in (fresh.folder / "node.uf2", files[f"secnode-{version}-RPI_PICO-outside.uf2"]):
            check(f"{path.name} onto a chip with a blank flash", dropped(path) == _IDN)
        # no emulator has this chip: only what its boot ROM looks for is looked at
        blocks = uf2.read(files[f"secnode-{version}-RPI_PICO2-outside.uf2"].read_bytes())
        start = b"".join(block.data for block in blocks if 0x10000000 <= block.address < 0x10001000)
        check("RPI_PICO2's file begins with an image of an RP2350", all(mark in start for mark in _RP2350))


def answers(fresh):
    port = harness.free_port()
    process = fresh.start("run", "outside", "--port", str(port))
    try:
        while "serves SECoP at" not in (line := process.stdout.readline()):
            check("run has not ended", bool(line))
        with harness.Wire(("127.0.0.1", port)) as wire:
            return wire.ask("*IDN?")
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def dropped(path):
    """What a chip answers to *IDN? that had nothing but this file."""
    with emulator.Emulator(paths.BOARDS / pico.BOARD / "board.py", None, firmware=path, speed=0) as board:
        board.wait_for_usb()
        line = steps.Cable(board, "usb")
        line.sendall(b"*IDN?\n")
        return line.line(30).decode()


if __name__ == "__main__":
    main()
