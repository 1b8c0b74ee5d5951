"""Runs an image as boards/HOST/start.py does, and prints at the end what the output pins have: for test_run.py."""

import sys

image, host, shims = sys.argv[1:]
sys.path[:0] = [image, host]
if sys.implementation.name == "cpython":
    sys.path.insert(0, shims)
    import cpython  # noqa: F401
import os  # noqa: E402

os.chdir(image)
import boot  # noqa: E402, F401
import machine  # noqa: E402
import main  # noqa: E402

code = main.run()
print("exit code", code, "levels", sorted(machine.levels.items()))
