"""How much of a serial line's time requests use, one after the other: a board-like node at the end of a paced cable.

The least that a round trip takes are its bytes, there and back, 10 bits each. What it took is seen where the node is connected
to the cable: from the moment when the request's last byte was handed to it until the answer's last byte has left, by the
cable's own account; to this comes the request's time on the line. So it does not matter how late the PC wakes who carries the
bytes or who waits for them at the other end. An echo at the same place shows what is left of that.
"""

import contextlib
import statistics
import subprocess
import sys
import time

from host_tests.bench.measured import Node
from host_tests.serial.cable import BITS, Cable, Wire
from tools.emulator import host

RATE = 115200
READ = "read heater:target"
_ECHO = """
import os, sys
end = int(sys.argv[1])
os.set_blocking(end, True)
line = b""
while True:
    line += os.read(end, 4096)
    if line.endswith(b"\\n"):
        os.write(end, line)
        line = b""
"""


@contextlib.contextmanager
def node(**more):
    """A client of a node at the cable's end: (cable, wire, node)."""
    cable = Cable(RATE)
    try:
        with Node(uart=cable.uart, **more) as running, Wire(cable.name).begin() as wire:
            yield cable, wire, running
    finally:
        cable.close()


@contextlib.contextmanager
def echo():
    """The same with somebody who sends each line back: (cable, wire, process)."""
    cable = Cable(RATE)
    process = subprocess.Popen(
        [sys.executable, "-c", _ECHO, str(cable.uart.end)], pass_fds=[cable.uart.end], preexec_fn=host.die_with_parent
    )
    try:
        with Wire(cable.name) as wire:
            wire.ask("ready")
            yield cable, wire, process
    finally:
        process.kill()
        process.wait()
        cable.close()


def one_by_one(end, line, n):
    """The medians of `n` round trips' shares of the line's limit: by the cable's account, and as the PC's client saw them."""
    cable, wire, _ = end
    found = []
    for _ in range(n):
        cable.sent = []
        begin = time.monotonic()
        answer = wire.ask(line)
        seen = time.monotonic() - begin
        request = (len(line) + 1) * BITS / RATE
        least = request + (len(answer) + 1) * BITS / RATE
        found.append((least / (request + ended(cable) - cable.reached), least / seen))
    cable.sent = None
    return tuple(statistics.median(shares) for shares in zip(*found, strict=True))


def ahead(end, line, n=128, depth=16):
    """The share of the line that the answers to `n` requests use, of which so many are under way at a time."""
    cable, wire, _ = end
    cable.sent = []
    for i in range(n + depth):
        if i < n:
            wire.send(line)
        if i >= depth:
            wire.line()
    used = sum(len(piece) for _, piece in cable.sent) * BITS / RATE
    share = used / (ended(cable) - cable.sent[0][0])
    cable.sent = None
    return share


def ended(cable):
    """When the last byte of an answer has left the line."""
    begin, piece = cable.sent[-1]
    return begin + len(piece) * BITS / RATE


def measure(rounds=15, n=20):
    """The share of the limit of requests one by one, and the text that shows it with what it is to be compared with.

    Of several rounds the best: a machine that is busy with something else can only make it less.
    """
    with node() as ours, echo() as other:
        # as many bytes, there and back
        same = "x" * ((len(READ) + len(ours[1].ask(READ))) // 2)
        found = [(*one_by_one(ours, READ, n), *one_by_one(other, same, n)) for _ in range(rounds)]
        # here a cable that is late at the begin would make it more
        used = statistics.median(ahead(ours, READ) for _ in range(5))
    share, seen, echoed, echo_seen = (max(values) for values in zip(*found, strict=True))
    text = f"an echo {echoed:.3f}; by the PC's client {seen:.2f}, an echo {echo_seen:.2f}; 16 requests ahead {used:.3f}"
    return share, f"{share:.3f} ({text})"
