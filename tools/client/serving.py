"""The page of tools/panel for a node that has none: served on this PC, each browser has a connection of its own."""

import asyncio
import contextlib
import http

from ..problem import Problem

_LINE = 1 << 22  # bytes that a node's line may have: a description, above all
_PATIENCE = 10  # s for the node to take a connection
_OUR = ("127.0.0.1", "localhost")


def library():
    """The package websockets; raises Problem where it is not there."""
    try:
        from websockets.asyncio import server
    except ImportError:
        raise Problem("this needs the Python package websockets: in a checkout `make talk` prepares it") from None
    return server


class Panel:
    """The page `html` with `headers`, at 127.0.0.1, for the node at an address (host, port) of TCP."""

    def __init__(self, html, headers, address):
        self._html = html.encode()
        self._headers = headers
        self._address = address
        self.port = None

    @contextlib.asynccontextmanager
    async def listen(self, port):
        """Serve as long as the context lasts, on a port; 0 takes any that is free. Raises OSError where it is taken."""
        server = library()
        async with server.serve(
            self._serve, "127.0.0.1", port, process_request=self._answer, compression=None, max_size=1 << 16, server_header=None
        ) as listening:
            self.port = listening.sockets[0].getsockname()[1]
            yield

    def _answer(self, connection, request):
        """What a request is answered; None lets it go on as WebSocket. No page of another origin gets anything."""
        host = request.headers.get_all("Host")
        name, _, port = host[0].lower().partition(":") if len(host) == 1 else ("", "", "")
        origin = request.headers.get("Origin")
        if name not in _OUR or port != str(self.port):
            return connection.respond(http.HTTPStatus.FORBIDDEN, "open it as http://127.0.0.1\n")
        if origin is not None and origin.lower() != f"http://{host[0].lower()}":
            return connection.respond(http.HTTPStatus.FORBIDDEN, "a page of another origin may not use it\n")
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return None
        if request.path.partition("?")[0] != "/":
            return connection.respond(http.HTTPStatus.NOT_FOUND, "there is one page here: /\n")
        response = connection.respond(http.HTTPStatus.OK, "")
        response.body = self._html
        for name in ("Content-Type", "Content-Length"):
            del response.headers[name]
        for name, value in {**self._headers, "Content-Length": str(len(self._html))}.items():
            response.headers[name] = value
        return response

    async def _serve(self, browser):
        """Messages to lines and back, until one of both ends it."""
        try:
            async with asyncio.timeout(_PATIENCE):
                reader, writer = await asyncio.open_connection(*self._address, limit=_LINE)
        except (OSError, TimeoutError) as e:
            why = getattr(e, "strerror", None) or "it does not answer"
            await browser.send(f'error_*IDN?  ["CommunicationFailed", "the node at {self._address[0]}: {why}", {{}}]')
            return
        try:
            ways = [asyncio.create_task(way) for way in (_to_node(browser, writer), _to_browser(reader, browser))]
            _, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in left:
                way.cancel()
            for outcome in await asyncio.gather(*ways, return_exceptions=True):
                if isinstance(outcome, Exception) and not isinstance(outcome, (OSError, asyncio.LimitOverrunError)):
                    raise outcome
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _to_node(browser, writer):
    async for message in browser:
        if isinstance(message, str):
            writer.write(message.removesuffix("\n").replace("\n", " ").encode() + b"\n")
            await writer.drain()


async def _to_browser(reader, browser):
    from websockets.exceptions import ConnectionClosed

    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionClosed):
        while True:
            line = await reader.readuntil(b"\n")
            await browser.send(line.decode(errors="replace").rstrip("\r\n"))
