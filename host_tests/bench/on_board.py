"""The node of an image, and what it is asked about its memory: runs under MicroPython, for measured.py.

    micropython -m on_board IMAGE HOST [still]

`still`: nothing runs by itself, so that what is counted belongs to what was asked for. A question is a line on stdin, its
answer a line on stdout. What the simulated board and this file take themselves is told by `overhead`.
"""

import gc
import sys

gc.collect()
_mine = gc.mem_alloc()

import asyncio  # noqa: E402 - a board has it in flash, but its names take RAM there, too
import os  # noqa: E402
import time  # noqa: E402

sys.path.append(sys.argv[2])
os.chdir(sys.argv[1])  # modules are found as on a board, where each file's path is a short name

import board  # noqa: E402, F401 - a board has one, too

gc.collect()
_before = gc.mem_alloc()
import machine  # noqa: E402
import micropython  # noqa: E402

if os.getenv("SECNODE_CHIPS"):
    import _onewire  # noqa: F401 - a board has it
    import apart  # noqa: F401

    machine._sim_buses()
gc.collect()
_mine += gc.mem_alloc() - _before
_node = None


def _nothing_by_itself(node_class):
    async def start(self):
        self.clock.sync()

    node_class.start = start


# ---- what can be asked


def _overhead():
    """Bytes of the heap that are no node's."""
    return _mine


def _alloc():
    """Bytes allocated, garbage as well; asking allocates some, too."""
    return gc.mem_alloc()


def _kept():
    """Bytes allocated that are in use."""
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


def _largest():
    """How it looks after a collection: MicroPython's own words have the largest free block."""
    gc.collect()
    micropython.mem_info()
    return 0


def _automatic(on):
    """Whether garbage is collected where memory runs out."""
    if on == "on":
        gc.enable()
    else:
        gc.disable()


def _cpu():
    """Microseconds that this process has computed. To be asked by itself is exact; from outside it lags some ms behind."""
    return int(time.clock() * 1e6)  # of the unix port


async def _announce(n):
    """Announce the first parameter `n` times, leaving time for it to be sent."""
    for _ in range(int(n)):
        _node.announce(_node.parameters[0])
        await asyncio.sleep_ms(3)


def _timer():
    """Call the timers' callbacks until they cut, with the heap locked; how many were called."""
    n = 0
    for callback in machine.Timer.count:
        micropython.heap_lock()
        try:
            for _ in range(50):
                callback(None)
                n += 1
        finally:
            micropython.heap_unlock()
    return n


def _locked(n):
    """Answer `read` and `ping` and announce a value, each `n` times, with the heap locked: MemoryError where that allocates.

    For the session of the client, which has to be active. Another one may have been there until just now.
    """
    session = [session for session in _node.sessions if session.stream][0]
    for line in (b"read heater:target", b"ping 1"):
        session.buf[: len(line)] = line
        session.begin = 0
        session.space = line.find(b" ")
        session.spec = session.space + 1
        session.stop = session.data = session.end = len(line)
        _with_locked_heap(requests.handle, session, int(n))
    _with_locked_heap(_node.announce, _node.parameters[0], int(n))
    return 0


def _with_locked_heap(function, argument, n):
    function(argument)  # what is looked up for the first time may be remembered
    micropython.heap_lock()
    try:
        for _ in range(n):
            function(argument)
    finally:
        micropython.heap_unlock()


# bytes: strings would stay in memory as names do, and count as the firmware's
_QUESTIONS = {
    b"overhead": _overhead,
    b"alloc": _alloc,
    b"kept": _kept,
    b"largest": _largest,
    b"automatic": _automatic,
    b"cpu": _cpu,
    b"announce": _announce,
    b"timer": _timer,
    b"locked": _locked,
}


async def _answer():
    stdin = asyncio.StreamReader(sys.stdin)
    while True:
        words = (await stdin.readline()).split()
        if not words:
            return
        try:
            answer = _QUESTIONS[words[0]](*[word.decode() for word in words[1:]])
            if hasattr(answer, "send"):
                answer = await answer
        except Exception as e:
            answer = "%s: %s" % (type(e).__name__, e)
        print("=", answer)


gc.collect()
_before = gc.mem_alloc()
_task = asyncio.create_task(_answer())
gc.collect()
_mine += gc.mem_alloc() - _before

import boot  # noqa: E402, F401 - the order a board has
import main  # noqa: E402
import secnode.node  # noqa: E402
from secnode import requests  # noqa: E402

_open = secnode.node.Node.open


def _opened(self, *args):
    global _node
    _node = self
    return _open(self, *args)


secnode.node.Node.open = _opened
if "still" in sys.argv:
    _nothing_by_itself(secnode.node.Node)
sys.exit(main.run())
