"""The firmware as frozen modules, but for what a node or a board has of its own: boot.py, main.py, board.py, nodes/.

For the manifest.py of each board; `network=False` leaves out what needs one.
"""

# ruff: noqa: F821 - MicroPython's reader of manifests gives these names
options.defaults(network=True)

for name in ("secnode", "control", "drivers", "modules"):
    package(name, base_path="../firmware")
if options.network:
    package("net", base_path="../firmware")
    package("transport", base_path="../firmware")
else:
    package("transport", files=("__init__.py", "access.py", "console.py", "line.py", "uart.py"), base_path="../firmware")
for name in ("repl.py", "running.py", "settings.py"):
    module(name, base_path="../firmware")
