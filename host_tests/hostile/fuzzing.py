"""Runs fuzz.py over a node: `make fuzz N=1000000`."""

import json
import subprocess
import tempfile
from pathlib import Path

from host_tests import harness
from host_tests.hostile import corpus
from tools import paths
from tools.emulator import host

HERE = Path(__file__).parent
NODES = {
    "example_heater": "example_heater",
    "vector_magnet": "vector_magnet",
    "bench": harness.NODES / "bench.py",
    "outside": "outside",
}
SERIAL = ("outside",)
# one that takes its time would cost all the volume; what is broken on purpose has to say InternalError
SPECIAL = {"bench": ("skip slow", "broken calc:_break", "broken faulty")}


class Found(Exception):
    """Something that must not be; with the lines that brought it about."""


def fuzz(level, name, lines, seed, heap=None):
    """Feed a session of the node `name` in NODES; gives what fuzz.py found out. Raises Found."""
    folder, start, program = powered(level, NODES[name], heap)
    good, reset = corpus.requests(NODES[name])
    way = "serial" if name in SERIAL else "tcp"
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write("\n".join([*good, *("reset " + line for line in reset), *SPECIAL.get(name, ())]) + "\n")
        file.flush()
        words = [*program, HERE / "fuzz.py", folder, start.parent, file.name, lines, seed, way]
        if level == "cpython":
            words.append(paths.SHIMS)
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, preexec_fn=host.die_with_parent)
    if done.returncode:
        raise Found(f"{name} ({level}): {done.stdout[-6000:]}{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def powered(level, node, heap):
    """(image, start.py of the board HOST, the interpreter's words), with a heap of so many KiB."""
    # a small heap has no room to compile in
    compiled = level == "micropython" and heap
    folder, words = harness.power_on("board-like" if compiled else level, node)
    start = next(Path(word) for word in words if word.endswith("start.py"))
    program = [harness.interpreter(level, heap)]
    if compiled:
        program += ["-X", f"heapsize={heap}k"]
    return folder, start, [*program, "-B"] if level == "cpython" else program


def add_arguments(parser):
    parser.add_argument("--lines", type=int, default=1000000, help="all in all (%(default)s)")
    parser.add_argument("--level", default="board-like", choices=(*harness.LEVELS, *harness.HEAPS), help="(%(default)s)")
    parser.add_argument("--heap", type=int, help="KiB (a board-like one has 192, others what they take)")
    parser.add_argument("--seed", type=int, default=1, help="another one makes other lines (%(default)s)")


def main(args):
    for name in NODES:
        try:
            found = fuzz(args.level, name, args.lines // len(NODES), args.seed, args.heap)
        except Found as e:
            print(f"{e}\nTo keep it as a test: add a line `{name} HEX` to host_tests/hostile/seeds.txt")
            return 1
        low, high, last = found["heap"]
        rate = found["lines"] / found["seconds"]
        print(f"{name:15} {found['lines']} lines, {found['good']} of them accepted, {rate:.0f} a second;", end=" ")
        print(f"heap {low} to {high} bytes, {last} at the end", flush=True)
    return 0
