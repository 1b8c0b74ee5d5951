"""A client of any SEC node, over TCP or a serial line."""

import asyncio
import contextlib
import errno
import json
import socket
import sys
from typing import Any, NamedTuple

from .. import foreign
from ..problem import Problem
from . import serial_port
from .description import Description

PORT = 10767
TIMEOUT = 10.0  # s to wait for an answer, or longer where the node's description says so
_DESCRIBE = 60.0  # s: at 9600 baud a description takes a while
_CONNECT = 10.0  # s to wait for the connection
_WHO = 30.0  # s for the node to say what it is: a board may be starting just now
_LEAVE = 0.5  # s for it to make a serial line quiet at the end
_AGAIN = 1.0  # s until it is asked again who it is, on a serial line
_PATIENCE = 3.0  # s until the user is told that there is something to wait for
_SAID = 100  # lines before the answer that are looked at
_LONGEST = 64 << 20  # bytes of a line: a description may be large, yet nothing is without end
_EVENTS = ("update", "error_update", "log")  # come by themselves, answer nothing
REPLIES = {
    "describe": "describing",
    "read": "reply",
    "change": "changed",
    "do": "done",
    "check": "checked",
    "activate": "active",
    "deactivate": "inactive",
    "ping": "pong",
    "logging": "logging",
    "help": "helping",
    "": "helping",
}

NOTHING: Any = type("Nothing", (), {"__repr__": lambda self: "NOTHING"})()  # no data, which is something else than null


def add_address(parser):
    """The arguments of a verb that talks to one node: `address` and `baudrate`."""
    parser.add_argument(
        "address", nargs="?", default=f"127.0.0.1:{PORT}",
        help="HOST:PORT of the node, only HOST, or a serial port like /dev/ttyACM0 (%(default)s)",
    )  # fmt: skip
    parser.add_argument("--baudrate", help=f"of a serial port ({serial_port.BAUDRATE}; USB boards take any)")


class SECoPError(Exception):
    """The node refused a request: `name` is the error class, `text` for a person, `info` a dict."""

    def __init__(self, name, text, info):
        super().__init__(f"{name}: {text}")
        self.name = name
        self.text = text
        self.info = info


class ConnectionProblem(Problem):
    """There is no connection, no connection any more, or none to a SEC node."""


class NoAnswer(Problem):
    """The node is connected, but did not answer in time."""


class Restarted(NoAnswer):
    """The node has started anew since it was asked: what was agreed on with it is gone."""


class Message(NamedTuple):
    """A line of the node, in its parts. `data` is NOTHING where there is none, or none that is JSON.

    `line`, `action` and `specifier` are as they came: clean them (foreign.clean) before they are shown. `data` is clean.
    """

    line: str
    action: str
    specifier: str
    data: Any

    @classmethod
    def parse(cls, line):
        action, _, rest = line.partition(" ")
        specifier, _, text = rest.partition(" ")
        try:
            data = foreign.load(text) if text else NOTHING
        except ValueError:
            data = NOTHING
        return cls(line, action, specifier, data)

    @property
    def is_event(self):
        return self.action in _EVENTS

    @property
    def is_error(self):
        return self.action.startswith("error_") or self.action == "error"

    @property
    def error(self):
        """The error that this line reports, whatever shape it has."""
        report = list(self.data) if isinstance(self.data, list) else []
        name, text, info = (report + [None] * 3)[:3]
        if not isinstance(name, str):
            return SECoPError("InternalError", f"an error report that is none: {foreign.clean(self.line[:200])}", {})
        text = foreign.clean(text) if isinstance(text, str) else ""
        return SECoPError(foreign.clean(name), text, info if isinstance(info, dict) else {})

    @property
    def t(self):
        """When it was so, in s since 1970; None where the line does not say, or no date that there is."""
        if self.is_error:
            return foreign.moment(self.error.info.get("t"))
        return foreign.moment(report(self.data)[1].get("t"))


def report(data):
    """A data report as (value, qualifiers); (NOTHING, {}) where it is none."""
    if not isinstance(data, list) or not data:
        return NOTHING, {}
    return data[0], data[1] if len(data) > 1 and isinstance(data[1], dict) else {}


def is_identification(line):
    """Whether a line is the answer to *IDN?; older nodes put something before or behind the ISSE."""
    fields = line.split(",")
    return len(fields) > 1 and "ISSE" in fields[0] and fields[1].strip() == "SECoP"


def parse_address(text):
    """HOST:PORT, or only HOST, as (host, port); [..] around a numeric IPv6 address."""
    host, colon, port = text.strip().rpartition(":")
    if not colon or host.count(":") and not host.endswith("]"):
        host, port = text.strip(), str(PORT)
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise Problem(f"{text!r} is no address: the port has to be a number from 1 to 65535, as in 127.0.0.1:{PORT}")
    return host.strip("[]") or "127.0.0.1", int(port)


def complain(text):
    """Tell the user something beside the output; what has to be done is done where nobody can hear it, too."""
    with contextlib.suppress(OSError):
        print(f"secnode: {text}", file=sys.stderr, flush=True)


async def connect(address, baudrate=None, tell=complain):
    """A Client of the node at HOST:PORT or at a serial port, which has said that it is one.

    `tell(text)` is what takes a note for the user: that it takes long, or that something went wrong in here.
    """
    client = Client(*await streams(address, baudrate))
    client.outlives_us = serial_port.is_port(address)
    return await _begin(client, tell, _AGAIN if client.outlives_us else None)


async def streams(address, baudrate=None):
    """A connection to HOST:PORT or to a serial port: (reader, writer, its name). Raises ConnectionProblem."""
    if serial_port.is_port(address):
        name, baudrate = serial_port.parse(address, baudrate)
        return *await serial_port.connect(name, baudrate), name
    host, port = parse_address(address)
    name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        async with asyncio.timeout(_CONNECT):
            reader, writer = await asyncio.open_connection(host, port, limit=_LONGEST)
    except TimeoutError:
        raise ConnectionProblem(f"{name} does not answer: is the board on, and in this network?") from None
    except (socket.gaierror, UnicodeError):
        raise ConnectionProblem(f"there is no host {host!r}") from None
    except OSError as e:
        # several addresses of one name fail with one error that has nothing but a text
        if e.errno == errno.ECONNREFUSED or f"Errno {errno.ECONNREFUSED}]" in str(e):
            raise ConnectionProblem(f"nothing listens at {name}: is the node running?") from None
        raise ConnectionProblem(f"can't connect to {name}: {e.strerror or e}") from None
    _keep_alive(writer.get_extra_info("socket"))
    return reader, writer, name


async def _begin(client, tell, again=None):
    client.tell = tell
    waits = f"waiting for {client.name}, which says nothing yet: a board may take {_WHO:g} s to start"
    later = asyncio.get_running_loop().call_later(_PATIENCE, lambda: client.tell(waits))
    try:
        await client._identify(_WHO, again)
    except BaseException:
        await client.close()
        raise
    finally:
        later.cancel()
    return client


def _keep_alive(sock):
    # a node that lost its power says no good-bye
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


class Client:
    """A connection to a SEC node. Each of `listeners` is called with every Message that comes, in their order.

    One that raises an exception is told to the user by `tell`, once a kind; the others and what is asked go on.
    """

    outlives_us = False  # a serial line: what is active on it stays so

    def __init__(self, reader, writer, name):
        self.name = name
        self.identification = ""
        self.description = Description()
        self.listeners = []
        self.tell = complain
        self.lost = None  # why there is no connection any more
        self._reader = reader
        self._writer = writer
        self._ended = asyncio.Event()
        self._unheard = 0  # how many *IDN? of ours are not answered yet
        self._waiting = []  # (action, specifier, future) of what was asked and not answered yet
        self._task = None
        self._failed = set()  # what was told of listeners

    async def _identify(self, timeout, again):
        """Ask who it is, again and again where that makes sense, and let pass what comes before the answer."""
        said = []
        line = ""
        try:
            async with asyncio.timeout(timeout):
                while not is_identification(line):
                    self._ask_who()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(again):
                            while not is_identification(line := await self._line()):
                                if len(said) < _SAID:
                                    said.append(Message.parse(line))
        except TimeoutError:
            self._complain(said)
            raise ConnectionProblem(
                f"{self.name} does not answer *IDN? within {timeout:g} s: has the node started, and is it a SEC node?"
            ) from None
        except ConnectionProblem:
            self._complain(said)
            raise ConnectionProblem(f"{self.name} is no SEC node: it closes the connection") from None
        self._unheard -= 1
        self.identification = foreign.clean(line[line.index("ISSE") :])
        self._task = asyncio.create_task(self._read())

    def _ask_who(self):
        self._writer.write(b"*IDN?\n")
        self._unheard += 1

    def _complain(self, said):
        """Of what came before the answer that did not come."""
        for message in said:
            if message.is_error and isinstance(message.data, list):
                raise ConnectionProblem(f"{self.name} refuses: {message.error}") from None
        if said:
            raise ConnectionProblem(f"{self.name} is no SEC node: it says {ascii(said[0].line[:60])}") from None

    async def _line(self):
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            raise ConnectionProblem(f"{self.name} closed the connection") from None
        except asyncio.LimitOverrunError:
            raise ConnectionProblem(f"{self.name} sends a line without end") from None
        except OSError as e:
            raise ConnectionProblem(f"the connection to {self.name} is lost: {e.strerror or e}") from None
        return line.decode("utf-8", "replace").rstrip("\r\n")

    async def _read(self):
        try:
            while True:
                if line := await self._line():
                    self._take(Message.parse(line))
        except (ConnectionProblem, BrokenPipeError) as e:  # or whoever read what a listener prints is gone
            self._end(e)
        except Exception as e:  # a mistake of ours: nobody may wait for ever
            self._end(ConnectionProblem(f"what {self.name} says can't be dealt with: {type(e).__name__}: {e}"))

    def _end(self, reason):
        if self.lost is None:
            self.lost = reason
        for _, _, future in self._waiting:
            if not future.done():
                future.set_exception(self.lost)
        self._ended.set()

    def _take(self, message):
        if self._unheard and is_identification(message.line):
            self._unheard -= 1
            return
        if message.action == "error_closed":
            self._restarted(message)
            return
        asked = None if message.is_event else self._asked(message)
        if message.action == "describing" and isinstance(message.data, dict):
            self.description = Description(message.data)
        self._hand_on(message)
        if asked:
            self._waiting.remove(asked)
            if not asked[2].done():
                asked[2].set_result(message)

    def _restarted(self, message):
        """A serial line can't be closed: the node says it like this, until it is asked who it is."""
        if not self._unheard:
            self._ask_who()
            self._hand_on(message)
        for _, _, future in self._waiting:
            if not future.done():
                future.set_exception(Restarted(f"{self.name} has started anew meanwhile: ask again"))

    def _hand_on(self, message):
        for listener in list(self.listeners):
            try:
                listener(message)
            except BrokenPipeError:
                raise
            except Exception as e:
                kind = getattr(listener, "__qualname__", ""), type(e)
                if kind not in self._failed:
                    self._failed.add(kind)
                    self.tell(
                        f"a line of {self.name} was lost in {kind[0]}, by {type(e).__name__}: {e}. "
                        f"The line: {foreign.clean(message.line[:200])}"
                    )

    def _asked(self, message):
        """What a line answers; nodes that do not repeat what was asked get the benefit of the doubt."""
        for specifier in (message.specifier, None):
            for entry in self._waiting:
                if _answers(message, entry[0]) and specifier in (entry[1], None):
                    return entry
        return self._waiting[0] if self._waiting and message.is_error else None

    async def ask(self, line, timeout=None):
        """Send a line (str or bytes) as it is; gives the Message that answers it, which may report an error.

        `timeout` in s; without it TIMEOUT, or what the node claims for itself where that is more.
        """
        timeout = timeout or max(TIMEOUT, self.description.timeout)
        raw = line.encode("utf-8", "surrogateescape") if isinstance(line, str) else line
        words = raw.decode("utf-8", "replace").rstrip("\r\n").split(" ")
        if self.lost:
            raise self.lost
        entry = words[0], words[1] if len(words) > 1 else "", asyncio.get_running_loop().create_future()
        self._waiting.append(entry)
        try:
            async with asyncio.timeout(timeout):
                self._writer.write(raw + b"\n")
                with contextlib.suppress(OSError):  # the reading side tells why
                    await self._writer.drain()
                return await entry[2]
        except TimeoutError:
            short = " ".join(words[:2])[:100]
            raise NoAnswer(f"{self.name} does not answer {short!r} within {timeout:g} s") from None
        finally:
            if entry in self._waiting:
                self._waiting.remove(entry)

    async def request(self, action, specifier=None, data=NOTHING, timeout=None):
        """Make a request; gives the answer as (action, specifier, data). Raises SECoPError where the node refuses."""
        line = action
        if specifier is not None or data is not NOTHING:
            line += " " + (specifier or "")
        if data is not NOTHING:
            line += " " + json.dumps(data, ensure_ascii=False, allow_nan=False)
        message = await self.ask(line, timeout)
        if message.is_error:
            raise message.error
        return message.action, message.specifier, message.data

    async def describe(self, timeout=_DESCRIBE):
        """Ask for the description; it is kept as `description` too."""
        _, _, data = await self.request("describe", timeout=timeout)
        if not isinstance(data, dict):
            raise Problem(f"the description of {self.name} is not JSON, or no object")
        return self.description

    async def ended(self):
        """Waits until the connection has ended; gives the Problem that says why."""
        await self._ended.wait()
        return self.lost

    async def close(self):
        if self._task:
            if self.outlives_us and not self.lost:
                with contextlib.suppress(Problem):
                    await self.ask("*IDN?", _LEAVE)  # whoever comes next finds a quiet line
            self._task.cancel()
        self._end(ConnectionProblem(f"the connection to {self.name} was closed"))
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


def _answers(message, action):
    if action == "*IDN?" and is_identification(message.line):
        return True
    return message.action in (REPLIES.get(action), "error_" + action)
