"""SECoP over TCP."""

import asyncio
import select
import socket
import sys

from micropython import const
from secnode import errors, log
from transport import access, waits
from transport.stream import Stream

_BACKLOG = const(3)
_WAITING_AT_MOST = const(4)
_PATIENCE = const(100)  # ms to wait for a place that is just being left
_FIRST = const(1000)  # ms to wait for the first words of who might get the place of another client
_LINGER = const(300)  # ms for a refused client to read why
FULL = "this node serves %d clients at a time"
_GREETING = const(b"*IDN?")
_GET = const(b"GET /")  # as long
_TCP = const(6)
# what is not there by name is not asked for: some boards print a warning on the console, where SECoP may run
_NODELAY = getattr(socket, "TCP_NODELAY", 1 if sys.platform == "linux" else None)


class Connection(asyncio.StreamReader, Stream):
    """A TCP connection, on a socket. asyncio's stream waits, reads and writes; what is new is what does it at once."""

    def __init__(self, s):
        super().__init__(s)
        if _NODELAY is not None:
            # or else the second of two small pieces waits until the first one's arrival was confirmed: some 40 ms
            try:
                s.setsockopt(_TCP, _NODELAY, 1)
            except OSError:
                pass  # it is gone already, which reading tells

    def take(self, buf, view, pos):
        """Read what is there into buf[pos:]; gives the number of bytes, 0 at the end, None where there is nothing."""
        return self.s.readinto(view[pos:] if pos else buf)  # type: ignore - asyncio's own, which the stubs don't know

    def put(self, buf, n):
        """Write what can be written at once of the first n bytes; gives their number."""
        return self.s.write(buf, n) or 0  # type: ignore


class _Nobody:
    """In place of a coroutine, one that is done."""

    @staticmethod
    def send(_):
        raise StopIteration


class Server:
    """Hands each connection to a free place; tells one too many why, and closes it.

    Where all places are taken, the client that was silent for longest may lose its place to a new one: if it is inactive,
    silent for longer than the session's QUIET allows, and if the new one speaks SECoP (its first words are *IDN?).

    A connection that begins with a GET of HTTP takes no place, but for one that goes on as WebSocket (web.py).
    """

    def __init__(self, node, clients, rights, web=None):
        """Make places for `clients` (a number). `rights` is an access.Access.

        `web` is what web.py has to know of the board: (settings, its links to networks, the address it listens on); without it
        HTTP is turned away.
        """
        self.node = node
        self.rights = rights
        self.web = web
        if web:
            node.web = self._browse
        self.sending = False  # whether the page is just sent to somebody
        self.places = [node.add_session() for _ in range(clients)]
        self.waiting = 0  # connections that have no place
        self._promised = None  # the place that somebody was made to leave

    async def listen(self, host, port):
        """Listen on an address. Raises OSError where it can't be had."""
        global Connection
        waits.begin()
        if socket.__name__ == "lwip":  # where write() may wait in C
            from transport import room

            Connection = room.begin(Connection)
        return await asyncio.start_server(self._client, host, port, _BACKLOG)  # type: ignore - coroutines are duck-typed

    async def accept(self, listening):
        """Accept connections for ever, as `listening`, which listen() gave, does until there is no memory for one."""
        s = None
        if sys.implementation.name != "cpython":
            for entry in asyncio.core._io_queue.map.values():  # type: ignore - asyncio's own
                if entry[0] is listening.task:
                    s = entry[-1]
        ended = False
        while True:
            try:
                if ended:
                    listening.task = asyncio.create_task(listening._serve(s, self._client, None))
                    ended = False
                await listening.task
            except MemoryError:
                ended = listening.task.done()
            await asyncio.sleep_ms(_PATIENCE)

    def free(self):
        """A place that nobody has; None where there is none."""
        for place in self.places:
            if place.stream is None and place is not self._promised:
                return place

    def alive(self):
        """Whether some client is surely there: it is sent updates, or asked for something not long ago."""
        return any([place.spare() < 0 for place in self.places if place.stream is not None])

    def end_all(self):
        """Close all connections."""
        for place in self.places:
            if place.stream is not None:
                place.give_up()

    def _client(self, stream, _):
        """Gives the coroutine that serves a connection.

        Plain, and with asyncio's stream left behind: what a coroutine has around it stays as long as the client, 300 bytes.
        """
        try:
            peer = stream.get_extra_info("peername")
            # at once: lwIP's setsockopt() does not look whether the other end has reset it since
            stream = Connection(stream.s)
            address = _address(peer)
            right = self.rights.right("tcp", address)
            if right == access.NONE:
                return self._wait(stream, None, "settings.json lets nobody in from %s%s" % (address, self.rights.why))
            readonly = ""
            if right != access.WRITE:
                readonly = "settings.json lets %s read, not write%s" % (address, self.rights.why)
            place = self.free()
            if place:
                return admit(place, readonly).serve(stream)
            return self._wait(stream, readonly, FULL % len(self.places))
        except MemoryError:
            # that would end asyncio's server, and with it the node and its heating
            stream.s.close()  # type: ignore - asyncio's own
            return _Nobody

    def _browse(self, stream, readonly, buf, n):
        """Whether a connection begins with a GET of HTTP, and somebody goes on with it; its first n bytes are in `buf`."""
        if buf.find(_GET, 0, len(_GET)) or not self.web or self.waiting > _WAITING_AT_MOST:
            return False
        try:
            from transport import web

            return web.begin(self, stream, readonly, buf, n)
        except MemoryError:
            return False

    async def _wait(self, stream, readonly, why):
        """Serve a connection that has no place as soon as there is one, or tell it `why` not.

        `readonly` is None for who gets none in any case.
        """
        # a few at a time: a flood of connections must not become a flood of tasks
        patient = self.waiting < _WAITING_AT_MOST
        self.waiting += patient
        place = None
        first = b""
        try:
            if patient and readonly is not None:
                await asyncio.sleep_ms(_PATIENCE)
                place = self.free()
                if place is None:
                    # one at a time has long to say what it is; a browser says that at once
                    spare = self._spare()
                    try:
                        self._promised = spare or self._promised
                        words = select.poll()
                        words.register(stream.s, select.POLLIN)
                        for _ in range((_FIRST if spare else _PATIENCE) // 10):
                            if words.poll(0):
                                first = bytearray(len(_GREETING))
                                await stream.readinto(first)
                                break
                            await asyncio.sleep_ms(10)
                    finally:
                        if spare:
                            self._promised = None
                    if self._browse(stream, readonly, first, len(_GET)):
                        place = stream  # it is closed there
                        return
                    if first == _GREETING:
                        place = await self.instead()
            if place is None:
                await self._refuse(stream, patient, why)
        except OSError:
            pass  # it went away while it waited
        finally:
            self.waiting -= patient
            if not place:
                stream.close()
                await stream.wait_closed()
        if place:
            await admit(place, readonly).serve(stream, first)

    def _spare(self):
        # the place that its client needs least, where it is not promised to somebody; None where each is needed
        place = self.places[0]
        for other in self.places:
            if other.spare() > place.spare():
                place = other
        return None if self._promised or place.spare() < 0 else place

    async def instead(self):
        """A place that another client does not need, for one that speaks; None where there is none."""
        place = self._spare()
        if place is None:
            return None
        self._promised = place
        try:
            log.info("", "a silent client lost its place to a new one")
            place.give_up()
            for _ in range(_FIRST // 10):
                if place.stream is None:
                    return place
                await asyncio.sleep_ms(10)
        finally:
            self._promised = None
        return None

    async def _refuse(self, stream, patient, text):
        encoder = self.node.encoder
        encoder.begin(b"error_*IDN? ", b"")
        encoder.error(errors.Impossible(text))
        stream.write(encoder.line(stream))
        if patient:
            await stream.drain()
            await asyncio.sleep_ms(_LINGER)


def admit(place, readonly):
    """The place, for a client that may only read where `readonly` has a text that says why."""
    if readonly != place.readonly:
        place.readonly = readonly  # once set it takes room in each place, 64 bytes
    return place


def _address(peer):
    """The other end's address as text."""
    # MicroPython's unix port gives a struct sockaddr_in
    return peer[0] if isinstance(peer, tuple) else "%d.%d.%d.%d" % tuple(peer[4:8])
