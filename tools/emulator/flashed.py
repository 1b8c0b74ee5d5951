"""Flash images of the emulated board with a node on its file system, put there by `secnode flash` as onto any board."""

import contextlib
import functools
import hashlib
import io
import os
import shutil
import tempfile
from pathlib import Path

from .. import paths
from ..board import device
from ..board import flash as flashing
from ..build import pico
from ..image import boards, image
from . import emulator, steps


def board_file():
    """The definition of the board that is emulated."""
    return boards.file(pico.BOARD)


@functools.cache  # compiling takes a while, and each board of a test asks for it
def contents(node, frozen=False, board=pico.BOARD):
    """What belongs on the board with a node, or beside the firmware that is frozen: a dict of path -> bytes."""
    return image.for_board(str(node), str(board), frozen)


def put(board, files, cut=steps.math.inf, beside=None, definition=pico.BOARD):
    """Put files (path -> bytes) onto an emulated board as `secnode flash` does; gives what it said, and the node's answer.

    Those of `beside` where the board's MicroPython has the firmware frozen in. After `cut` bytes towards the board its cable is
    pulled. Raises Problem as `secnode flash` does.
    """
    said = io.StringIO()
    with contextlib.redirect_stdout(said), steps.in_steps(board, device, cut=cut):
        with device.Device("/dev/emulated") as there:
            try:
                flashing.flash(there, boards.load(str(definition)), files, beside)
            except BaseException:
                there.abandon()
                raise
            answer = flashing.started(there)
    return said.getvalue(), answer


def flash(node, board=pico.BOARD):
    """A file with a flash image: MicroPython and a node. Kept in the build folder by what is in it.

    `board` is the folder of one with a network (emulator.py), where it is to have one.
    """
    files = contents(node, board=board)
    network = board != pico.BOARD
    firmware = pico.firmware(network=network)
    digest = hashlib.sha256(firmware.read_bytes())
    for name in sorted(files):
        digest.update(name.encode() + files[name])
    stem = Path(node).stem + network * "-network"
    target = paths.build_dir() / "rp2040" / f"{stem}-{digest.hexdigest()[:16]}.flash"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    # flashed again is faster: what did not change is not copied
    others = sorted(target.parent.glob("*.flash"), key=lambda path: path.name.startswith(stem))
    print(f"flashing {stem} onto an emulated board (once, about half a minute) ...", flush=True)
    with tempfile.TemporaryDirectory(prefix="secnode-") as work:
        fresh = Path(work) / "flash"
        for other in others[-1:]:
            with contextlib.suppress(FileNotFoundError):  # another process has just made a newer one
                shutil.copy(other, fresh)
        with emulator.Emulator(boards.file(str(board)), fresh, firmware, speed=0) as chip:
            chip.wait_for_usb()
            put(chip, files, definition=board)
            chip.off()
        beside = target.with_suffix(f".{os.getpid()}")
        shutil.copy(fresh, beside)
        beside.replace(target)
    for old in target.parent.glob(f"{stem}-*.flash"):
        if old != target:
            old.unlink(missing_ok=True)
    return target
