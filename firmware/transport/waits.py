"""Has asyncio note that a task waits for a stream wholly, or not at all where there is no memory for it.

MicroPython's poll keeps what it noted in half, and reads address 0 at its next look (extmod/modselect.c: "This case is not
handled"): a PC's process ends by that, a board hangs until its watchdog.
"""

import asyncio
import sys

# words. A PC's poll can't forget what it has in half, so it gets memory to complete it; its addresses are objects, too
_SPARE = 56 if sys.platform == "linux" else 0

_spare = []
_asyncios = None


def begin():
    """Before the first task waits for a stream."""
    global _asyncios
    if _asyncios or sys.implementation.name == "cpython":
        return
    _asyncios = asyncio.core.IOQueue._enqueue  # type: ignore - asyncio's own, here and below
    asyncio.core.IOQueue._enqueue = _enqueue  # type: ignore


def _enqueue(self, s, idx):
    global _spare
    if len(_spare) < _SPARE:
        _spare = [None] * _SPARE
    try:
        _asyncios(self, s, idx)  # type: ignore - begun
    except MemoryError:
        _spare.clear()  # which gives it back at once: a collection might find it in use yet
        entry = self.map.get(id(s))
        if entry and entry[idx] is asyncio.core.cur_task:  # type: ignore
            entry[idx] = None
            for other in entry:  # who waits for it, too; newer MicroPythons have more kinds of them
                if other is not None and other is not s:
                    raise
            if _SPARE:
                self.poller.register(s, 0)
            self._dequeue(s)
        raise
