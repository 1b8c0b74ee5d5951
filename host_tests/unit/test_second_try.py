"""A test that passes only when it is tried again is named, with what had failed."""

import os
import subprocess
import sys

from host_tests import harness

FLAKY = """
import pathlib, sys
def test_flaky(tmp_path):
    mark = pathlib.Path({mark!r})
    if not mark.exists():
        mark.touch()
        raise TimeoutError("no answer within 10 s")
def test_sound():
    pass
"""


def test_it_is_named_with_the_reason(tmp_path):
    file = tmp_path / "test_it.py"
    file.write_text(FLAKY.format(mark=str(tmp_path / "mark")))
    env = {**os.environ, "SECNODE_FAILED": str(tmp_path / "failed.json"), "PYTHONPATH": str(harness.ROOT)}

    def run(*words):
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "host_tests.conftest",
            "-o",
            f"cache_dir={tmp_path}/cache",
            *words,
            str(file),
        ]
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)

    first = run()
    assert first.returncode == 1 and "SECOND TRY" not in first.stdout, first.stdout + first.stderr
    second = run("--last-failed")
    assert second.returncode == 0, second.stdout + second.stderr
    line = next(line for line in second.stdout.splitlines() if line.startswith("SECOND TRY"))
    assert "test_flaky" in line and "no answer within 10 s" in line
    assert "test_sound" not in second.stdout
