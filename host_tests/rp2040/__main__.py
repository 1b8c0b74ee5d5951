"""What `make test-rp2040` runs: the tests of this level in two halves at once, each keeps one core busy; a tally last.

With arguments, which are pytest's, all in one.
"""

import collections
import re
import subprocess
import sys
import tempfile

from tools.build import pico
from tools.problem import Problem

_HERE = "host_tests/rp2040"
_HALVES = (f"{_HERE}/wire",), (_HERE, f"--ignore={_HERE}/wire")
_COUNT = re.compile(r"(\d+) (passed|failed|skipped|error)")


def pytest(words, out=None):
    return subprocess.Popen([sys.executable, "-m", "pytest", *words], stdout=out, stderr=out)


def main(arguments):
    if arguments:
        chosen = any(word.startswith(_HERE) for word in arguments)
        return pytest(arguments if chosen else [_HERE, *arguments]).wait()
    try:
        pico.firmware()
        pico.firmware(frozen=True)  # of the same objects
        pico.firmware(network=True)
        pico.emulator()
    except Problem as e:
        print(f"level rp2040 is missing here: {e}", flush=True)
    print("two halves at once, some minutes ...", flush=True)
    files = [tempfile.TemporaryFile("w+") for _ in _HALVES]
    runs = [pytest(half, out) for half, out in zip(_HALVES, files, strict=True)]
    counts = collections.Counter()
    try:
        for run, out in zip(runs, files, strict=True):
            run.wait()
            out.seek(0)
            said = out.read()
            print(said, flush=True)
            last = said.strip().splitlines()[-1:]
            counts.update({word: int(n) for n, word in _COUNT.findall("".join(last))})
    finally:
        for run in runs:
            if run.poll() is None:
                run.terminate()
                run.wait()
    bad = [run.returncode for run in runs if run.returncode]
    tally = ", ".join(
        f"{counts[word]} {word}" for word in ("passed", "failed", "error", "skipped") if counts[word] or word == "passed"
    )
    print(f"rp2040: {tally}")
    return 1 if bad else 0


sys.exit(main(sys.argv[1:]))
