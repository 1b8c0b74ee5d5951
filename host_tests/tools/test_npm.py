"""Several that want a package of npm at once have it installed once."""

import os
import subprocess
import sys

from host_tests import harness

NPM = """#!/bin/sh
echo x >> "$CALLS"
while [ "$1" != --prefix ]; do shift; done
sleep 0.5
mkdir -p "$2/node_modules/thing"
"""
CODE = """import pathlib, sys
from tools import paths
paths.build_dir = lambda: pathlib.Path(sys.argv[1])
from tools.build import npm
print(npm.folder('@maker/thing@1.0', 'this test'))
"""


def test_one_installs_it(tmp_path):
    programs, calls = tmp_path / "bin", tmp_path / "calls"
    programs.mkdir()
    for name, text in (("npm", NPM), ("node", "#!/bin/sh\necho v20.1.0\n")):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "CALLS": str(calls)}
    command = [sys.executable, "-c", CODE, str(tmp_path / "build")]
    running = [subprocess.Popen(command, cwd=harness.ROOT, env=env, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = {process.communicate(timeout=60)[0] for process in running}
    assert [process.returncode for process in running] == [0] * 4
    assert said == {f"{tmp_path / 'build' / 'maker-thing-1.0'}\n"}
    assert calls.read_text() == "x\n" and (tmp_path / "build" / "maker-thing-1.0" / "node_modules" / "thing").is_dir()
