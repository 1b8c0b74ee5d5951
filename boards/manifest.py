"""The firmware as frozen modules, but for what a node or a board has of its own: boot.py, main.py, board.py, nodes/.

For the manifest.py of each board; `network=False` leaves out what needs one. A module `frozen` comes with it: its DIGEST is
that of all that is frozen here, by which `secnode flash` knows whether a board has what it would copy.
"""

# ruff: noqa: F821 - MicroPython's reader of manifests gives these names
import atexit
import hashlib
import shutil
import tempfile
from pathlib import Path

options.defaults(network=True)

_FIRMWARE = Path("../firmware")  # a manifest is read in its own folder
_LEFT_OUT = ("boot.py", "main.py", "nodes/")
if not options.network:
    _LEFT_OUT += (
        "net/",
        "transport/discovery.py",
        "transport/room.py",
        "transport/tcp.py",
        "transport/web.py",
        "transport/websocket.py",
    )

_digest = hashlib.sha256()
for _path in sorted(_FIRMWARE.rglob("*.py")):
    _name = _path.relative_to(_FIRMWARE).as_posix()
    if not _name.startswith(_LEFT_OUT):
        _folder, _, _file = _name.rpartition("/")
        if _folder:
            package(_folder, files=(_file,), base_path=str(_FIRMWARE))
        else:
            module(_file, base_path=str(_FIRMWARE))
        # as text: line ends are git's affair
        _digest.update(f"{_name}\0{_path.read_text('utf-8')}\0".encode())

# made here, so that it is there however MicroPython is built
_made = tempfile.mkdtemp(prefix="secnode-")
atexit.register(shutil.rmtree, _made, ignore_errors=True)
Path(_made, "frozen.py").write_text(f'DIGEST = "{_digest.hexdigest()[:16]}"\n')
module("frozen.py", base_path=_made)
