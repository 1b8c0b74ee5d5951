"""Flash images of the emulated board with a node on its file system, copied there by mpremote as onto any board."""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import boards, emulator, image, micropython, paths, pico
from .problem import Problem

_FAST = 100
_COPY = 600  # s


def board_file():
    """The definition of the board that is emulated."""
    return boards.file(pico.BOARD)


def mpremote(board, *words, timeout=120):
    """Run mpremote on an emulated board's USB; gives what it printed. Raises Problem where it failed."""
    if not importlib.util.find_spec("mpremote"):
        raise Problem("this needs the Python package mpremote: pip install mpremote")
    command = [sys.executable, "-m", "mpremote", "connect", board.port, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise Problem(f"mpremote {words[0]} failed: {(done.stdout + done.stderr).strip()}")
    return done.stdout


def contents(node):
    """What belongs on the board with a node: a dict of path -> bytes."""
    return image.compiled(image.slimmed(image.files(str(node), pico.BOARD), pico.BOARD), micropython.cross())


def flash(node):
    """A file with a flash image: MicroPython and a node. Kept in the build folder by what is in it."""
    files = contents(node)
    digest = hashlib.sha256(pico.firmware().read_bytes())
    for name in sorted(files):
        digest.update(name.encode() + files[name])
    stem = Path(node).stem
    target = paths.build_dir() / "rp2040" / f"{stem}-{digest.hexdigest()[:16]}.flash"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    for old in target.parent.glob(f"{stem}-*.flash"):
        old.unlink()
    print(f"copying {stem} onto an emulated board (once, about half a minute) ...", flush=True)
    folder = image.write(pico.BOARD, stem + "-flashed", files)
    with tempfile.TemporaryDirectory(prefix="secnode-") as work:
        fresh = Path(work) / "flash"
        with emulator.Emulator(board_file(), fresh, speed=_FAST) as board:
            board.wait_for_usb()
            mpremote(board, "fs", "cp", "-r", f"{folder}/.", ":/", timeout=_COPY)
            board.off()
        beside = target.with_suffix(".new")
        shutil.copy(fresh, beside)
        beside.replace(target)
    return target
