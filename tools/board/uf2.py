"""UF2 files, as an RP2's bootloader takes them: blocks of 512 bytes that say where in flash their data belongs."""

import struct
from typing import NamedTuple

PAGE = 256  # bytes of data in a block
SECTOR = 4096  # bytes that flash erases at a time
FLASH = 0x10000000  # where flash begins for the chip
_HEAD = struct.Struct("<8I")
_SIZE = 512
_MAGIC = 0x0A324655, 0x9E5D5157
_END = struct.pack("<I", 0x0AB16F30)
_WITH_FAMILY = 0x2000
_WORD = struct.Struct("<I")

# what the SDK puts into a program for tools to read: pico_binary_info
_INFO, _INFO_END = 0x7188EBF2, 0xE71AA390
_BLOCK_DEVICE = struct.Struct("<HHIIIIH")  # type, tag, name, address, size, more, flags
_TYPE = 7
_TAG = int.from_bytes(b"MP", "little")


class Block(NamedTuple):
    """A block of a file; `raw` are its 512 bytes."""

    address: int
    data: bytes
    family: int
    raw: bytes


def read(content):
    """The blocks of a file, a list of Block. Raises ValueError where it is no UF2 file, or not all of it."""
    blocks = []
    for at in range(0, len(content), _SIZE):
        raw = content[at : at + _SIZE]
        if len(raw) < _SIZE:
            raise ValueError("it ends in the middle of a block")
        *magic, _, address, size, _, _, family = _HEAD.unpack_from(raw)
        if tuple(magic) != _MAGIC or size > _SIZE - _HEAD.size - len(_END):
            raise ValueError(f"there is no block at {at}")
        blocks.append(Block(address, raw[_HEAD.size :][:size], family, raw))
    if not blocks:
        raise ValueError("it is empty")
    return blocks


def written(pages, family):
    """The file that puts `pages`, a dict of address -> 256 bytes, into flash.

    Every sector that it touches is written as a whole: a bootloader may erase one of which only a part comes (RP2040-E14).
    """
    full = dict(pages)
    for sector in {address - address % SECTOR for address in pages}:
        for address in range(sector, sector + SECTOR, PAGE):
            full.setdefault(address, b"\xff" * PAGE)
    found = []
    for number, address in enumerate(sorted(full)):
        head = _HEAD.pack(*_MAGIC, _WITH_FAMILY, address, PAGE, number, len(full), family)
        found.append((head + full[address]).ljust(_SIZE - len(_END), b"\0") + _END)
    return b"".join(found)


def filesystem(pages):
    """Where MicroPython has its file system, by what the program in `pages` says of itself: (address, size), or None."""
    runs = _runs(pages)

    def at(address, size):
        for begin, run in runs:
            if begin <= address and address + size <= begin + len(run):
                return run[address - begin :][:size]
        return b""

    for _, run in runs:
        place = -4
        while (place := run.find(_WORD.pack(_INFO), place + 4)) >= 0:
            words = run[place : place + 20]
            if place % 4 or len(words) < 20 or _WORD.unpack_from(words, 16)[0] != _INFO_END:
                continue
            first, last = struct.unpack_from("<II", words, 4)
            for entry in range(first, min(last, first + SECTOR), 4):
                pointer = at(entry, 4)
                found = pointer and at(_WORD.unpack(pointer)[0], _BLOCK_DEVICE.size)
                if found:
                    kind, tag, _, address, size, _, _ = _BLOCK_DEVICE.unpack(found)
                    if (kind, tag) == (_TYPE, _TAG):
                        return address, size
    return None


def _runs(pages):
    """What lies in one piece: a list of (address, bytes)."""
    runs = []
    for address in sorted(pages):
        if runs and runs[-1][0] + len(runs[-1][1]) == address:
            runs[-1][1].extend(pages[address])
        else:
            runs.append((address, bytearray(pages[address])))
    return [(address, bytes(run)) for address, run in runs]
