"""Tasks that wait for a stream while memory runs out, answering at a level of MicroPython (see ../properties/driver.py)."""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import asyncio
import gc
import socket

import driver  # puts the firmware on the path

from transport import waits

_queue = asyncio.core._io_queue


class _Task:
    data = None


_tasks = {name: _Task() for name in ("one", "other")}


def exhausted(turns, others):
    """Has a task wait for a socket with more and more memory, beside so many others that wait. Gives what there was of each.

    [times that there was none, times that there was enough, tasks that are noted afterwards]
    """
    waits.begin()
    asyncio.core.cur_task = _tasks["one"]
    sockets = [socket.socket() for _ in range(others + 1)]
    for s in sockets[1:]:
        _queue.queue_read(s)
    found = [0, 0]
    kept = [None] * 8000
    for n in range(turns):
        _queue.queue_read(sockets[0])
        _queue._dequeue(sockets[0])
        gc.collect()
        i = 0
        # in large pieces, in small ones, then in the smallest
        for words in (128, 4):
            try:
                while True:
                    kept[i] = [0] * words
                    i += 1
            except MemoryError:
                pass
        try:
            while True:
                kept[i] = i * 1.5
                i += 1
        except MemoryError:
            pass
        end = i - n
        while i > end:
            kept[i] = None
            i -= 1
        try:
            _queue.queue_read(sockets[0])
            enough = True
        except MemoryError:
            enough = False
        while i >= 0:
            kept[i] = None
            i -= 1
        gc.collect()
        found[enough] += 1
        for _ in _queue.poller.ipoll(0):
            pass
        if enough:
            _queue._dequeue(sockets[0])
    found.append(len(_queue.map))
    for s in sockets[1:]:
        _queue._dequeue(s)
    for s in sockets:
        s.close()
    return found


class _Short:
    """A poll that has no memory the first time that it is asked to note something, and then has it in half."""

    def __init__(self):
        self.half = False
        self.noted = []

    def register(self, s, events):
        self.half = not self.half
        if self.half:
            raise MemoryError
        self.noted.append(s)

    def unregister(self, s):
        self.noted.remove(s)


def _notes(slots):
    """As asyncio's `_enqueue`: the task is noted, then memory runs out."""

    def enqueue(queue, s, idx):
        entry = queue.map.setdefault(id(s), [None] * slots + [s])
        entry[idx] = asyncio.core.cur_task
        if s in queue.poller.noted:
            raise MemoryError
        queue.poller.register(s, 1)

    return enqueue


def short(waiting, slots):
    """[tasks noted, number of streams that its poll has], after a task was to wait for a stream; one is `waiting` for it.

    `slots` is the number of ways in which asyncio lets a task wait: 2, and 3 in newer MicroPythons.
    """
    waits.begin()
    queue = asyncio.core.IOQueue()
    queue.poller = poll = _Short()
    stream = [0]
    if waiting:
        poll.noted.append(stream)
        queue.map[id(stream)] = [_tasks["other"]] + [None] * (slots - 1) + [stream]
    asyncio.core.cur_task = _tasks["one"]
    asyncios, waits._asyncios = waits._asyncios, _notes(slots)
    try:
        waits._enqueue(queue, stream, slots - 1)
    except MemoryError:
        names = {task: name for name, task in _tasks.items()}
        return [[[names.get(task) for task in entry[:-1]] for entry in queue.map.values()], len(poll.noted)]
    finally:
        waits._asyncios = asyncios


if __name__ == "__main__":
    driver.serve({"exhausted": exhausted, "short": short})
