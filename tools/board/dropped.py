"""One file for a bare RP2 board: MicroPython, and a file system that has the node. Drop it onto the board's BOOTSEL drive.

The file system is the one that MicroPython would make by itself (littlefs), with what `secnode flash` puts there: nothing is
staged, so there is nothing to complete at the first start, whenever the power goes.
"""

import collections
import json

from ..build import frozen
from ..image import image
from ..problem import Problem
from . import firmware_file, flash, kept, uf2

_VERSION = 0x00020000  # of what is on flash: every MicroPython reads it, and writes its own when it writes first
LAYOUT = {"read_size": 32, "prog_size": uf2.PAGE, "lookahead_size": 32, "cache_size": 4 * uf2.PAGE}  # as ports/rp2 has it


def build(path, content, board, node, settings=None):
    """The file, as bytes, and what there is to say of it, a list of lines.

    For a board (of boards.load) and a node; `content` is the UF2 file with MicroPython, `settings` are objects in an object.
    Where MicroPython has this firmware frozen in, the node comes beside it; else the firmware comes with it. Raises Problem.
    """
    version = firmware_file.look_at(path, content, board)
    blocks = uf2.read(content)
    of_chip = [block.family for block in blocks if block.family in firmware_file.FAMILIES[board["uf2"]]]
    family = collections.Counter(of_chip).most_common(1)[0][0]
    foreign = [block.raw for block in blocks if block.family != family]
    pages = {}
    for block in [block for block in blocks if block.family == family]:
        if len(block.data) != uf2.PAGE or block.address % uf2.PAGE or block.address in pages:
            raise Problem(f"{path} has a block that no bootloader takes, at {block.address:#x}")
        pages[block.address] = block.data
    place = uf2.filesystem(pages)
    if place is None:
        raise Problem(f"{path} does not say where its file system is: use `secnode micropython`, then `secnode flash`")
    address, size = place
    if address % uf2.SECTOR or size % uf2.SECTOR or any(address <= page < address + size for page in pages):
        raise Problem(f"{path} has something where its file system is: use `secnode micropython`, then `secnode flash`")
    firmware = frozen.of_board(board["given"])
    has_frozen = bool(firmware) and firmware.digest.encode() in b"".join(pages[at] for at in sorted(pages))
    files = image.for_board(node, board["given"], has_frozen)
    files = {**files, flash.LIST: flash.listed(files)}
    said = []
    if settings:
        modules = json.loads(files["description.json"].partition(b"\n")[0])["modules"]
        said = kept.complaints(settings, modules)
        files[kept.FILE] = kept.text(settings)
    for block, data in littlefs(files, size).items():
        for at in range(0, uf2.SECTOR, uf2.PAGE):
            pages[address + block * uf2.SECTOR + at] = data[at : at + uf2.PAGE]
    how = "frozen in" if has_frozen else "on its file system"
    said.append(f"MicroPython {version} for {board['name']}, the firmware {how}, {len(files)} files, {flash.kib(files)}")
    # blocks of another family are a message to the chip (RP2350-E10), with a count of their own
    return b"".join(foreign) + uf2.written(pages, family), said


def littlefs(files, size):
    """A file system of `size` bytes with these files (path -> bytes): a dict of block number -> its bytes, of blocks in use.

    In use is what is read when it is mounted and all of it is looked at: both halves of what littlefs keeps twice, too, so that
    nothing counts that was in flash before.
    """
    try:
        from littlefs import LittleFS
        from littlefs.context import UserContext
    except ImportError:
        raise Problem("this needs the Python package littlefs-python: in a checkout `make image` prepares it") from None

    class Watched(UserContext):
        def __init__(self, buffer):
            super().__init__(buffer=buffer)
            self.seen = set()

        def read(self, cfg, block, off, size):
            self.seen.add(block)
            return super().read(cfg, block, off, size)

    options = {"block_size": uf2.SECTOR, "block_count": size // uf2.SECTOR, **LAYOUT, "disk_version": _VERSION}
    memory = bytearray(b"\xff" * size)
    there = LittleFS(UserContext(buffer=memory), **options)
    needed = sum(-(-len(content) // uf2.SECTOR) for content in files.values())
    if needed > options["block_count"] // 2:
        raise Problem(f"the node takes {needed} blocks of its board's {options['block_count']}: half of them have to stay free")
    for path, content in files.items():
        folder = path.rpartition("/")[0]
        if folder:
            there.makedirs(folder, exist_ok=True)
        with there.open(path, "wb") as f:
            f.write(content)
    there.unmount()
    watched = Watched(memory)
    there = LittleFS(watched, **options)
    found = {}
    for folder, _, names in there.walk("/"):
        for name in names:
            path = f"{folder.rstrip('/')}/{name}"
            with there.open(path, "rb") as f:
                found[path.lstrip("/")] = f.read()
    if found != files:
        raise Problem("the file system does not hold what was written into it: another version of littlefs-python may help")
    return {block: bytes(memory[block * uf2.SECTOR :][: uf2.SECTOR]) for block in sorted(watched.seen)}
