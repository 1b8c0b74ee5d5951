"""`make check`: what one runs while working. Some tests at two levels, in a minute, and how much of firmware/ they ran."""

import os
import shutil
import subprocess
import sys
import time

from host_tests import covered
from tools import paths

LEVELS = ("cpython", "micropython")
# What breaks first when something of the firmware is wrong; each file is short, or what matters most. The rest is `make test`.
CHOSEN = (
    "unit/test_imports.py",
    "unit/test_levels.py",
    "unit/test_control.py",
    "unit/test_guard.py",
    "unit/test_sensing.py",
    "unit/test_clock.py",
    "unit/test_kinds.py",
    "properties/test_datatypes.py",
    "properties/test_json.py",
    "wire/test_messages.py",
    "wire/test_updates.py",
    "wire/test_check.py",
    "wire/test_bad_input.py",
    "wire/test_transcripts.py",
    "safety/test_outputs.py",
)
_EXAMPLES = 30  # of each property


def main():
    begin = time.monotonic()
    folder = paths.build_dir() / "coverage"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    words = ["-n", str(2 * (os.cpu_count() or 1)), "--levels", ",".join(LEVELS), "--examples", str(_EXAMPLES)]
    files = [str(paths.ROOT / "host_tests" / name) for name in CHOSEN]
    env = {**os.environ, covered.VARIABLE: str(folder)}
    code = subprocess.run([sys.executable, "-m", "pytest", *words, *sys.argv[1:], *files], cwd=paths.ROOT, env=env).returncode
    print("\nfirmware/ at the level cpython, run by these tests")
    print(covered.report(folder))
    print(f"make check: {'all well' if not code else 'something is wrong'}, {time.monotonic() - begin:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
