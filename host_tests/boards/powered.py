"""Runs the image of a board as boards/HOST/start.py does, with the limits of that board; prints how its pins are at the end.

python3 powered.py IMAGE HOST SHIMS         micropython powered.py IMAGE HOST SHIMS

SECoP is on stdin and stdout, where the board has its USB; over TCP it listens on 127.0.0.1, port SECNODE_PORT.
"""

import sys

image, host, shims = sys.argv[1:]
sys.path[:0] = [image, host]  # the image has a board.py of its own
sys.path.append(__file__.rsplit("/", 1)[0])
if sys.implementation.name == "cpython":
    import io

    sys.path.insert(0, shims)
    import cpython  # noqa: F401

    sys.stdin = open(0, "rb", buffering=0, closefd=False)
    sys.stdout = io.TextIOWrapper(open(1, "wb", buffering=0, closefd=False), "utf-8", "replace", write_through=True)
import os  # noqa: E402

os.chdir(image)
import facts  # noqa: E402
import limits  # noqa: E402

import board  # noqa: E402
import machine  # noqa: E402

limits.limit(facts.BOARDS[board.NAME])
if board.TCP_PORT:
    board.TCP_HOST, board.TCP_PORT = "127.0.0.1", int(os.getenv("SECNODE_PORT"))
    board.DISCOVERY = {"host": "127.255.255.255", "everybody": "127.255.255.255", "options": (15,)}
import boot  # noqa: E402, F401

print("at boot", sorted(machine.levels.items()), file=sys.stderr)
import main  # noqa: E402

code = main.run()
print("exit code", code, "levels", sorted(machine.levels.items()), "timers", len(machine.Timer._running), file=sys.stderr)
