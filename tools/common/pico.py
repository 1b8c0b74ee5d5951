"""MicroPython for the RP2040, built from Debian's packages, and the emulator it runs in; both cached in the build folder.

Nothing is fetched but packages: MicroPython's source and what goes into it by an apt state of its own, the emulator by npm.
"""

import os
import shutil
import subprocess

from . import debian, micropython, paths
from .problem import Problem

BOARD = "RPI_PICO"
EMULATOR = "rp2040js@1.4.1"
_NEEDED = {
    "arm-none-eabi-gcc": "gcc-arm-none-eabi", "cmake": "cmake", "make": "make", "gcc": "gcc", "python3": "python3",
    "apt-get": "apt", "dpkg-deb": "dpkg",
}  # fmt: skip
_LIBRARIES = "libnewlib-arm-none-eabi", "libstdc++-arm-none-eabi-newlib"
_NODE = 18


def firmware():
    """The path of a firmware.uf2 of the version that is wanted; builds it where there is none."""
    target = paths.build_dir() / f"micropython-{micropython.wanted()}-{BOARD}"
    image = target / "firmware.uf2"
    if image.exists():
        return image
    missing = [package for program, package in _NEEDED.items() if not shutil.which(program)]
    if missing or not _has_libraries():
        missing += _LIBRARIES
        raise Problem(f"building {target.name} needs packages: apt-get install {' '.join(missing)}")
    work = target.with_name(target.name + ".work")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    print(f"building {target.name} (once, about a minute) ...", flush=True)
    # mpy-cross is the host's, and is there already where the unix port is
    cross = micropython.build() / "mpy-cross"
    packages = debian.Packages(work, micropython.SUITES.get(micropython.wanted(), "sid"), target.name)
    source = work / "src"
    micropython.unpack(packages, source)
    packages.unpack_source("mbedtls", work / "mbedtls")
    for folder in ("include", "library"):
        shutil.copytree(work / "mbedtls" / folder, source / "lib/mbedtls" / folder, dirs_exist_ok=True)
    for name in ("pico-sdk", "tinyusb"):
        packages.unpack(name + "-source", work / "packages")
        library = source / "lib" / name
        if library.is_dir():
            library.rmdir()
        library.symlink_to(work / "packages/usr/src" / name)
    (source / "lib/micropython-lib").mkdir(exist_ok=True)
    (source / "lib/micropython-lib/README.md").write_text("")
    # the stock manifest without drivers that are not in Debian's source; a node needs none of them
    (work / "manifest.py").write_text('freeze("$(PORT_DIR)/modules")\ninclude("$(MPY_DIR)/extmod/asyncio")\n')
    build = work / "build"
    options = {
        "MICROPY_BOARD": BOARD, "PICO_NO_PICOTOOL": 1, "PICO_BUILD_DOCS": 0, "MICROPY_FROZEN_MANIFEST": work / "manifest.py",
    }  # fmt: skip
    # else it would call itself by the commit of whatever it lies in
    named = f"MICROPY_GIT_TAG=v{micropython.wanted()}", "MICROPY_GIT_HASH=Debian"
    within = ["env", f"MICROPY_MPYCROSS={cross}", *named]
    packages.run(
        [*within, "cmake", "-S", source / "ports/rp2", "-B", build, *(f"-D{key}={value}" for key, value in options.items())]
    )
    packages.run([*within, "make", "-C", build, f"-j{os.cpu_count() or 1}"])
    done = work / "done"
    done.mkdir()
    uf2 = ["python3", source / "tools/uf2conv.py", "-f", "RP2040", "-b", "0x10000000", "-c", "-o", done / image.name]
    packages.run([*uf2, build / "firmware.bin"])
    try:
        os.replace(done, target)
    except OSError:  # somebody else was faster
        if not image.exists():
            raise
    shutil.rmtree(work)
    return image


def _has_libraries():
    line = "#include <cstdint>\n#include <string.h>\n"
    command = ["arm-none-eabi-g++", "-mcpu=cortex-m0plus", "-mthumb", "-x", "c++", "-E", "-"]
    try:
        return subprocess.run(command, input=line, text=True, capture_output=True).returncode == 0
    except OSError:
        return False


def emulator():
    """The folder of the emulator's package with its `node_modules`; installs it where there is none."""
    target = paths.build_dir() / EMULATOR.replace("@", "-")
    if (target / "node_modules").exists():
        return target
    version = node_version()
    if version < _NODE or not shutil.which("npm"):
        raise Problem(f"the emulator needs node {_NODE} or newer and npm: apt-get install nodejs npm")
    work = target.with_name(target.name + ".work")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    options = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts"]
    debian.run(["npm", "install", *options, "--prefix", work, EMULATOR], work, "the emulator")
    try:
        os.replace(work, target)
    except OSError:
        if not (target / "node_modules").exists():
            raise
        shutil.rmtree(work)
    return target


def node_version():
    """The major version of the machine's node, 0 where there is none."""
    try:
        text = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
        return int(text.strip().lstrip("v").split(".")[0] or 0)
    except (OSError, ValueError):
        return 0
