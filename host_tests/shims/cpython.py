"""Gives CPython what MicroPython's `asyncio`, `time`, `gc`, `json`, `select` and `sys` have beyond its own. Import it first."""

import asyncio
import gc
import importlib.util
import io
import json
import select
import signal
import socket
import sys

import names  # noqa: F401 - it has effects alone

# as MicroPython does, also where whoever started it ignores Ctrl-C
signal.signal(signal.SIGINT, signal.default_int_handler)

_gc_threshold = gc.threshold = lambda *n: None


class _Aliases:
    """MicroPython's older names of modules: `utime` is `time`."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name[1:] in _ALIASED and name[0] == "u":
            spec = importlib.util.spec_from_loader(name, _Aliases)
            spec.loader_state = name[1:]
            return spec

    @staticmethod
    def create_module(spec):
        return importlib.import_module(spec.loader_state)

    @staticmethod
    def exec_module(module):
        pass


_ALIASED = (
    "array asyncio binascii collections errno hashlib heapq io json machine os platform random re select socket ssl struct "
    "sys time"
).split()
sys.meta_path.append(_Aliases)

_dumps = json.dumps
json.dumps = lambda obj, **kwds: _dumps(obj, **{"ensure_ascii": False, **kwds})
json.dump = lambda obj, stream: stream.write(json.dumps(obj).encode())


class _BytesIO(io.BytesIO):
    def write(self, buf, pos=0, n=None):
        return super().write(buf if n is None else memoryview(buf)[pos : pos + n])

    def readinto(self, buf, n=-1):
        return super().readinto(buf if n < 0 else memoryview(buf)[:n])


io.BytesIO = _BytesIO

_poll = select.poll


class Poll:
    def __init__(self):
        poll = _poll()
        self.register = poll.register
        self.poll = self.ipoll = poll.poll


select.poll = Poll


class Socket(socket.socket):
    """A socket that does not block, with what MicroPython's have of a stream."""

    def readinto(self, buf, n=0):
        try:
            return self.recv_into(buf, n)
        except BlockingIOError:
            return None

    def write(self, buf, n=None):
        try:
            return self.send(buf if n is None else memoryview(buf)[:n])
        except BlockingIOError:
            return None


class Stream:
    """MicroPython's asyncio.Stream, over a socket or a file that does not block."""

    def __init__(self, s, e=None):
        self.s = s
        self.e = e or {}
        self.out_buf = b""

    def get_extra_info(self, v):
        return self.e[v]

    async def readinto(self, buf):
        loop = asyncio.get_running_loop()
        if isinstance(self.s, socket.socket):
            return await loop.sock_recv_into(self.s, buf)
        came = asyncio.Event()
        loop.add_reader(self.s.fileno(), came.set)
        try:
            await came.wait()
        finally:
            loop.remove_reader(self.s.fileno())
        return self.s.readinto(buf)

    def write(self, buf):
        if not self.out_buf:
            buf = buf[self.s.write(buf) or 0 :]
        self.out_buf += bytes(buf)

    async def drain(self):
        await asyncio.sleep(0)
        if self.out_buf:
            await asyncio.get_running_loop().sock_sendall(self.s, self.out_buf)
            self.out_buf = b""

    def close(self):
        pass

    async def wait_closed(self):
        self.s.close()


asyncio.StreamReader = asyncio.StreamWriter = Stream


class _Server:
    def close(self):
        self.task.cancel()

    async def wait_closed(self):
        await self.task


async def _start_server(cb, host, port, backlog=5):
    family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    s = socket.socket(family, kind, proto)
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(address)
    s.listen(backlog)
    server = _Server()
    server.tasks = set()  # CPython's loop forgets tasks that nobody holds

    async def serve():
        with s:
            while True:
                s2, peer = await asyncio.get_running_loop().sock_accept(s)
                s2 = Socket(fileno=s2.detach())
                s2.setblocking(False)
                stream = Stream(s2, {"peername": peer})
                task = asyncio.ensure_future(cb(stream, stream))
                server.tasks.add(task)
                task.add_done_callback(server.tasks.discard)

    server.task = asyncio.ensure_future(serve())
    return server


asyncio.start_server = _start_server

_create_task = asyncio.create_task
_tasks = set()


def _kept_task(coro):
    task = _create_task(coro)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return task


asyncio.create_task = _kept_task
