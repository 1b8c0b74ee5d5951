"""MicroPython for RP2 boards, built from Debian's packages, and the emulator of the RP2040; all cached in the build folder.

Nothing is fetched but packages: MicroPython's source and what goes into it by an apt state of its own, the emulator by npm.
"""

import fcntl
import os
import shutil
import subprocess

from .. import paths
from ..problem import Problem
from . import debian, micropython, npm
from . import frozen as frozen_firmware

BOARD = "RPI_PICO"  # the emulated one
# a UF2 file's family, by boards. Those with a network need sources that Debian does not have
BUILT = {BOARD: "0xe48bff56", "RPI_PICO2": "0xe48bff59"}
EMULATOR = "rp2040js@1.4.1"
_NEEDED = {
    "arm-none-eabi-gcc": "gcc-arm-none-eabi", "cmake": "cmake", "make": "make", "gcc": "gcc", "python3": "python3",
    "apt-get": "apt", "dpkg-deb": "dpkg",
}  # fmt: skip
_LIBRARIES = "libnewlib-arm-none-eabi", "libstdc++-arm-none-eabi-newlib"
# with a network, which its boards lack: lwIP, and PPP at a UART
_WITH_NETWORK = {
    "mpconfigboard.cmake": "set(MICROPY_PY_LWIP ON)\n",
    "mpconfigboard.h": "".join(
        f"#define MICROPY_PY_{name} ({value})\n"
        for name, value in {"NETWORK": 1, "NETWORK_PPP_LWIP": 1, "SSL": 0, "WEBREPL": 0}.items()
    ),
}
_MANIFEST = "ports/rp2/boards/manifest.py"  # what MicroPython itself freezes for this port


def firmware(frozen=False, board=BOARD, network=False):
    """The path of a firmware.uf2 of the version that is wanted, for one of BUILT; builds it where there is none.

    With `frozen` the one that has this firmware frozen in as it is now; former ones are removed. With `network` one that can
    use PPP at a UART, which no board has that is sold.
    """
    plain = _plain(board)
    target = plain
    if network:
        target = plain.with_name(plain.name + "-network")
    elif frozen:
        target = plain.with_name(f"{plain.name}-frozen-{frozen_firmware.of_board(board).digest}")
    image = target / "firmware.uf2"
    if not image.exists():
        missing = [package for program, package in _NEEDED.items() if not shutil.which(program)]
        if missing or not _has_libraries():
            missing += _LIBRARIES
            raise Problem(f"building {target.name} needs packages: apt-get install {' '.join(missing)}")
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(tree().with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # of several who want it one makes it
            if not image.exists():
                _build(target, tree(), paths.BOARDS / board / "manifest.py" if frozen else None, board, network)
                for old in plain.parent.glob(plain.name + "-frozen-*") if frozen else ():
                    if old != target:
                        shutil.rmtree(old, ignore_errors=True)
    return image


def _plain(board=BOARD):
    return paths.build_dir() / f"micropython-{micropython.wanted()}-{board}"


def tree():
    """The folder that firmware() builds in, with the sources."""
    return _plain().with_name(_plain().name + ".tree")


def _build(target, tree, manifest, board, network):
    """Make the folder `target`, in the folder `tree`, which stays: what is frozen changes more often than the rest."""
    # mpy-cross is the host's, and is there already where the unix port is
    cross = micropython.build() / "mpy-cross"
    kind = "-network" if network else "" if board == BOARD else f"-{board}"
    source, build = tree / "src", tree / f"build{kind}"
    complete = tree / "complete"
    is_new = not complete.exists() or complete.read_text() != str(tree)  # one that was copied has the other's paths in it
    time = "about a minute" if is_new or not build.exists() else "some seconds"
    print(f"building {target.name} (once, {time}) ...", flush=True)
    if is_new:
        _unpack(tree, source, target.name)
    if network and not (source / "lib/lwip/src").exists():
        _unpack_lwip(tree, source, target.name)
    # what was frozen before is looked at by its time alone
    (build / "frozen_content.c").unlink(missing_ok=True)
    shutil.rmtree(build / "frozen_mpy", ignore_errors=True)
    manifest = manifest or source / _MANIFEST
    options = {"MICROPY_BOARD": board, "PICO_NO_PICOTOOL": 1, "PICO_BUILD_DOCS": 0, "MICROPY_FROZEN_MANIFEST": manifest}
    if network:
        options["MICROPY_BOARD_DIR"] = _with_network(source, build.with_name("board"))
    # else it would call itself by the commit of whatever it lies in
    named = f"MICROPY_GIT_TAG=v{micropython.wanted()}", "MICROPY_GIT_HASH=Debian"
    within = ["env", f"MICROPY_MPYCROSS={cross}", *named]
    image = tree / "firmware.uf2"
    uf2 = ["python3", source / "tools/uf2conv.py", "-f", BUILT[board], "-b", "0x10000000", "-c", "-o", image]
    for command in (
        [*within, "cmake", "-S", source / "ports/rp2", "-B", build, *(f"-D{key}={value}" for key, value in options.items())],
        [*within, "make", "-C", build, f"-j{os.cpu_count() or 1}"],
        [*uf2, build / "firmware.bin"],
    ):
        debian.run(command, tree, target.name)
    done = target.with_name(target.name + ".work")
    shutil.rmtree(done, ignore_errors=True)
    done.mkdir()
    image.rename(done / image.name)
    os.replace(done, target)


def _unpack(tree, source, name):
    """MicroPython's source with what goes into it."""
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir()
    packages = debian.Packages(tree, micropython.SUITES.get(micropython.wanted(), "sid"), name)
    micropython.unpack(packages, source)
    micropython.unpack_mbedtls(packages, source)
    for library in ("pico-sdk", "tinyusb"):
        packages.unpack(library + "-source", tree / "packages")
        folder = source / "lib" / library
        if folder.is_dir():
            folder.rmdir()
        folder.symlink_to(tree / "packages/usr/src" / library)
    (source / "lib/micropython-lib").mkdir(exist_ok=True)
    (source / "lib/micropython-lib/README.md").write_text("")
    # the stock manifest without drivers that are not in Debian's source; a node needs none of them
    (source / _MANIFEST).write_text('freeze("$(PORT_DIR)/modules")\ninclude("$(MPY_DIR)/extmod/asyncio")\n')
    shutil.rmtree(tree / "apt")
    for pattern in ("*.deb", "*.orig.tar.*"):
        for rest in tree.glob(pattern):
            rest.unlink()
    (tree / "complete").write_text(str(tree))


def _unpack_lwip(tree, source, name):
    packages = debian.Packages(tree, micropython.SUITES.get(micropython.wanted(), "sid"), name)
    lwip = source / "lib/lwip"
    if lwip.is_dir():
        lwip.rmdir()  # the submodule's place
    packages.unpack_source("lwip", lwip)
    shutil.rmtree(tree / "apt")
    for rest in tree.glob("lwip_*"):
        rest.unlink()


def _with_network(source, folder):
    """A copy of the board's definition in MicroPython, with a network."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source / "ports/rp2/boards" / BOARD, folder)
    for name, lines in _WITH_NETWORK.items():
        with open(folder / name, "a") as out:
            out.write(lines)
    return folder


def _has_libraries():
    line = "#include <cstdint>\n#include <string.h>\n"
    command = ["arm-none-eabi-g++", "-mcpu=cortex-m0plus", "-mthumb", "-x", "c++", "-E", "-"]
    try:
        return subprocess.run(command, input=line, text=True, capture_output=True).returncode == 0
    except OSError:
        return False


def emulator():
    """The folder of the emulator's package with its `node_modules`; installs it where there is none."""
    return npm.folder(EMULATOR, "the emulator")
