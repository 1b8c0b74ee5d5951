"""Put MicroPython onto a bare board: by its BOOTSEL drive (RP2), or by esptool (ESP32)."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from .. import paths
from ..board import device, firmware_file
from ..build import micropython as unix_port
from ..build import pico
from ..image import boards
from ..problem import Problem

_ESPTOOL = (sys.executable, "-m", "esptool")
_BAUD = "460800"
_LOOK = 4.0  # s for MicroPython to answer, where there is some
_WAIT = 120.0  # s for a person to plug it in with the button held
_DRIVE = 20.0  # s for the drive of a board that was asked for it
_BACK = 30.0  # s for the board to start with MicroPython; the first start makes a filesystem
_LABELS = "/dev/disk/by-label"
_IDS = {"RP2040": "RPI-RP2", "RP2350": "RP2350"}  # what INFO_UF2.TXT says, and what the drive is called
_MOST = 32 << 20  # bytes of a file

_STEPS = """{name} has to show its drive {label}:
  1. unplug it
  2. hold its BOOTSEL button (the white one), plug its USB cable in, let go of the button
  3. open the drive {label} if your desktop does not do that by itself
Waiting for the drive ..."""
_BY_HAND = """esptool could not write to the board; what it says stands above. What helps most:
  - hold the button BOOT (or IO0), press and release EN (or RST), let go of BOOT, and try again
  - another USB cable, without a hub
  - `--port` with the board's port, where there are several"""
_BY_HAND_FROZEN = """
By hand, on Linux, with the tools that ports/{port}/README.md names:
  git clone --branch v{version} https://github.com/micropython/micropython
  cd micropython; make -C mpy-cross; cd ports/{port}
  make BOARD={name} submodules
  make BOARD={name} FROZEN_MANIFEST={manifest}
  secnode micropython --board {given} --firmware build-{name}/firmware.{end}"""


def add_arguments(parser):
    parser.add_argument("--board", required=True, help="RPI_PICO_W, or the path of a folder with a board.py of your own")
    parser.add_argument("--firmware", default="", metavar="FILE", help="the file with MicroPython, or its http(s) address")
    parser.add_argument("--frozen", action="store_true", help="MicroPython with the firmware frozen in, which is built here")
    parser.add_argument("--port", default="", help="the serial port, or id:SERIALNUMBER (the only board that is connected)")
    erase = parser.add_mutually_exclusive_group()
    erase.add_argument("--erase", action="store_true", help="ESP32: erase its flash first (as where no MicroPython answers)")
    erase.add_argument("--keep", action="store_true", help="ESP32: keep its files (as where MicroPython answers)")


def main(args):
    board = boards.load(args.board)
    if not ("uf2" in board or "chip" in board):
        raise Problem(f"{board['name']} is no board that MicroPython could be put on from here")
    path = frozen(args.firmware, board) if args.frozen else fetched(args.firmware, board)
    version = firmware_file.look_at(path, path.read_bytes(), board)
    print(f"{path.name}: MicroPython {version} for {board['name']}", flush=True)
    if "uf2" in board:
        by_drive(board, path, args.port)
        port = ""  # it may have another name now
    else:
        port = by_esptool(board, path, args)
    print(answer(board, port, version))
    print(f"now: secnode flash --board {board['given']} --node example_heater")
    return 0


# ---- the file


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
        name=board["build"], given=board["given"], port=board["port"], version=unix_port.VERSION, manifest=manifest, end=end
    )
    if board["build"] != pico.BOARD:
        raise Problem(f"MicroPython with the firmware frozen in is built from here for {pico.BOARD} alone. {by_hand.strip()}")
    try:
        return pico.firmware(frozen=True)
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


# ---- RP2


def by_drive(board, path, port):
    """Copy the file onto the drive of the board's bootloader, which starts it."""
    drive = device.bootsel_drive()
    if not drive:
        label = _IDS[board["uf2"]]
        if asked_for_its_drive(port, board):
            drive = wait_for_drive(label, _DRIVE)
        if not drive:
            print(_STEPS.format(name=board["name"], label=label), flush=True)
            drive = wait_for_drive(label, _WAIT)
        if not drive:
            raise Problem(no_drive(label))
    look_at_drive(drive, board)
    print(f"copying to {drive} ...", flush=True)
    try:
        with open(os.path.join(drive, "firmware.uf2"), "wb") as f:
            f.write(path.read_bytes())
            f.flush()
            os.fsync(f.fileno())
    except OSError as e:
        # with the last block the board starts, and the drive is gone
        if os.path.exists(os.path.join(drive, "INFO_UF2.TXT")):
            raise Problem(f"{drive} can't be written: {e.strerror}. {_permission(e)}") from None


def _permission(error):
    return "Is it mounted for another user?" if isinstance(error, PermissionError) else "Unplug the board, and do it again."


def asked_for_its_drive(port, board):
    """Whether MicroPython on the board was asked to start the bootloader, which saves a person the button."""
    try:
        name = device.find(port, board["port"])
    except Problem:
        if port:
            raise
        return False  # a bare one, or several: the button tells which
    with device.Device(name) as there:
        if not there.has_repl(_LOOK):
            return False
        print(f"MicroPython at {name} starts the bootloader", flush=True)
        there.bootloader()
    return True


def wait_for_drive(label, seconds):
    """Where the drive is mounted, "" where it is not after some seconds."""
    deadline = time.monotonic() + seconds
    told = False
    while time.monotonic() < deadline:
        drive = device.bootsel_drive()
        if drive:
            return drive
        if not told and os.path.exists(os.path.join(_LABELS, label)):
            told = True
            print(f"the drive is there, and not mounted: open it, or `udisksctl mount -b {_LABELS}/{label}`", flush=True)
        time.sleep(0.2)
    return ""


def no_drive(label):
    if os.path.exists(os.path.join(_LABELS, label)):
        return f"the drive {label} is there, but not mounted: `udisksctl mount -b {_LABELS}/{label}`, then do it again"
    return (
        f"no drive {label} has shown up. Hold BOOTSEL while you plug the cable in, not later; take a cable that carries data, "
        "not one for charging alone; then do it again"
    )


def look_at_drive(drive, board):
    """Raises Problem where the drive is another chip's."""
    try:
        text = Path(drive, "INFO_UF2.TXT").read_text("utf-8", "replace")
    except OSError as e:
        raise Problem(f"the drive {drive} can't be read: {e.strerror}") from None
    if _IDS[board["uf2"]] not in text:
        model = next(
            (line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("Model:")), "another board"
        )
        raise Problem(f"the drive {drive} belongs to {model}, and {board['name']} has an {board['uf2']}")


# ---- ESP32


def by_esptool(board, path, args):
    """Write the file by esptool, whose progress is shown; gives the port."""
    port = device.find(args.port, board["port"])
    erase = args.erase
    if not (args.erase or args.keep):
        with device.Device(port) as there:
            erase = not there.has_repl(_LOOK)
        print("no MicroPython answers there: all of its flash will be erased" if erase else "its files stay", flush=True)
    # a converter's speed; where the chip has its own USB it means nothing
    command = [*_ESPTOOL, "--chip", board["chip"], "--port", port, "--baud", _BAUD, "write-flash"]
    command += ["--erase-all"] * erase + [board["offset"], str(path)]
    try:
        code = subprocess.run(command).returncode
    except OSError as e:
        raise Problem(f"esptool can't be started: {e.strerror}") from None
    if code:
        raise Problem(_BY_HAND)
    return port


# ---- afterwards


def answer(board, port, version):
    """Wait for MicroPython on the board; a line about it. Raises Problem where none answers."""
    deadline = time.monotonic() + _BACK
    while True:
        try:
            with device.Device(device.find(port, board["port"])) as there:
                there.take()
                _, found, machine, build, _ = device.identity(there)
            break
        except Problem as e:
            if time.monotonic() > deadline:
                raise Problem(f"it was written, but no MicroPython answers within {_BACK:g} s: {e}") from None
            time.sleep(0.3)
    text = ".".join(map(str, found))
    if text != version:
        raise Problem(f"the board still has MicroPython {text}, and {version} was written: unplug it, and do it again")
    if not boards.is_the_same(board, build, machine):
        raise Problem(f"what answers is no {board['name']}: its MicroPython {text} was made for {build or machine}")
    return f"{machine}, MicroPython {text}, at {there.name}"
