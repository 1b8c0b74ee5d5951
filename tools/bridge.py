"""Share a node on a serial line: many clients over TCP, each of which sees what a node of its own would show."""

import asyncio
import contextlib
import json
import re
import sys
import time

from .common import interrupts, serial_port, upstream
from .common.client import PORT
from .common.problem import Problem
from .run import check_port

_LINE = 4096  # bytes of a client's request: a node takes 1024, others may take more
_CLIENTS = 64
_STALL = 20  # s in which a client takes nothing until it is given up
_MUCH = 1 << 16  # bytes that wait for a client: from then on it gets the newest values alone
_LEVELS = ("off", "error", "info", "debug")
_IDLE = 600.0  # s without a request, and with nothing to say, until a client is closed: all four as docs/clients.md has them
_QUIET = 60.0  # s without a request after which an inactive one may lose its place to a new one
_SILENT = 10.0  # the same for one that never sent a request
_FIRST = 1.0  # s for the first words of who might get it
_LINGER = 0.3  # s in which what a client goes on to send is thrown away
_HTTP = re.compile(rb".*[ \t]HTTP/[0-9.]*[ \t]*", re.IGNORECASE | re.DOTALL)


def add_arguments(parser):
    parser.add_argument("serial_port", metavar="PORT", help="the serial port: /dev/ttyACM0, or its name in /dev/serial/by-id")
    parser.add_argument("--baudrate", help=f"of the serial port ({serial_port.BAUDRATE}; USB boards take any)")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s); 0.0.0.0 for all networks")
    parser.add_argument("--port", default=str(PORT), help="the TCP port (%(default)s)")


def main(args):
    if not args.port.isdecimal() or not 0 < int(args.port) < 65536:
        raise Problem(f"--port has to be a whole number from 1 to 65535, not {args.port!r}")
    check_port(args.host, int(args.port), "--host ", "--port ")
    try:
        interrupts.run(bridge(args))
    except KeyboardInterrupt:
        return 0


async def bridge(args):
    """Serve until Ctrl-C. Raises Problem where there is no port, or no node at it, to begin with."""
    name, baudrate = serial_port.parse(args.serial_port, args.baudrate)
    node = upstream.Upstream(name, baudrate)
    shared = Shared(node)
    await node.begin()
    try:
        server = await asyncio.start_server(shared.serve, args.host, int(args.port), limit=_LINE)
        print(f"{node.equipment_id} at {name} serves SECoP at {args.host}:{args.port}; Ctrl-C ends it", flush=True)
        looking = asyncio.create_task(shared.look_after())
        try:
            async with server:
                await node.run()
        finally:
            looking.cancel()
    finally:
        await node.close()


class Shared:
    """The clients of one node."""

    def __init__(self, node):
        self.node = node
        self.clients = set()
        self._lowering = None
        node.on_event = self._event
        node.on_state = self._state
        node.levels = self._levels

    async def serve(self, reader, writer):
        """One client, from its connection to its end."""
        client = Client(self, reader, writer)
        if len(self.clients) >= _CLIENTS and not await self._make_room(client):
            client.line(upstream.error("*IDN?", "", "Impossible", f"this bridge serves {_CLIENTS} clients at a time"))
        else:
            self.clients.add(client)
            try:
                await client.run()
            except (OSError, asyncio.IncompleteReadError):
                pass  # it went away
            finally:
                self.clients.discard(client)
                client.end()
                self.lower()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def _make_room(self, client):
        """Whether a new client, whose first words are *IDN?, gets the place of the one that was silent for longest."""
        with contextlib.suppress(TimeoutError, OSError, asyncio.IncompleteReadError):
            async with asyncio.timeout(_FIRST):
                client.begun = await client.reader.readexactly(5)
        silent = max(self.clients, key=Client.spare, default=None)
        if client.begun == b"*IDN?" and silent and silent.spare() >= 0:
            self.clients.discard(silent)
            silent.end()
            return True
        return len(self.clients) < _CLIENTS

    async def look_after(self):
        """End those who are lost, once a second."""
        while True:
            await asyncio.sleep(1)
            for client in list(self.clients):
                if client.is_lost():
                    client.end()

    def _event(self, action, specifier, line):
        module = specifier.partition(":")[0]
        for client in self.clients:
            if action == "log":
                client.log(module, specifier.partition(":")[2], line)
            elif module in client.active:
                client.update(specifier)

    def _state(self, text, changed):
        print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)
        if changed:
            # another node, or another version of it: whoever comes again reads its description
            for client in list(self.clients):
                client.end()

    # ---- logging: the line has one level for all, each client its own

    def _levels(self):
        """What the node has to be asked for: {module: level}, "." for the node's own."""
        wanted = {}
        for client in self.clients:
            for module, level in client.levels.items():
                wanted[module] = max(wanted.get(module, 0), level)
        return wanted

    def lower(self):
        """Ask the node for less where nobody wants as much any more."""
        if self._lowering is None or self._lowering.done():
            self._lowering = asyncio.create_task(self.node.set_levels())


class Client:
    """A client over TCP: what it activated, and what it has still to hear."""

    def __init__(self, shared, reader, writer):
        self.active = set()  # modules
        self.levels = {}  # of logging, by module
        self._shared = shared
        self._node = shared.node
        self.reader = reader
        self.begun = b""  # what was read of its first line already
        self._spoke = self._busy = False
        self._heard = self._sent = time.monotonic()
        self._waits = 0  # bytes, when it was looked last; they became fewer then
        self._moved = self._sent
        self._writer = writer
        self._owed = {}  # specifiers whose newest values it did not get, in their order
        self._sender = None

    def spare(self):
        """For how many s the place could have been another client's. Below 0: it could not."""
        if self.active or any(self.levels.values()) or self._busy or self._writer.transport.get_write_buffer_size():
            return -1
        return time.monotonic() - self._heard - (_QUIET if self._spoke else _SILENT)

    def is_lost(self):
        """Whether it takes nothing of what waits for it, or there was nothing to hear of it or to say to it for too long."""
        now = time.monotonic()
        waits = self._writer.transport.get_write_buffer_size()
        if not waits or waits < self._waits:
            self._moved = now
        self._waits = waits
        if waits:
            return now - self._moved > _STALL
        return not self._busy and min(now - self._heard, now - self._sent) > _IDLE

    async def _turn_away(self, words, text):
        """Answer what is none of SECoP, and throw away what comes behind it."""
        self.line(_refusal([word.decode(errors="replace") for word in words[:2]], text))
        await self._drain()
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(_LINGER):
                while await self.reader.read(_LINE):
                    pass

    async def run(self):
        self._sender = asyncio.create_task(self._catch_up())
        too_long = False
        while not self._writer.is_closing():
            try:
                line = self.begun + await self.reader.readuntil(b"\n")
                self.begun = b""
            except asyncio.LimitOverrunError as e:
                begin = self.begun + await self.reader.readexactly(e.consumed or 1)
                self.begun = b""
                if not self._spoke:
                    return await self._turn_away(begin.split(b" "), f"the line is longer than {_LINE} bytes")
                if not too_long:
                    too_long = begin.split(b" ")
                continue
            if too_long:
                words = [word.decode(errors="replace") for word in too_long[:2]]
                self.line(_refusal(words, f"the line is longer than {_LINE} bytes"))
                too_long = False
            else:
                line = line.removesuffix(b"\n").removesuffix(b"\r")
                if not self._spoke and (_HTTP.fullmatch(line) or line.startswith(b"\x16\x03")):
                    text = "this is a SEC node: it speaks SECoP, neither HTTP nor TLS; nothing was executed"
                    return await self._turn_away(line.split(b" "), text)
                self._spoke = self._spoke or bool(line)
                self._busy = True
                try:
                    await self._request(line)
                except OSError:
                    raise
                except Exception as e:  # a fault in here must cost neither the answer nor the connection
                    print(f"a fault in the bridge: {type(e).__name__}: {e!a}", file=sys.stderr, flush=True)
                    words = [word.decode(errors="replace") for word in line.split(b" ", 2)]
                    self.line(
                        upstream.error(_word(words[0]), _word("".join(words[1:2])), "InternalError", "a fault in the bridge")
                    )
                finally:
                    self._busy = False
            self._heard = time.monotonic()
            await self._drain()

    async def _drain(self):
        try:
            async with asyncio.timeout(_STALL):
                await self._writer.drain()
        except TimeoutError:
            self.end()
            raise ConnectionResetError from None

    def end(self):
        """Close the connection, whatever waits."""
        self.active.clear()
        self.levels.clear()
        if self._sender:
            self._sender.cancel()
        if self._writer.transport.get_write_buffer_size() > _MUCH:
            self._writer.transport.abort()
        self._writer.close()

    # ---- what goes out

    def line(self, line):
        """Send an answer; what was to be heard before it, before it."""
        self._send_owed()
        self._write(line)

    def _write(self, line):
        if not self._writer.is_closing():
            self._sent = time.monotonic()
            self._writer.write(line + b"\n")

    def update(self, specifier):
        """Send the newest value of a parameter, now or when there is room."""
        if self._owed or self._writer.transport.get_write_buffer_size() > _MUCH:
            self._owed[specifier] = True
        else:
            self._write(self._node.values[specifier])

    def log(self, module, level, line):
        wanted = self.levels.get(module, 0)
        if wanted and level in _LEVELS[1 : wanted + 1] and self._writer.transport.get_write_buffer_size() <= _MUCH:
            self._write(line)

    def _send_owed(self):
        for specifier in self._owed:
            if specifier in self._node.values:
                self._write(self._node.values[specifier])
        self._owed.clear()

    async def _catch_up(self):
        with contextlib.suppress(OSError):
            while True:
                await asyncio.sleep(0.05)
                if self._owed:
                    await self._drain()
                    self._send_owed()

    # ---- what comes in

    async def _request(self, raw):
        words = raw.split(b" ", 2)
        try:
            action, specifier, data = [*(word.decode() for word in words), "", ""][:3]
            if any(c < 0x20 or c == 0x7F for c in raw):
                self.line(_refusal([action, specifier], "the line holds control characters"))
                return
        except ValueError:
            words = [word.decode(errors="replace") for word in words]
            self.line(_refusal(words, "the line holds bytes that are no text (UTF-8)"))
            return
        handler = self._own.get(action)
        if handler and (action or not raw):  # an empty line is a call for help; a blank first is none
            await handler(self, raw, specifier, data)
        elif not upstream.is_request(action):
            self.line(_refusal([action, specifier], "unknown action; help lists those there are"))
        else:
            self.line(await self._node.ask(raw, action, specifier))

    async def _identify(self, raw, specifier, data):
        self.active.clear()
        self.levels.clear()
        self._owed.clear()
        self.line(self._node.identification)
        self._shared.lower()

    async def _describe(self, raw, specifier, data):
        self.line(self._node.description)

    async def _help(self, raw, specifier, data):
        for line in self._node.help:
            self.line(line)

    async def _activate(self, raw, specifier, data):
        module = specifier.partition(":")[0]
        if specifier and module not in self._node.modules:
            # the node has the words for it
            self.line(await self._node.ask(raw, "activate", specifier))
            return
        chosen = {module} if specifier else self._node.modules
        self.active |= chosen
        self._send_owed()
        for name, line in self._node.values.items():
            if name.partition(":")[0] in chosen:
                self._write(line)
        self.line(b"active " + specifier.encode() if specifier else b"active")

    async def _deactivate(self, raw, specifier, data):
        module = specifier.partition(":")[0]
        if specifier and module not in self._node.modules:
            self.line(await self._node.ask(raw, "deactivate", specifier))
            return
        self._send_owed()
        self.active -= {module} if specifier else self._node.modules
        self.line(b"inactive " + specifier.encode() if specifier else b"inactive")

    async def _logging(self, raw, specifier, data):
        module = specifier.partition(":")[0]
        try:
            level = json.loads(data)
            wanted = 0 if level is False else _LEVELS.index(level)
            known = not module or module in self._node.modules
        except (ValueError, RecursionError):  # the node says what is wrong with it
            known = False
        if not known:
            self.line(await self._node.ask(raw, "logging", specifier))
            return
        for name in (module,) if module else (*self._node.modules, "."):
            self.levels[name] = wanted
        refused = await self._node.set_levels()
        if refused:
            self.levels.clear()
            self.line(upstream.as_answer(refused, "logging", specifier))
        else:
            self.line(f"logging {module} {json.dumps(level)}".encode())

    _own = {
        "*IDN?": _identify, "describe": _describe, "help": _help, "": _help, "activate": _activate,
        "deactivate": _deactivate, "logging": _logging,
    }  # fmt: skip


def _refusal(words, text):
    return upstream.error(_word(words[0]), _word(words[1]) if len(words) > 1 else "", "ProtocolError", text)


def _word(text):
    return "".join(c if " " < c != "\N{REPLACEMENT CHARACTER}" else "?" for c in text[:100])
