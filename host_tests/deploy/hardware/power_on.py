"""What a board does from power on to the REPL, by MicroPython's unix port with the module boardrepl.

micropython power_on.py FLASH HARDWARE [MODE]     FLASH is a file with the flash's content, a littlefs

MODE raw: in the raw REPL before the soft reset that this is. boot: no more than boot.py, then what list does. list: prints the
paths in flash with the SHA-256 of each. load: copies what stdin names, lines of a path in flash, a tab and a file.
read: prints the file that stdin names, as hex.

SECNODE_CUT=n takes the power away in the middle of the n-th write or erase of flash. SECNODE_FAT=1: a FAT, as few boards have.
"""

import os
import sys

import vfs

SECTOR = 4096  # as RP2 has it, and a page of 256 bytes
PAGE = 256


class Flash:
    def __init__(self, path):
        self.file = open(path, "r+b")
        self.sectors = self.file.seek(0, 2) // SECTOR
        self.left = int(os.getenv("SECNODE_CUT") or 0)

    def readblocks(self, block, buf, offset=0):
        self.file.seek(block * SECTOR + offset)
        self.file.readinto(buf)

    def writeblocks(self, block, buf, offset=0):
        self.file.seek(block * SECTOR + offset)
        if self.left == 1:
            self.file.write(bytes(buf)[: len(buf) // 2])
        self._count()
        self.file.write(buf)

    def ioctl(self, op, arg):
        if op == 4:
            return self.sectors
        if op == 5:
            return SECTOR
        if op == 6:
            self._count()
            self.file.seek(arg * SECTOR)
            self.file.write(b"\xff" * SECTOR)
            return 0
        return 0

    def _count(self):
        self.left -= 1
        if self.left == 0:
            os.system("kill -KILL $PPID")


def mount(flash):
    fat = os.getenv("SECNODE_FAT")
    kind, options = (vfs.VfsFat, {}) if fat else (vfs.VfsLfs2, {"progsize": PAGE})
    start = bytearray(8)
    flash.readblocks(0, start)
    if start == b"\xff" * 8:  # as it comes from the factory
        kind.mkfs(flash, **options)
    disk = kind(flash, **options)
    vfs.umount("/")
    vfs.mount(disk, "/")
    os.chdir("/")


def listing(folder):
    import hashlib

    for name, kind, *_ in os.ilistdir(folder or "/"):
        path = folder + "/" + name
        if kind == 0x4000:
            listing(path)
        else:
            digest = hashlib.sha256()
            with open(path, "rb") as f:
                while True:
                    data = f.read(4096)
                    if not data:
                        break
                    digest.update(data)
            print(digest.digest().hex(), path[1:])


def load(files):
    for line in sys.stdin:
        path, source = line.rstrip("\n").split("\t")
        at = path.find("/")
        while at > 0:
            try:
                os.mkdir(path[:at])
            except OSError:
                pass
            at = path.find("/", at + 1)
        with open(files + source, "rb") as f, open(path, "wb") as g:
            g.write(f.read())


path, hardware, *mode = sys.argv[1:]
flash = Flash(path)
files = vfs.VfsPosix("/")
mount(flash)
if mode == ["list"]:
    listing("")
elif mode == ["read"]:
    with open(sys.stdin.read(), "rb") as f:
        print(f.read().hex())
elif mode == ["load"]:
    vfs.mount(files, "/pc")
    load("/pc")
else:
    hardware = vfs.VfsPosix(hardware)
    vfs.mount(hardware, "/hardware")
    sys.path[:] = ["", ".frozen", "/lib", "/hardware"]
    if mode == ["boot"]:
        with open("boot.py") as f:
            exec(f.read())
        vfs.umount("/hardware")
        listing("")
        sys.exit()
    import boardrepl

    sys.exit(20 if boardrepl.start(mode == ["raw"]) else 21)
