"""What a connection is answered that begins with a GET of HTTP: the page, or that it goes on as WebSocket (SECoP's RFC-107).

It is loaded when one comes, and forgotten when all were answered. Anything that is not as a browser writes it is refused, and
what follows the headers of a request is never looked at.
"""

import asyncio
import binascii
import hashlib
import sys
import time

from micropython import const
from secnode import errors, log
from transport import access, tcp

PAGE = "panel"  # all that goes to the browser, from HTTP's first line on (tools/image/page.py)
_LINE = const(256)  # bytes of a header; longer ones are skipped, or refused where they matter
_ALL = const(16384)  # of all headers: a PC's other servers may have given many cookies to a name
_LONGEST = const(3000)  # ms from the request to the last byte of the answer
_LOOK = const(5)  # ms
_LINGER = const(300)  # ms for a browser to read why it is refused
_KEY = const(16)  # bytes
_MAGIC = const(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
_OWN = ("host", "origin", "upgrade", "connection", "sec-websocket-key", "sec-websocket-version")
_REASONS = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 426: "Upgrade Required", 501: "Not Implemented"}
_REASONS[503] = "Service Unavailable"


_requests = 0  # that are not answered yet


def _left(more):
    # the last one makes room for others
    global _requests
    _requests += more
    if not _requests:
        del sys.modules["transport.web"], sys.modules["transport"].web  # type: ignore


def begin(server, stream, readonly, buf, n):
    """Have a task serve a Request. Raises MemoryError."""
    asyncio.create_task(Request(server, stream, readonly, buf, n).serve())
    server.waiting += 1
    _left(1)
    return True


class Refused(Exception):
    """(status of HTTP, words for a person)."""


class Request:
    """A request on `stream`, a connection; the first n bytes of it are in `buf`. `server` is a tcp.Server.

    `readonly` says why the client may only read, "" where it may write.
    """

    def __init__(self, server, stream, readonly, buf, n):
        self._server = server
        self._stream = stream
        self._readonly = readonly
        self._line = bytearray(_LINE)
        self._fill = 0  # of the header that is coming in
        self._all = 0
        self._wrong = None  # a Refused
        self._path = None
        self._found = {}  # headers
        self._complete = False
        self._deadline = time.ticks_add(time.ticks_ms(), _LONGEST)
        self._feed(buf, n)

    async def serve(self):
        """Read the rest of it, and answer."""
        stream = self._stream
        piece = bytearray(_LINE)
        view = memoryview(piece)
        try:
            while not self._complete:
                n = stream.take(piece, view, 0)
                if n == 0:
                    return
                if n is None:
                    await self._pause()
                else:
                    self._feed(piece, n)
            try:
                if self._wrong:
                    raise self._wrong
                if self._found.get("upgrade", "").lower() == "websocket":
                    await self._websocket(piece, view)
                else:
                    await self._page(piece, view)
            except Refused as e:
                await self._say(
                    "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\n" % (e.args[0], _REASONS[e.args[0]])
                )
                await self._say("X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n")
                await self._say("Sec-WebSocket-Version: 13\r\nConnection: close\r\n\r\n%s\n" % e.args[1])
                await self._linger(piece, view)
        except OSError as e:
            log.debug("", "a browser was not answered: %s", e)
        except MemoryError:
            log.info("", "no memory for a browser")
        finally:
            self._server.waiting -= 1
            _left(-1)
            if self._stream:
                self._stream.close()
                await self._stream.wait_closed()

    async def _pause(self):
        if time.ticks_diff(self._deadline, time.ticks_ms()) <= 0:
            raise OSError("it took too long")
        await asyncio.sleep_ms(_LOOK)

    # ---- the request

    def _feed(self, data, n):
        pos = 0
        self._all += n
        while pos < n and not self._complete:
            end = data.find(b"\n", pos, n)
            stop = n if end < 0 else end
            size = min(stop - pos, _LINE - self._fill)
            self._line[self._fill : self._fill + size] = data[pos : pos + size]
            self._fill += size
            pos = stop
            if end >= 0:
                pos += 1
                try:
                    self._header()
                except (Refused, ValueError) as e:  # also of what is no text
                    self._wrong = self._wrong or (e if isinstance(e, Refused) else Refused(400, "this is no HTTP"))
                self._fill = 0
        if self._all > _ALL:
            self._complete = True
            self._wrong = Refused(400, "the headers are longer than %d bytes" % _ALL)
        elif pos < n and "upgrade" in self._found:
            self._wrong = Refused(400, "something follows the headers")

    def _header(self):
        # a line has come: it is in self._line, or its begin is
        line = bytes(self._line[: self._fill]).rstrip()
        whole = self._fill < _LINE
        if self._path is None:
            words = line.split(b" ")
            self._path = ""
            if len(words) != 3 or not whole or not words[2].startswith(b"HTTP/1"):
                raise Refused(400, "this is no request for the page of this node")
            self._path = str(words[1], "utf-8")
        elif not line:
            self._complete = True
        else:
            name, _, value = line.partition(b":")
            name = str(name, "utf-8").lower()
            if name in _OWN:
                if not whole or name in self._found:
                    raise Refused(400, "the header %s is too long, or there twice" % name)
                self._found[name] = str(value, "utf-8").strip()

    # ---- who may

    def _is_own(self, host):
        """Whether a host, with or without a port, is this node's own name or address, or one that settings.json names."""
        _, links, address = self._server.web
        name = host.lower().partition(":")[0]
        if name in self._names() or name == address:
            return True
        for link in links:
            if name and name in (link.address, link.name, link.name + ".local"):
                return True
        if links:
            return False
        if name == "localhost":
            return True
        try:
            access.number(name)
        except ValueError:
            return False
        return address == "0.0.0.0"  # a PC's: it has many, and no other page comes from any of them

    def _look_at(self):
        """Raises Refused for a page of somebody else, and for who may not come in by a browser."""
        host = self._found.get("host", "")
        if not self._is_own(host):
            text = (
                "this node has no such name (%s): open it by its address, or name it: `secnode configure --set web.names=...`"
            )
            raise Refused(403, text % _plain(host))
        origin = self._found.get("origin")
        if origin is not None:
            scheme, _, name = origin.lower().partition("://")
            if scheme not in ("http", "https") or (name != host.lower() and name not in self._names()):
                raise Refused(403, "a page of %s may not use this node" % _plain(origin))
        right = self._server.rights.right("web")
        if right == access.NONE:
            raise Refused(403, "settings.json lets no browser in" + self._server.rights.why)
        if right == access.READ and not self._readonly:
            self._readonly = "settings.json lets browsers read, not write: `secnode configure --set access.web=write`"

    def _names(self):
        return self._server.web[0].text("web", "names", "", 1, 253).lower().replace(",", " ").split()

    # ---- answers

    async def _say(self, text):
        await self._send(text.encode())

    async def _send(self, data):
        # not by asyncio, which would wait for ever
        stream = self._stream
        pos = 0
        while pos < len(data):
            rest = data[pos:] if pos else data
            n = stream.put(rest, len(rest))
            pos += n
            if not n:
                await self._pause()

    async def _linger(self, piece, view):
        # not with bytes unread: the browser's network may drop the words
        stream = self._stream
        for _ in range(_LINGER // 10):
            if stream.take(piece, view, 0) == 0:
                return
            await asyncio.sleep_ms(10)

    async def _page(self, piece, view):
        self._look_at()
        if self._path.partition("?")[0] != "/":
            raise Refused(404, "there is one page here: /")
        server = self._server
        while server.sending:
            await self._pause()
        server.sending = True
        try:
            with open(PAGE, "rb") as f:
                n = f.readinto(piece)
                while n:
                    await self._send(piece if n == _LINE else bytes(view[:n]))
                    n = f.readinto(piece)
        except OSError as e:
            if e.args[0] == 2:
                raise Refused(404, "this board has no page: `secnode flash` puts it there; WebSocket is served")
            raise
        finally:
            server.sending = False
        await self._linger(piece, view)

    async def _websocket(self, piece, view):
        self._look_at()
        found = self._found
        if found.get("sec-websocket-version") != "13":
            raise Refused(426, "WebSocket of version 13 is served")
        key = found.get("sec-websocket-key", "")
        try:
            size = len(binascii.a2b_base64(key))
        except ValueError:
            size = 0
        if "upgrade" not in found.get("connection", "").lower() or size != _KEY:
            raise Refused(400, "this is no handshake of WebSocket")
        if not hasattr(hashlib, "sha1"):
            raise Refused(501, "this MicroPython has no SHA-1, by which WebSocket begins")
        from transport.websocket import WebSocket

        server = self._server
        place = server.free() or await server.instead()
        accept = hashlib.sha1(key.encode() + _MAGIC).digest()
        accept = str(binascii.b2a_base64(accept), "ascii").strip()
        await self._say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
        await self._say("Sec-WebSocket-Accept: %s\r\n\r\n" % accept)
        if place is None or place.stream is not None:
            place = server.free()
        if place:
            stream = WebSocket(self._stream.s, place)
            asyncio.create_task(tcp.admit(place, self._readonly).serve(stream))
            self._stream = None
            return
        stream = WebSocket(self._stream.s, None)
        encoder = server.node.encoder
        encoder.begin(b"error_*IDN? ", b"")
        encoder.error(errors.Impossible(tcp.FULL % len(server.places)))
        await self._send(encoder.line(stream))
        await self._send(b"\x88\x02\x03\xf5")  # a close frame: try again later
        await self._linger(piece, view)


def _plain(text):
    """What came from others, as it may be repeated."""
    return "".join([c if 32 < ord(c) < 127 else "?" for c in text[:60]])
