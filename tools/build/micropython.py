"""MicroPython's unix port: from PATH where it is new enough, else built from Debian's source package.

MICROPYTHON_VERSION in the environment chooses one: any that lies built in the build folder, or of which Debian has the source.
`board_like()` is the same source as a board has it: 32 bit, single-precision floats, a small heap, a board's REPL (repl/);
with `frozen` the firmware is in it as well, as a board has it in flash.
"""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from .. import paths
from ..problem import Problem
from . import debian
from .frozen import Manifest

VERSION = "1.25.0"  # of Debian trixie, which stays
SUITES = {"1.25.0": debian.STAYS}  # others are looked for in sid
_LEAST = (1, 23)
# the port's own, but for Ctrl-C: there it comes at once, in the middle of an allocation as well, whose lock stays then; on a
# board between two instructions of Python
_VARIANT = """#include "variants/standard/mpconfigvariant.h"
#undef MICROPY_ASYNC_KBD_INTR
#define MICROPY_ASYNC_KBD_INTR (0)
#define MICROPY_PY_HASHLIB_SHA1 (1)
#define MICROPY_SSL_MBEDTLS (1)
#define MICROPY_OPT_MAP_LOOKUP_CACHE_SIZE (4096)
"""
# SHA-1 by the C code that boards have, without the rest of TLS
_HASHES = """SRC_C += lib/mbedtls/library/sha1.c lib/mbedtls/library/sha256.c lib/mbedtls/library/platform_util.c
INC += -I$(TOP)/lib/mbedtls/include
"""
_RECIPE = 4  # another number: what was built before by another one is built anew
_NEEDED = {"gcc": "gcc", "make": "make", "apt-get": "apt", "python3": "python3"}


def is_micropython(interpreter):
    """Whether a command is MicroPython's, by its name."""
    return os.path.basename(interpreter).startswith("micropython")


def find(interpreter):
    """The interpreter to run: a python3 as it is; for "micropython" the one of the machine, or ours."""
    if interpreter != "micropython":
        found = shutil.which(interpreter)
        if not found:
            raise Problem(f"PYTHON={interpreter} is not on this machine: take python3 or micropython")
        if "python" not in os.path.basename(found):
            raise Problem(f"PYTHON={interpreter} is no Python: take python3 or micropython")
        return found
    return str(micropython())


def wanted():
    return os.environ.get("MICROPYTHON_VERSION") or VERSION


def newest():
    """The newest version that Debian has the source of, e.g. "1.26.1"; those of sid come and go."""
    with tempfile.TemporaryDirectory() as work:
        found = debian.Packages(Path(work), "sid", "MicroPython").versions("micropython")
    return max([VERSION, *map(_upstream, found)], key=lambda text: tuple(map(int, text.split("."))))


def _upstream(version):
    # 1.26.1+ds-1 is Debian's of 1.26.1
    return re.match(r"[0-9.]*[0-9]|", version)[0] or VERSION


def version(interpreter):
    """The version of a MicroPython as a tuple, or None."""
    try:
        text = subprocess.run([interpreter, "-c", "import sys; print(sys.implementation)"], capture_output=True, text=True)
        found = re.search(r"version=\((\d+), (\d+), (\d+)", text.stdout)
        return tuple(map(int, found.groups())) if found else None
    except OSError:
        return None


def _has_sha1(interpreter):
    """Whether a MicroPython has what WebSocket begins with; one that was built without TLS has not."""
    return subprocess.run([interpreter, "-c", "import hashlib; hashlib.sha1"], capture_output=True).returncode == 0


def micropython():
    """The path of MicroPython's unix port; builds it where there is none."""
    found = shutil.which("micropython")
    if found and "MICROPYTHON_VERSION" not in os.environ and (version(found) or (0,))[:2] >= _LEAST and _has_sha1(found):
        return Path(found)
    return build() / "micropython"


def build():
    """Build MicroPython and mpy-cross into the build folder, once; gives the folder that holds both."""
    return _build("-unix", (), "libc6-dev")


def board_like(heap=None, frozen=False):
    """As micropython(), with 32 bit and single-precision floats: its objects have the size they have on RP2040 and ESP32.

    With `heap` one that has a heap of so many KiB (a multiple of 0.25); with `frozen` one that has the firmware in it.
    """
    interpreter = (_frozen() if frozen else _board_like()) / "micropython"
    if heap is None:
        return interpreter
    # it runs what lies beside it, wherever the folder is copied
    line = f'exec "${{0%/*}}/micropython" -X heapsize={round(heap * 1024)}'
    return command(interpreter.with_name(f"micropython-{heap}k"), line)


def command(path, line):
    """Have `path` be a script of the shell that ends with this line; gives the path."""
    text = f'#!/bin/sh\n{line} "$@"\n'
    if not path.exists() or path.read_text() != text:
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        beside.write_text(text)
        beside.chmod(0o755)
        os.replace(beside, path)
    return path


def cross():
    """The path of an mpy-cross for board_like()."""
    return _board_like() / "mpy-cross"


_BOARD_LIKE = (
    "MICROPY_FORCE_32BIT=1", "MICROPY_SSL_AXTLS=0",
    "CFLAGS_EXTRA=-DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_FLOAT",
    f"USER_C_MODULES={Path(__file__).parent}",  # of this folder's folders those that have a micropython.mk
)  # fmt: skip


def _board_like():
    return _build("-unix-32", _BOARD_LIKE, "gcc-multilib", "-m32")


def _frozen():
    # a folder for what is frozen just now, and what it was built in: a change of the firmware is built in seconds
    manifest = paths.BOARDS / "manifest.py"
    suffix = "-unix-32-frozen-"
    found = _build(
        suffix + Manifest(manifest).digest, _BOARD_LIKE, "gcc-multilib", "-m32", work=suffix + "work", manifest=manifest
    )
    for other in found.parent.glob(_folder(suffix).name + "*"):
        if other not in (found, _folder(suffix + "work")) and other.is_dir():
            shutil.rmtree(other, ignore_errors=True)
    return found


def _build(suffix, options, headers, *flags, work=None, manifest=None):
    """`work` is what is added to the name of a folder that stays, `manifest` what is frozen beside asyncio."""
    target = _folder(suffix)
    if not (target / "micropython").exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(_folder((work or suffix) + ".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # of several who want it one makes it
            if not (target / "micropython").exists():
                place = _folder(work) if work else target.with_name(target.name + ".work")
                _make(target, place, options, headers, flags, manifest)
                if not work:
                    shutil.rmtree(place)
    return target


def _folder(suffix):
    return paths.build_dir() / f"micropython-{wanted()}-{_RECIPE}{suffix}"


def _make(target, work, options, headers, flags, manifest):
    missing = [package for program, package in _NEEDED.items() if not shutil.which(program)]
    if "gcc" not in missing and not _preprocesses("#include <string.h>", *flags):
        missing.append(headers)
    if missing:
        raise Problem(f"building MicroPython needs the packages {', '.join(missing)}: apt-get install {' '.join(missing)}")
    begun = work / "begun"
    jobs = f"-j{os.cpu_count() or 1}"
    variant = work / "standard"
    if not begun.exists() or begun.read_text() != str(work):  # one that was copied has the other's paths in it
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        print(f"building {target.name} (once, about half a minute) ...", flush=True)
        packages = debian.Packages(work, SUITES.get(wanted(), "sid"), "MicroPython")
        unpack(packages, work / "src")
        unpack_mbedtls(packages, work / "src")
        (work / "lib").mkdir()
        (work / "lib" / "README.md").write_text("")
        frozen = f"include({str(manifest)!r})\n" if manifest else ""
        (work / "manifest.py").write_text('include("$(MPY_DIR)/extmod/asyncio")\n' + frozen)
        variant.mkdir()
        (variant / "mpconfigvariant.mk").write_text(_HASHES)
        (variant / "mpconfigvariant.h").write_text(_VARIANT)
        debian.run(["make", "-C", work / "src/mpy-cross", jobs], work, "MicroPython")
        begun.write_text(str(work))
    command = ["make", "-C", work / "src/ports/unix", jobs, f"VARIANT_DIR={variant}"]
    command += ["MICROPY_PY_FFI=0", "MICROPY_PY_SSL=0", "MICROPY_SSL_MBEDTLS=0"]
    # what makes it fast: a third of what the tests compute goes by that
    command += ["MICROPY_PY_THREAD=0", "COPT=-O2 -DNDEBUG -fno-pie -flto=auto", "LDFLAGS_EXTRA=-O2 -no-pie -flto=auto"]
    command += ["MICROPY_PY_BTREE=0", f"MPY_LIB_DIR={work}/lib", f"FROZEN_MANIFEST={work}/manifest.py", *options]
    debian.run(command, work, "MicroPython")
    done = work / "done"
    done.mkdir(exist_ok=True)
    shutil.copy(work / "src/ports/unix/build-standard/micropython", done)
    shutil.copy(work / "src/mpy-cross/build/mpy-cross", done)
    os.replace(done, target)


def unpack(packages, target):
    """Unpack the upstream source of the version that is wanted. Raises Problem where Debian has another one, or none."""
    there = packages.versions("micropython")
    found = [version for version in there if _upstream(version) == wanted()]
    if not found:
        others = ", ".join(map(_upstream, there)) or "none"
        text = f"Debian has no source package of MicroPython {wanted()} just now, but {others}; {VERSION} stays"
        raise Problem(f"{text}. One that was built before is taken from {paths.build_dir()}")
    packages.unpack_source("micropython", target, found[0])


def unpack_mbedtls(packages, source):
    """Put into MicroPython's source what Debian's package of it lacks."""
    beside = source.with_name("mbedtls")
    series = [version for version in packages.versions("mbedtls") if version.startswith("3.")]  # as MicroPython has it
    packages.unpack_source("mbedtls", beside, series[0] if series else None)
    for folder in ("include", "library"):
        shutil.copytree(beside / folder, source / "lib/mbedtls" / folder, dirs_exist_ok=True)
    shutil.rmtree(beside)


def _preprocesses(line, *flags):
    command = ["gcc", *flags, "-E", "-"]
    return subprocess.run(command, input=line + "\n", text=True, capture_output=True).returncode == 0
