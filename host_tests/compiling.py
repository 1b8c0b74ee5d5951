"""mpy-cross of the same source once, for all processes that share the tests and for the runs after this one."""

import functools
import hashlib
import os
from pathlib import Path


def once(compiled, folder):
    """`compiled` of tools.image.image, which keeps what it gives in a folder."""

    @functools.lru_cache(2048)
    def kept(name, content, mpy_cross):
        of = os.stat(mpy_cross)
        made_of = repr((name, str(mpy_cross), of.st_size, of.st_mtime_ns)).encode() + content
        place = Path(folder) / hashlib.sha256(made_of).hexdigest()
        try:
            return place.read_bytes()
        except OSError:
            pass
        result = compiled(name, content, mpy_cross)
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_suffix(f".{os.getpid()}")
        beside.write_bytes(result)
        os.replace(beside, place)
        return result

    return kept
