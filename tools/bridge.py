# NOTE TO HELPER sec: the bridge (item 3 of your part) has been taken over by another helper: leave this file as it is and do
# item 2 (access) only; remove this note (git checkout tools/bridge.py).
"""Share a node on a serial line: many clients over TCP, each of which sees what a node of its own would show."""

import asyncio
import contextlib
import json
import time

from .common import serial_port, upstream
from .common.client import PORT
from .common.problem import Problem
from .run import check_port

_LINE = 4096  # bytes of a client's request: a node takes 1024, others may take more
_CLIENTS = 64
_STALL = 20  # s in which a client takes nothing until it is given up
_MUCH = 1 << 16  # bytes that wait for a client: from then on it gets the newest values alone
_LEVELS = ("off", "error", "info", "debug")


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
        asyncio.run(bridge(args))
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
        async with server:
            await node.run()
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
        if len(self.clients) >= _CLIENTS:
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
        self._reader = reader
        self._writer = writer
        self._owed = {}  # specifiers whose newest values it did not get, in their order
        self._sender = None

    async def run(self):
        self._sender = asyncio.create_task(self._catch_up())
        too_long = False
        while not self._writer.is_closing():
            try:
                line = await self._reader.readuntil(b"\n")
            except asyncio.LimitOverrunError as e:
                begin = await self._reader.readexactly(e.consumed or 1)
                if not too_long:
                    too_long = begin.split(b" ")
                continue
            if too_long:
                words = [word.decode(errors="replace") for word in too_long[:2]]
                self.line(_refusal(words, f"the line is longer than {_LINE} bytes"))
                too_long = False
            else:
                await self._request(line.removesuffix(b"\n").removesuffix(b"\r"))
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
            if any(c < 0x20 for c in raw):
                raise ValueError
        except ValueError:
            words = [word.decode(errors="replace") for word in words]
            self.line(_refusal(words, "the line holds bytes that are no text (UTF-8)"))
            return
        handler = self._own.get(action)
        if handler:
            await handler(self, raw, specifier, data)
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
        except ValueError:
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
