"""A TCP connection of the board's own as the cable to an instrument."""

import asyncio
import errno
import select
import socket
import time

from instruments.wire import Wire
from micropython import const
from secnode import errors

_LOOK = const(10)  # ms between two looks while it connects
_IN, _OUT = const(1), const(4)  # POLLIN and POLLOUT, which not every port has by name
_UNHEARD = const(1024)  # bytes to one that says nothing, after which it is connected to anew: they may fill the memory of all
_PATIENCE = const(1000)  # ms to wait for room there


class Tcp(Wire):
    """The connection to `host`, a numeric address, and `port`. It is opened when somebody asks, and again after a loss."""

    instead = None  # where the simulated board connects to
    room = None  # transport/room.py's of all connections, on boards where send() may wait in C

    def __init__(self, host, port, longest=128):
        super().__init__(longest)
        if not all([part.isdigit() for part in host.split(".")]):
            raise ValueError("host %r: a numeric address is wanted; looking for a name would stop all else" % host)
        self.host = host
        self.port = port
        self._socket = None
        self._poll = None
        self._unheard = 0  # bytes that were sent since something came
        self._full = None  # ticks, since when there has been no room

    def opened(self):  # type: ignore - the base says True at all times
        if self._socket and self._look(_IN):
            # what comes unasked is thrown away; what ends says so here
            self._few[0] = 0
            self._at = 0
            self._end = self._some(self._few)
        return self._socket is not None

    async def open(self, ms):
        """Connect, within `ms`. Raises CommunicationFailed."""
        self.close()
        host, port = self.instead or (self.host, self.port)
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            s.setblocking(False)
            try:
                s.connect(socket.getaddrinfo(host, port)[0][-1])
            except OSError as e:
                if e.errno != errno.EINPROGRESS:
                    raise
            poll = select.poll()
            poll.register(s, _OUT)
            began = time.ticks_ms()
            while not poll.poll(0):
                if time.ticks_diff(time.ticks_ms(), began) > ms:
                    raise OSError(errno.ETIMEDOUT)
                await asyncio.sleep_ms(_LOOK)
            s.send(b"")  # what could not connect says so
        except OSError as e:
            s.close()
            raise errors.CommunicationFailed("no connection to %s port %d: %s" % (host, port, e))
        except BaseException:
            s.close()  # whoever asked was cancelled
            raise
        poll.register(s, _IN)
        self._socket = s
        self._poll = poll

    def close(self):
        """End the connection; the next one who asks opens it anew."""
        self._at = self._end = self._sent = 0
        self._unheard = 0
        self._full = None
        if self._socket:
            self._socket.close()
        self._socket = None

    def write(self, data):
        if not self._socket:
            raise errors.CommunicationFailed("the connection to %s was ended" % self.host)
        if self.room and not self._has_room(len(data)):
            return -1
        try:
            self._sent += self._socket.send(data[self._sent :] if self._sent else data)
        except OSError as e:
            if e.errno != errno.EAGAIN:
                self.close()
                raise errors.CommunicationFailed("the connection to %s was ended: %s" % (self.host, e))
        if self._sent < len(data):
            return -1
        self._sent = 0
        return 0

    def _has_room(self, n):
        if self._unheard <= _UNHEARD and self.room.fits(n):  # type: ignore - there is one
            self._full = None
            self._unheard += n
            return True
        now = time.ticks_ms()
        if self._full is None:
            self._full = now
        if self._unheard > _UNHEARD or time.ticks_diff(now, self._full) > _PATIENCE:
            # what was sent and not acknowledged may be a part of what fills the room
            self.close()
            raise errors.CommunicationFailed("no room in the network's memory for a request to %s" % self.host)
        return False

    def _look(self, wanted):
        for _ in self._poll.ipoll(0):
            return True
        return False

    def _some(self, buf):
        if not self._socket or not self._look(_IN):
            return 0
        try:
            data = self._socket.recv(len(buf))
        except OSError:
            data = b""
        n = len(data)
        if n:
            self._unheard = 0
            buf[:n] = data
        else:
            self.close()
        return n
