"""The levels are what their names say."""

import json
import subprocess

from host_tests import harness

QUESTION = """
import gc, json, struct
print(json.dumps([struct.calcsize("P"), float("1e39") == float("inf"), (gc.mem_alloc() + gc.mem_free()) / 1024]))
"""


def test_board_like_has_a_boards_pointers_floats_and_heap(level):
    if level == "cpython":
        return
    done = subprocess.run([harness.interpreter(level), "-c", QUESTION], capture_output=True, text=True, check=True)
    pointer, is_single, heap = json.loads(done.stdout)
    if level in harness.HEAPS:
        assert (pointer, is_single) == (4, True)
        assert 0.95 * harness.HEAPS[level] < heap <= harness.HEAPS[level]
    else:
        assert (pointer, is_single) == (8, False)
