"""Share a node on a serial line: many clients over TCP, each of which sees what a node of its own would show."""

import asyncio
import contextlib
import json
import socket
import sys
import time

from .. import interrupts, paths
from ..addresses import check_port
from ..client import serial_port, upstream
from ..client.client import PORT, complain
from ..problem import Problem

sys.path[:0] = [str(paths.FIRMWARE), str(paths.SHIMS)]
from secnode import message  # noqa: E402 - what a node turns away and repeats is turned away and repeated here

del sys.path[:2]

_LINE = 4096  # bytes of a client's request: a node takes 1024, others may take more
_OWN_LINE = 1024  # of its first one, and of those that are answered here: as a node has it
_KEEP = 128  # of a longer one: enough to repeat its action and specifier
_CLIENTS = 64
_MUCH = 1 << 16  # bytes that wait for a client: from then on it gets the newest values alone
_LEVELS = ("off", "error", "info", "debug")
_GREETING = b"*IDN?"
# s, all as the node has them (docs/clients.md)
_STALL = 20.0  # in which a client takes nothing until it is given up
_IDLE = 600.0  # without a request, and with nothing to say, until a client is closed
_QUIET = 60.0  # without a request after which an inactive one may lose its place to a new one
_SILENT = 10.0  # the same for one that never sent a request
_PATIENCE = 0.1  # to wait for a place that is just being left
_FIRST = 1.0  # for the first words of who might get another one's
_LINGER = 0.3  # in which what a client goes on to send is thrown away
_LAST = 2.0  # for the last replies to leave when the client has ended


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
        self._serving = set()  # tasks
        self._waiting = 0  # connections that have no place
        self._lowering = None
        self._lower_again = False
        node.on_event = self._event
        node.on_state = self._state
        node.levels = self._levels

    def serve(self, reader, writer):
        """Take a connection. The task is ours: asyncio's own says a traceback when it is cancelled at the end."""
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader, writer):
        """One client, from its connection to its end; whatever happens to it happens to no other one."""
        client = Client(self, reader, writer)
        try:
            if len(self.clients) < _CLIENTS or await self._make_room(client):
                self.clients.add(client)
                await client.run()
        except OSError:
            pass  # it went away
        except Exception as e:
            fault(e)
        finally:
            self.clients.discard(client)
            client.end()
            self.lower()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def _make_room(self, client):
        """Whether a new client gets a place that gets free, or, if it greets, the one of who was silent for longest."""
        text = f"this bridge serves {_CLIENTS} clients at a time"
        if self._waiting >= _CLIENTS:  # a flood: it is told, if it looks at once
            client.line(upstream.error("*IDN?", "", "Impossible", text))
            return False
        self._waiting += 1
        try:
            await asyncio.sleep(_PATIENCE)
            if len(self.clients) < _CLIENTS:
                return True
            greets = await client.greets()
            silent = max(self.clients, key=Client.spare, default=None)
            if greets and silent and silent.spare() >= 0 and len(self.clients) >= _CLIENTS:
                self.clients.discard(silent)
                silent.end()
            if len(self.clients) < _CLIENTS:
                return True
            await client.turn_away(upstream.error("*IDN?", "", "Impossible", text))
            return False
        finally:
            self._waiting -= 1

    async def look_after(self):
        """End those who are lost, once a second."""
        while True:
            await asyncio.sleep(1)
            for client in list(self.clients):
                if client.is_lost():
                    client.end(at_once=True)

    def _event(self, action, specifier, line):
        module = specifier.partition(":")[0]
        for client in self.clients:
            if action == "log":
                client.log(module, specifier.partition(":")[2], line)
            elif module in client.active:
                client.update(specifier)

    def _state(self, text, changed):
        with contextlib.suppress(OSError):  # nobody looks at it any more; the clients are served all the same
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
        self._lower_again = True
        if self._lowering is None or self._lowering.done():
            self._lowering = asyncio.create_task(self._lower())

    async def _lower(self):
        while self._lower_again:
            self._lower_again = False
            await self.node.set_levels()


class Client:
    """A client over TCP: what it activated, and what it has still to hear."""

    def __init__(self, shared, reader, writer):
        self.active = set()  # modules
        self.levels = {}  # of logging, by module
        self._shared = shared
        self._node = shared.node
        self._reader = reader
        self._writer = writer
        # the system would hold megabytes: values long gone, and no word for minutes of one who takes little at a time
        with contextlib.suppress(OSError):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MUCH)
        self._came = bytearray()  # what was read and is no whole line yet
        self._spoke = False  # whether a line came that says something
        self._busy = False  # a request is at work
        self._heard = self._sent = time.monotonic()
        self._put = self._taken = 0  # bytes that were written for it, and those that it had taken when it took some last
        self._moved = self._sent
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
        if not waits or self._put - waits > self._taken:
            self._taken = self._put - waits
            self._moved = now
        if waits:
            return now - self._moved > _STALL
        return not self._busy and min(now - self._heard, now - self._sent) > _IDLE

    async def run(self):
        self._sender = asyncio.create_task(self._catch_up())
        while not self._writer.is_closing():
            line, too_long = await self._line()
            if line is None:
                return
            first = not self._spoke
            self._spoke = self._spoke or bool(line)
            if too_long:
                refused = _cut_off(line, _OWN_LINE if first else _LINE)
                if first:
                    return await self.turn_away(refused)
                self.line(refused)
            elif first and message.is_foreign(line, 0, len(line)):
                text = "this is a SEC node: it speaks SECoP, neither HTTP nor TLS; nothing was executed"
                return await self.turn_away(_refusal(line, text))
            else:
                self._busy = True
                try:
                    await self._request(line)
                except OSError:
                    raise
                except Exception as e:  # a fault in here must cost neither the answer nor the connection
                    fault(e)
                    self.line(_refusal(line, upstream.FAULT, "InternalError"))
                finally:
                    self._busy = False
            self._heard = time.monotonic()
            await self._drain()

    async def _line(self):
        """The next line, without its end, and whether it is too long; None at the end of the connection.

        Of one that is too long its begin, when it has ended; where it is the first one nobody waits for that.
        """
        longest = _LINE if self._spoke else _OWN_LINE
        begin = b""
        while True:
            end = self._came.find(b"\n")
            if end >= 0:
                line = bytes(self._came[:end]).removesuffix(b"\r")
                del self._came[: end + 1]
                return begin or line, bool(begin) or len(line) > longest
            if len(self._came) > longest + 1:
                begin = begin or bytes(self._came)
                self._came.clear()
                if not self._spoke:
                    return begin, True
            if not await self._read():
                return None, False

    async def _read(self):
        data = await self._reader.read(_LINE)
        self._came += data
        return bool(data)

    async def greets(self):
        """Whether its first words are *IDN?, and come soon."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FIRST):
                while len(self._came) < len(_GREETING) and await self._read():
                    pass
        return self._came.startswith(_GREETING)

    async def turn_away(self, line):
        """Say why, and throw away what comes behind it: to close with bytes unread may cost the words."""
        self.line(line)
        await self._drain()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER):
                while await self._reader.read(_LINE):
                    pass

    async def _drain(self):
        await self._writer.drain()  # OSError where it takes nothing: is_lost()

    def end(self, at_once=False):
        """Close the connection; what waits may leave for a moment."""
        self.active.clear()
        self.levels.clear()
        if self._sender:
            self._sender.cancel()
        self._writer.close()
        transport = self._writer.transport
        if at_once:
            transport.abort()
        elif transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(_LAST, transport.abort)

    # ---- what goes out

    def line(self, line):
        """Send an answer; what was to be heard before it, before it."""
        self._send_owed()
        self._write(line)

    def _write(self, line):
        if not self._writer.is_closing():
            self._sent = time.monotonic()
            self._put += len(line) + 1
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
        control = [c for c in raw if c < 0x20 or c == 0x7F]
        if control:
            self.line(_refusal(raw, f"the line holds a control character (0x{control[0]:02x})"))
            return
        try:
            action, specifier, data = [*raw.decode().split(" ", 2), "", ""][:3]
        except ValueError:
            self.line(_refusal(raw, "the line holds bytes that are no text (UTF-8)"))
            return
        handler = self._own.get(action)
        if handler and len(raw) > _OWN_LINE:
            self.line(_cut_off(raw, _OWN_LINE))
        elif handler and (action or not raw):  # an empty line is a call for help; a blank first is none
            await handler(self, raw, specifier, data)
        elif not upstream.is_request(action):
            self.line(_refusal(raw, "unknown action; help lists those there are"))
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
        if not self._node.help:
            self.line(await self._node.ask(b"help", "help", ""))

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


def _refusal(line, text, name="ProtocolError"):
    """The answer to a line that is refused: what of it is text is repeated."""
    words = [message.printable(word).decode() for word in line.split(b" ", 2)[:2]]
    return upstream.error(words[0], "".join(words[1:]), name, text)


def _cut_off(begin, longest):
    """The same for one that is too long, of which there is a begin."""
    words = begin[:_KEEP].split(b" ")
    # the specifier is repeated where it is sure that it was seen to its end
    return _refusal(b" ".join(words[:2] if len(words) > 2 else words[:1]), f"the line is longer than {longest} bytes")


def fault(e):
    """Say what went wrong in here; what has to be done goes on."""
    complain(f"{upstream.FAULT}: {type(e).__name__}: {e!a}")
