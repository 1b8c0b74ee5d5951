"""Puts a script into the place of a board's main.py: `script IMAGE HOST ... [SHIMS]`; import it first.

IMAGE is the folder of a node's image, HOST the one of the simulated board, SHIMS (for CPython) comes last.
"""

import sys

image, host, *words = sys.argv[1:]
sys.path[:0] = [image, host]
if sys.implementation.name == "cpython":
    sys.path.insert(0, words.pop())
    import cpython  # noqa: F401 - it has effects alone

import os  # noqa: E402

os.chdir(image)
