"""The file with MicroPython that is asked for: one that lies here, is fetched, or is built."""

import os
import re
import urllib.request
from pathlib import Path

from .. import paths
from ..build import micropython, pico
from ..image import boards
from ..problem import Problem
from . import firmware_file

_MOST = 32 << 20  # bytes of a file
_BY_HAND_FROZEN = """
By hand, on Linux, with the tools that ports/{port}/README.md names:
  git clone --branch v{version} https://github.com/micropython/micropython
  cd micropython; make -C mpy-cross; cd ports/{port}
  make BOARD={name} submodules
  make BOARD={name} FROZEN_MANIFEST={manifest}
  secnode micropython --board {given} --firmware build-{name}/firmware.{end}"""


def fetched(firmware, board):
    """The path of the file. Raises Problem with where a person gets it."""
    if not firmware:
        found = lying_about(board)
        raise Problem(
            f"--firmware is needed, a file with MicroPython. {firmware_file.where(board)}"
            + "".join(f"\n  there is --firmware {path}" for path in found)
        )
    if firmware.startswith(("http://", "https://")):
        return download(firmware, board)
    path = Path(firmware).expanduser()
    if not path.is_file():
        raise Problem(f"there is no file {firmware}. {firmware_file.where(board)}")
    if path.stat().st_size > _MOST:
        raise Problem(f"{firmware} is too large for MicroPython. {firmware_file.where(board)}")
    if not os.access(path, os.R_OK):
        raise Problem(f"you may not read {firmware}")
    return path


def frozen(firmware, board):
    """The path of a file that has the firmware frozen in; builds it. Raises Problem with how to do that by hand."""
    if firmware:
        raise Problem("--frozen builds the file that --firmware names: one of them")
    manifest = board["file"].with_name("manifest.py")
    if not manifest.is_file() and boards.is_path(board["given"]):
        manifest = paths.BOARDS / board["build"] / "manifest.py"
    if not manifest.is_file():
        raise Problem(f"{board['name']} has no {manifest} that says what to freeze: take another board's")
    end = "uf2" if "uf2" in board else "bin"
    by_hand = _BY_HAND_FROZEN.format(
        name=board["build"], given=board["given"], port=board["port"], version=micropython.VERSION, manifest=manifest, end=end
    )
    if board["build"] not in pico.BUILT:
        names = " and ".join(pico.BUILT)
        raise Problem(f"MicroPython with the firmware frozen in is built here only for {names}. {by_hand.strip()}")
    try:
        return pico.firmware(frozen=True, board=board["build"])
    except Problem as e:
        raise Problem(f"{e}{by_hand}") from None


def lying_about(board):
    """Files that a browser may have left, the newest first."""
    pattern = board["build"] + "-[0-9]*" + (".uf2" if "uf2" in board else ".bin")
    found = [path for folder in (Path("."), Path.home() / "Downloads") for path in folder.glob(pattern)]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)[:3]


def download(address, board):
    """Fetch a file into the build folder."""
    name = re.sub("[^A-Za-z0-9._-]", "", address.split("?")[0].rpartition("/")[2]).lstrip(".") or "firmware"
    print(f"fetching {address} ...", flush=True)
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            content = answer.read(_MOST + 1)
    except (OSError, ValueError) as e:
        why = getattr(e, "reason", None) or e
        raise Problem(f"{address} can't be fetched: {why}. {firmware_file.where(board)}") from None
    if len(content) > _MOST:
        raise Problem(f"{address} is too large for MicroPython")
    path = paths.build_dir() / "downloads" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
