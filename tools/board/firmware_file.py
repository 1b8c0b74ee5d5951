"""A file with MicroPython: is it one for this board? UF2 for RP2, a whole image for ESP32."""

import re
import struct

from ..problem import Problem
from . import uf2

FAMILIES = {"RP2040": {0xE48BFF56}, "RP2350": {0xE48BFF59, 0xE48BFF5A, 0xE48BFF5B}}  # ARM, RISC-V, ARM non-secure
_IMAGE = 0xE9  # the first byte of what an ESP32's ROM starts
_CHIPS = {"esp32": 0, "esp32c3": 5, "esp32s3": 9, "esp32c6": 13}  # the number of the chip in its header
_CHIP_AT = 12
_TABLE, _TABLE_MARK = 0x8000, b"\xaa\x50"  # in flash: the partition table, which only a whole image has
_LEAST = (1, 23)


def where(board):
    """Where a person gets it, in words."""
    kind = ".uf2" if "uf2" in board else ".bin (not .app-bin)"
    return f"https://micropython.org/download/{board['build']}/ has it: the newest release that ends in {kind}"


def look_at(path, content, board):
    """The version of MicroPython in a file, as text. Raises Problem where it is none for a board (of boards.load)."""
    memory = _of_uf2(path, content, board) if "uf2" in board else _of_image(path, content, board)
    texts = [text.decode() for text in re.findall(rb"[ -~]{6,}", memory)]
    versions = [found[1] for text in texts if (found := re.search(r"MicroPython v(\d+\.\d+\.\d+)", text))]
    if not versions:
        raise Problem(f"there is no MicroPython in {path}. {where(board)}")
    if not any(re.search(board["machine"], text) for text in texts):
        raise Problem(f"{path} is MicroPython {versions[0]} for another board than {board['build']}. {where(board)}")
    if tuple(map(int, versions[0].split(".")[:2])) < _LEAST:
        raise Problem(f"{path} is MicroPython {versions[0]}, and {_LEAST[0]}.{_LEAST[1]} or newer is needed. {where(board)}")
    return versions[0]


def _of_uf2(path, content, board):
    try:
        blocks = uf2.read(content)
    except ValueError:
        raise Problem(f"{path} is no UF2 file, or not all of it. {where(board)}") from None
    if not {block.family for block in blocks} & FAMILIES[board["uf2"]]:
        raise Problem(f"{path} is for another chip than {board['uf2']}. {where(board)}")
    return b"".join(block.data for block in blocks)


def _of_image(path, content, board):
    table = _TABLE - int(board["offset"], 16)
    if not content or content[0] != _IMAGE or content[table : table + 2] != _TABLE_MARK:
        raise Problem(f"{path} is no whole image of MicroPython for an ESP32. {where(board)}")
    if struct.unpack_from("<H", content, _CHIP_AT)[0] != _CHIPS[board["chip"]]:
        raise Problem(f"{path} is for another chip than {board['chip']}. {where(board)}")
    return content
