"""Clients that do harm as well as they can: `python3 -m host_tests.hostile.clients PORT KIND SECONDS`.

Kinds are the functions in KINDS.

Each one runs until its time is over (or it has done what it is to do), leaves, and raises where the node did not do its part.
A process of its own, so that what it costs does not show in what the good client measures.
"""

import contextlib
import random
import socket
import struct
import sys
import threading
import time

from host_tests.wire import websocket

_LONG = 1000000


class Refused(Exception):
    """All places were taken."""


class Connection:
    def __init__(self, port, small=False, patience=10):
        self.socket = socket.socket()
        if small:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.socket.settimeout(patience)
        self.socket.connect(("127.0.0.1", port))
        self.socket.settimeout(10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send = self.socket.sendall
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def line(self):
        """The next line that is no update."""
        while True:
            line = self.file.readline()
            if not line.endswith(b"\n"):
                raise Refused  # the end
            if line.startswith(b"error_*IDN?  "):
                raise Refused
            if not line.startswith((b"update ", b"error_update ")):
                return line

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def expect(line, begin):
    if not line.startswith(begin):
        raise AssertionError(f"{line!r} does not begin with {begin!r}")


def slowloris(port, more):
    """A request that never gets to its end, in each place that is left."""
    with contextlib.ExitStack() as stack:
        drips = [stack.enter_context(Connection(port)) for _ in range(3)]
        while more():
            for drip in drips:
                with contextlib.suppress(OSError):  # it was one too many
                    drip.send(b"x")
            time.sleep(0.01)


def one_byte(port, more):
    """Requests one byte a packet."""
    with Connection(port) as c:
        i = 0
        while more():
            for byte in b"change values:_int %d\n" % i:
                c.send(bytes((byte,)))
            expect(c.line(), b"changed values:_int [%d, " % i)
            i += 1


def no_end(port, more):
    """1 MB without a line end; then one error, and the connection lives on."""
    while more():
        with Connection(port) as c:
            c.send(b"ping x\n")
            expect(c.line(), b"pong x ")
            for _ in range(_LONG // 10000):
                c.send(b"read values:_int " + 9983 * b"x")
            c.send(b"\nping y\n")
            expect(c.line(), b"error_read ")
            expect(c.line(), b"pong y ")


def unread(port, more):
    """10,000 requests, and no answer is ever read."""
    with Connection(port, small=True) as c:
        c.send(b"activate\n")
        c.socket.settimeout(0.1)
        sent = 0
        while more():
            try:
                if sent < 10000:
                    sent += c.socket.send(b"describe\n" * 100) // 9
                else:
                    time.sleep(0.05)
            except TimeoutError:
                pass  # nothing more fits


def leave(port, more):
    """Connect and leave, a thousand times, in every way there is."""
    for i in range(1000):
        with Connection(port) as c, contextlib.suppress(OSError):
            if i % 4 == 1:
                c.send(b"activate\n")
            elif i % 4 == 2:
                c.send(b"*IDN?\ndescribe\nrea")
                c.reset()
            elif i % 4 == 3:
                c.reset()
        time.sleep(0.001)  # else the kernel's queue is full, and connecting takes a second


def half_close(port, more):
    """Close the sending half at once: all answers come, then the end."""
    while more():
        with Connection(port) as c:
            c.send(b"".join(b"ping %d\nread values:_int\n" % i for i in range(50)) + b"rest")
            with contextlib.suppress(OSError):  # refused, and gone already
                c.socket.shutdown(socket.SHUT_WR)
            for i in range(50):
                expect(c.line(), b"pong %d " % i)
                expect(c.line(), b"reply values:_int ")
            if c.file.read():
                raise AssertionError("more than the answers")


def cut_describe(port, more):
    """RST in the middle of describe."""
    while more():
        with Connection(port, small=True) as c:
            c.send(b"describe\n" * 20)
            c.socket.recv(100)
            c.reset()


def all_places(port, more):
    """Thirty connections at a time; those that get a place keep it."""
    held = []
    with contextlib.ExitStack() as stack:
        while more():
            many = []
            for _ in range(30 - len(held)):
                with contextlib.suppress(OSError):  # the kernel's queue is full
                    many.append(stack.enter_context(Connection(port, patience=0.05)))
            for c in many:
                try:
                    c.send(b"*IDN?\n")
                    expect(c.line(), b"ISSE")
                    held.append(c)
                except (Refused, OSError):
                    c.__exit__()
            if len(held) > 8:
                raise AssertionError("everybody got a place")


def storm(port, more):
    """activate and deactivate without end, answers read."""
    with Connection(port) as c:
        while more():
            c.send(b"activate\ndeactivate heater\nactivate heater\ndeactivate\n" * 20)
            for _ in range(20):
                for begin in (b"active\n", b"inactive heater\n", b"active heater\n", b"inactive\n"):
                    expect(c.line(), begin)


def flood(port, more):
    """Requests without end, answers read."""
    with Connection(port) as c:
        while more():
            c.send(b"read values:_int\n" * 200)
            for _ in range(200):
                expect(c.line(), b"reply values:_int ")


def rubbish(port, more):
    """Bytes at random; each line end of them brings one answer or, for an empty line, the help."""
    dice = random.Random(1)
    with Connection(port) as c:
        while more():
            lines = [dice.randbytes(dice.randrange(300)).replace(b"\n", b"") for _ in range(20)]
            c.send(b"".join(line + b"\n" for line in lines))
            for line in lines:
                first = c.line()
                if line in (b"", b"\r"):
                    for _ in range(10):
                        expect(c.line(), b"helping ")
                else:
                    expect(first, b"error_")


def browsers(port, more):
    """Three pages that watch everything and check as somebody types; the page itself, over and over; some break off."""
    own = f"http://127.0.0.1:{port}"
    i = 0
    while more():
        status, _, _ = websocket.answered(port, f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        if status not in (200, 503, None):  # None: too many at a time
            raise AssertionError(f"the page has status {status}")
        with contextlib.ExitStack() as stack, contextlib.suppress(EOFError, ConnectionError):
            pages = [stack.enter_context(websocket.Client(port, origin=own)) for _ in range(3)]
            for page in pages:
                page.send("activate")
            for _ in range(10):
                i += 1
                for page in pages:
                    page.send(f"check values:_sum [{i % 10}]")
                    page.send(b"ping %d" % i if i % 3 else b"x" * 2000)
                    if i % 7 == 0:
                        page.send("describe")
            pages[i % 3].socket.sendall(websocket.frame(b"", websocket.CLOSE) if i % 2 else b"\xff" * 9)
            for page in pages:
                page.until(f"pong {i} " if i % 3 else "error_x", 10)


KINDS = {f.__name__: f for f in (
    slowloris, one_byte, no_end, unread, leave, half_close, cut_describe, all_places, storm, flood, rubbish, browsers,
)}  # fmt: skip


def again(kind, port, more, failures):
    """As long as there is time, also where all places were taken for a moment."""
    try:
        while more():
            with contextlib.suppress(Refused, ConnectionError):
                kind(port, more)
            if kind is leave:
                break
            time.sleep(0.01)
    except Exception as e:
        failures.append(f"{kind.__name__}: {e!r}")


def main(port, kind, seconds):
    end = time.monotonic() + float(seconds)
    failures = []
    kinds = list(KINDS.values()) if kind == "interleaved" else [KINDS[kind]]
    threads = [threading.Thread(target=again, args=(k, int(port), lambda: time.monotonic() < end, failures)) for k in kinds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return "; ".join(failures) or None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
