"""tools/image/structure.py for many nodes: each is described in a fork of one process, as fresh as in a process of its own.

As a script it is that process: a line of JSON with the arguments, the folder and the environment comes at stdin, one with
[exit code, stdout, stderr] goes out.
"""

import json
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path


class Describing:
    """Takes the place of tools.image.image._run; the process begins with the first node."""

    def __init__(self):
        self._process = None

    def __call__(self, command):
        assert command[2].endswith("structure.py")
        if self._process is None:
            folder = Path(__file__).resolve().parent.parent / "tools" / "image"
            self._process = subprocess.Popen(
                [sys.executable, "-B", __file__, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
            )
        self._process.stdin.write(json.dumps([command[3:], os.getcwd(), dict(os.environ)]) + "\n")
        self._process.stdin.flush()
        return subprocess.CompletedProcess(command, *json.loads(self._process.stdout.readline()))

    def close(self):
        if self._process:
            self._process.stdin.close()
            self._process.wait(10)


def described(structure, words, folder, environment):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            code = 1
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            try:
                os.chdir(folder)
                os.environ.clear()
                os.environ.update(environment)
                code = structure.main(*words)
            except BaseException:
                traceback.print_exc()
            finally:
                sys.__stdout__.flush()
                sys.__stderr__.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
        return [os.waitstatus_to_exitcode(status), *texts]


def serve():
    sys.path[0] = sys.argv[1]  # as if structure.py were the script
    import structure

    for line in sys.stdin:
        print(json.dumps(described(structure, *json.loads(line))), flush=True)


if __name__ == "__main__":
    serve()
