"""A program that is forked sees and does what one does that was started (forked.py)."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from host_tests import forked, harness

SCRIPT = Path(__file__).with_name("forking.py")
BOTH = pytest.mark.skipif(subprocess.Popen is not forked.Popen, reason="nothing is forked here")
pytestmark = BOTH


def both(*words, **kwds):
    """What came of a command that is started, and of one that is forked."""
    found = []
    kwds = {"env": dict(os.environ), **kwds}  # C code of libraries puts more into what a process inherits
    for kind in (forked.started, forked.Popen):
        with kind(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kwds) as process:
            out, err = process.communicate("typed\n", timeout=60)
            first, *rest = out.splitlines()
            found.append((json.loads(first), process.returncode, rest, err))
    return found


@pytest.mark.parametrize("how", ["", "exit", "words", "thread"])
@pytest.mark.parametrize("more", [
    {}, {"env": {**os.environ, "PYTHONHASHSEED": "5", "SECNODE_X": "ä"}}, {"cwd": "/"}, {"start_new_session": True},
], ids=["plain", "env", "cwd", "session"])  # fmt: skip
def test_it_sees_the_same_and_ends_the_same_way(how, more):
    began, fork = both(sys.executable, "-B", str(SCRIPT), how, "ä b", **more)
    assert fork == began
    assert fork[0]["parent"] == os.getpid()


def test_it_gets_the_files_that_are_passed():
    reading, writing = os.pipe()
    try:
        began, fork = both(sys.executable, str(SCRIPT), "", pass_fds=[writing])
    finally:
        os.close(reading)
        os.close(writing)
    assert fork == began and fork[0]["files"] == [writing]


def test_a_traceback_is_the_programs_alone():
    began, fork = both(sys.executable, str(SCRIPT), "raise")
    assert fork == began and fork[1] == 1 and "forking.py" in fork[3]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_it(number):
    codes = []
    for kind in (forked.started, forked.Popen):
        command = [sys.executable, str(SCRIPT), "wait"]
        with kind(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            while process.stdout.readline() != "waits\n":
                pass
            process.send_signal(number)
            codes.append(process.wait(20))
    assert codes[0] == codes[1] == -number


def test_a_source_that_changed_is_the_new_one(tmp_path):
    """Also one of the same size, and of the same time; and the same source elsewhere has its own name."""
    folder = SCRIPT.parent / f"forking-{os.getpid()}"
    folder.mkdir()
    try:
        script, module = folder / "script.py", folder / "secnode_once.py"
        script.write_text(
            "import secnode_once\nprint(secnode_once.__file__, secnode_once.f.__code__.co_filename)\nsecnode_once.f()\n"
        )
        for word in ("one", "two"):
            module.write_text(f"def f():\n    print({word!r})\n")
            os.utime(module, (1e9, 1e9))
            said = subprocess.run([sys.executable, "-B", str(script)], capture_output=True, text=True).stdout
            assert said == f"{module} {module}\n{word}\n"
    finally:
        shutil.rmtree(folder)


def test_what_it_can_not_do_is_started():
    done = subprocess.run([sys.executable, "-c", "print(5)"], capture_output=True, text=True)
    assert done.stdout == "5\n"
    with pytest.raises(FileNotFoundError):
        subprocess.Popen([str(harness.ROOT / "nonesuch")])


def test_a_signal_at_once_ends_it_too():
    """As one that comes before Python has begun; it is never lost."""
    for _ in range(20):
        process = subprocess.Popen([sys.executable, str(SCRIPT), "wait"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == -signal.SIGINT
