"""tools/image/structure.py for many nodes: each is described in a fork of one process, as fresh as in a process of its own.

What is said of a node of the checkout is kept for the other processes of a run of tests: they describe it no more.

As a script it is that process: a line of JSON with the arguments, the folder and the environment comes at stdin, one with
[exit code, stdout, stderr] goes out.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_OF_TESTS = ("SECNODE_SETTINGS", "SECNODE_TESTS", "SECNODE_FAILED")  # no node of the checkout is another one by these


class Describing:
    """Takes the place of tools.image.image._run; the process begins with the first node. What was said is kept in a folder."""

    def __init__(self, kept):
        self._process = None
        self._kept = kept

    def __call__(self, command):
        assert command[2].endswith("structure.py")
        if not Path(command[3]).is_relative_to(ROOT):
            return subprocess.CompletedProcess(command, *self._described(command))
        kept = Kept(self._kept, json.dumps([command, asked(), files(command[3:7])]))
        found = kept.read()
        if found is None:
            found = self._described(command)
            kept.write(found)
        return subprocess.CompletedProcess(command, *found)

    def _described(self, command):
        if self._process is None:
            folder = Path(__file__).resolve().parent.parent / "tools" / "image"
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
            )
        self._process.stdin.write(json.dumps([command[3:], os.getcwd(), dict(os.environ)]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self):
        if self._process:
            self._process.stdin.close()
            self._process.wait(10)


class Kept:
    """JSON in a folder for all processes that share the tests, by what it was made of (a text); nowhere where there is none."""

    def __init__(self, folder, made_of):
        self._path = folder and os.path.join(folder, hashlib.sha256(made_of.encode()).hexdigest())

    def read(self):
        """What is there, None where nothing is."""
        if not self._path or not os.path.exists(self._path):
            return None
        with open(self._path, encoding="utf-8") as f:
            return json.load(f)

    def write(self, content):
        if not self._path:
            return
        beside = f"{self._path}.{os.getpid()}"
        with open(beside, "w", encoding="utf-8") as f:
            f.write(json.dumps(content))  # json.dump() may be a board's, which takes bytes (shims/cpython.py)
        os.replace(beside, self._path)


def asked():
    """What the environment asks for of a node."""
    return {key: os.environ[key] for key in sorted(os.environ) if key.startswith("SECNODE_") and key not in _OF_TESTS}


def files(places):
    """Names, sizes and times of the sources in some folders, and in those of some files."""
    found = []
    left = list({str(place) if os.path.isdir(place) else os.path.dirname(os.path.abspath(place)) for place in places})
    while left:
        with os.scandir(left.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    left.append(entry.path)
                elif entry.name.endswith(".py"):
                    of = entry.stat()
                    found.append((entry.path, of.st_size, of.st_mtime_ns))
    return sorted(found)


def described(structure, words, folder, environment):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            code = 1
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            try:
                # a file of a test's own may change within a second
                sys.dont_write_bytecode = not Path(words[0]).is_relative_to(ROOT)
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
