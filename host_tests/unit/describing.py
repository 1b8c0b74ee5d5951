"""tools/image/structure.py for many nodes: each is described in a fork of one process, as fresh as in a process of its own.

A line of JSON with the arguments comes at stdin, one with [exit code, stdout, stderr] goes out.
"""

import json
import os
import sys
import tempfile
import traceback

sys.path.insert(0, sys.argv[1])
import structure


def described(words):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            code = 1
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            try:
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


for line in sys.stdin:
    print(json.dumps(described(json.loads(line))), flush=True)
