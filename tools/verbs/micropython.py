"""Put MicroPython onto a bare board: by its BOOTSEL drive (RP2), or by esptool (ESP32)."""

import os
import subprocess
import sys
import time
from pathlib import Path

from ..board import device, fetching, firmware_file
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

_STEPS = """{name} has to show its drive {label}:
  1. unplug it
  2. hold its BOOTSEL button (the white one), plug its USB cable in, let go of the button
  3. open the drive {label} if your desktop does not do that by itself
Waiting for the drive ..."""
_BY_HAND = """esptool could not write to the board; its message is above. What helps most:
  - hold the button BOOT (or IO0), press and release EN (or RST), let go of BOOT, and try again
  - another USB cable, without a hub
  - `--port` with the board's port, where there are several"""


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
    path = fetching.frozen(args.firmware, board) if args.frozen else fetching.fetched(args.firmware, board)
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
