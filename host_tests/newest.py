"""What `make test-newest` runs: tests of the firmware with the newest MicroPython that Debian has the source of, and today's.

`make test` does so with the one that stays. Here are those that depend on it, on the same two levels: the wire, the parts, the
properties, and of the fault table the phase in which most happens. Today's runs as WebAssembly, which has no sockets: what
calculates, reads and writes numbers, judges or keeps. With arguments, which are pytest's, those instead. MICROPYTHON_VERSION,
where it is set, is the version, and the only one.
"""

import os
import subprocess
import sys
import time

from tools.build import micropython, webassembly
from tools.problem import Problem

_LEVELS = "micropython", "board-like"
_FOLDERS = [f"host_tests/{name}" for name in ("wire", "unit", "properties", "safety")]
_TODAYS = [f"host_tests/{name}.py" for name in (
    "properties/test_conversion", "properties/test_datatypes", "properties/test_json", "properties/test_numbers",
    "unit/test_cause", "unit/test_clock", "unit/test_control", "unit/test_counting", "unit/test_guard", "unit/test_output",
    "unit/test_sensing", "unit/test_settings", "unit/test_signals", "unit/test_stepping", "instruments/test_losing",
)]  # fmt: skip
# what takes longest is on the level alone that is nearest to a board
_CHOSEN = "(not test_faults or holding) and (board-like or not (test_faults or test_oven or test_settings))"


def main(arguments):
    begin = time.monotonic()
    try:
        given = os.environ.get("MICROPYTHON_VERSION")
        version = given or micropython.newest()
        if version == micropython.VERSION:
            print(f"MicroPython: Debian has no newer one than {version}, with which `make test` runs")
            return 0 if given or arguments else _todays()
        os.environ["MICROPYTHON_VERSION"] = version
        found = {".".join(map(str, micropython.version(path) or ())) for path in (_unix(), micropython.board_like())}
    except Problem as e:
        print(e, file=sys.stderr)
        return 1
    if found != {version}:
        print(f"what lies built as MicroPython {version} calls itself {' and '.join(sorted(found))}", file=sys.stderr)
        return 1
    print(f"MicroPython {version}, beside {micropython.VERSION}: levels {', '.join(_LEVELS)}", flush=True)
    words = [sys.executable, "-m", "pytest", f"--levels={','.join(_LEVELS)}", "--leveled"]
    words += arguments or ["-n", str(2 * (os.cpu_count() or 1)), *_FOLDERS, "-k", _CHOSEN]
    code = subprocess.run(words).returncode
    if not given and not arguments:
        code = _todays() or code
    print(f"MicroPython {version}: {time.monotonic() - begin:.0f} s in all")
    return code


def _todays():
    print(f"MicroPython {webassembly.VERSION}, as WebAssembly", flush=True)
    env = {**os.environ, "SECNODE_LEVEL": "webassembly"}
    words = [sys.executable, "-m", "pytest", "--levels=webassembly", "--leveled", "--examples=60"]
    words += ["-n", str(os.cpu_count() or 1), *_TODAYS]
    return subprocess.run([*words, "-k", "not memory"], env=env).returncode  # its heap is not a board's


def _unix():
    return micropython.build() / "micropython"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
