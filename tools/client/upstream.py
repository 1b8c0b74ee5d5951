"""A node at a serial line, for many: one request at a time, its newest values at hand, and there again after a break."""

import asyncio
import contextlib
import json
import math
import re
import time

from ..problem import Problem
from . import serial_port
from .client import REPLIES, Message, complain, is_identification
from .description import Description, is_command

FAULT = "a fault in the bridge"  # what no node and no client has done: told with what was raised
_WHO = 10.0  # s for a node to say who it is at first: it may be starting just now
_AGAIN = 1.5  # s until it is asked again
_ANSWER = 10.0  # s for an answer, more where the node's description says so
_DESCRIBE = 60.0  # s: at 9600 baud a description takes a while
_TRIES = 3  # of what noise may have damaged
_SILENCE = 10.0  # s without a line until the node is pinged
_BREAK = 5.0  # s for which a request waits for a node that is away, and nobody is told that it is
_LOOK = 0.5  # s
_AWAY = "CommunicationFailed"
_LEVELS = ("off", "error", "info", "debug")
_LONGEST = 3600.0  # s that a node's own time-out may be
# what nodes say, and no client: the error that answers it would look like an event, or like another request's answer
_ANSWERS = {"update", "closed", "log", "error", *REPLIES.values()} - set(REPLIES)
_ACTION = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_NAME = re.compile("[!-9;-~]+")  # of a module or parameter, as it can stand in a specifier


class Lost(Exception):
    """The node is not there any more: the text says why."""


def error(action, specifier, name, text):
    """An error report as a line."""
    return f"error_{action} {specifier} {json.dumps([name, text, {}], ensure_ascii=False)}".encode()


def as_answer(line, action, specifier):
    """An error report as the answer to another request: of one that was damaged on its way."""
    report = line.decode(errors="replace").split(" ", 2)[2:]
    data = Message.parse(" ".join(["", "", *report])).data
    if not is_text(line) or not isinstance(data, list) or not data or not isinstance(data[0], str):
        return damaged(action, specifier)
    return f"error_{action} {specifier} {report[0]}".encode()


def damaged(action, specifier):
    return error(action, specifier, _AWAY, "the answer was damaged on the line")


def is_text(line):
    """Whether a node's line is what SECoP has: UTF-8 without control characters."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return min(line, default=0x20) >= 0x20


def is_request(action):
    """Whether a client's action may go to the node, whose answer is then known by it."""
    return bool(_ACTION.fullmatch(action)) and action not in _ANSWERS and not action.startswith("error_")


class Upstream:
    """The node. `on_event(action, specifier, line)` is called with what comes unasked, `on_state(text, changed)` when it
    goes and comes, `levels()` gives what is to be logged. `values` has the newest update of each parameter, as a line.
    """

    def __init__(self, name, baudrate):
        self.name = name
        self._baudrate = baudrate
        self.identification = self.description = b""
        self.equipment_id = ""
        self.modules = set()
        self.help = []
        self.values = {}
        self.on_event = self.on_state = lambda *args: None
        self.levels = dict
        self._set_levels = {}  # what the node was asked for
        self._levels_are_mine = asyncio.Lock()
        self._parameters = set()
        self._timeout = _ANSWER
        self._line_is_mine = asyncio.Lock()
        self._asked = None  # (action, specifier, future) of the request that is not answered yet
        self._in_doubt = False  # an answer may still come that nobody waits for
        self._helping = None
        self._writer = self._task = None
        self._heard = 0.0
        self._gone = asyncio.Event()
        self._here = asyncio.Event()
        self._why = ""

    # ---- there and away

    async def begin(self):
        """Connect for the first time. Raises Problem where that fails."""
        try:
            await self._connect(_WHO)
        except Lost as e:
            await self.close()
            raise Problem(f"the node at {self.name} can't be used: {e}") from None
        except TimeoutError:
            await self.close()
            raise Problem(
                f"no SEC node answers at {self.name}, {self._baudrate} baud, in {_WHO:g} s: is it on, and is that its rate?"
            ) from None

    async def run(self):
        """Keep the connection, for ever."""
        while True:
            await self._watch()
            since = time.monotonic()
            told = False
            while not self._here.is_set():
                await self.close()
                if not told and time.monotonic() - since > _BREAK:
                    told = True
                    self._tell_away()
                try:
                    await self._connect(_AGAIN)
                except (Lost, Problem, TimeoutError):
                    await asyncio.sleep(_LOOK)
            self.on_state(f"{self.equipment_id} is there again after {time.monotonic() - since:.0f} s", False)

    async def close(self):
        self._here.clear()
        if self._task:
            self._task.cancel()
        if self._writer:
            self._writer.close()
            await self._writer.wait_closed()
        self._task = self._writer = None

    async def _connect(self, patience):
        self._gone.clear()
        self._asked = None
        self._in_doubt = False
        reader, self._writer = await serial_port.connect(self.name, self._baudrate)
        self._task = asyncio.create_task(self._read(reader))
        async with self._line_is_mine:
            async with asyncio.timeout(patience):
                await self._identify()
            await self._describe()
            await self._ask_for_help()
            await self._exchange(b"activate", "activate", "", _DESCRIBE)
            self._set_levels = {}
        self._here.set()
        await self.set_levels()

    async def _identify(self):
        while True:
            with contextlib.suppress(TimeoutError):
                self.identification = await self._exchange(b"*IDN?", "*IDN?", "", _AGAIN)
                return

    async def _describe(self):
        for _ in range(_TRIES):
            line = await self._exchange(b"describe", "describe", "", _DESCRIBE)
            answer = Message.parse(line.decode(errors="replace"))
            structure = answer.data
            if is_text(line) and isinstance(structure, dict) and isinstance(structure.get("modules"), dict):
                break
            if answer.is_error:
                raise Lost(f"it does not describe itself: {answer.error}")
        else:
            raise Lost("its description is damaged on the way, again and again")
        if line == self.description:
            return
        changed = bool(self.description)
        self.description = line
        # what is no SECoP in it concerns its clients; here it is a description with gaps
        about = Description(structure)
        name = about.text("equipment_id") or "a node"
        self.equipment_id = "".join(c if c.isprintable() else "?" for c in name[:100])
        self.modules = set(filter(_NAME.fullmatch, about.modules))
        self._parameters = {
            f"{module}:{name}"
            for module, name, accessible in about.all()
            if module in self.modules and _NAME.fullmatch(name) and not is_command(accessible)
        }
        timeout = structure.get("timeout")
        self._timeout = _ANSWER
        if type(timeout) in (int, float) and not (isinstance(timeout, float) and math.isnan(timeout)):
            self._timeout = float(min(max(_ANSWER, timeout), _LONGEST))
        self.values.clear()
        if changed:
            self.on_state(f"the description has changed: {self.equipment_id}; clients have to connect again", True)

    async def _ask_for_help(self):
        # nothing says which line of it is the last one, so something is asked behind it
        self._helping = []
        await self._exchange(b"help\nping bridge", "ping", "bridge", self._timeout)
        self.help, self._helping = self._helping, None

    async def _watch(self):
        """Waits until the node is gone; one that says nothing is asked."""
        while not self._gone.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SILENCE / 2):
                    await self._gone.wait()
            if not self._gone.is_set() and time.monotonic() - self._heard > _SILENCE:
                async with self._line_is_mine:
                    try:
                        await self._exchange(b"ping bridge", "ping", "bridge", self._timeout)
                    except TimeoutError:
                        self._end("it does not answer any more")
                    except Lost:
                        pass  # the loop ends
        self._here.clear()
        self.on_state(f"{self.equipment_id} is away: {self._why}", False)

    def _tell_away(self):
        """Tell all active clients that the values are not known any more."""
        for specifier in self.values:
            report = json.dumps([_AWAY, self._why, {"t": round(time.time(), 3)}], ensure_ascii=False)
            self.values[specifier] = f"error_update {specifier} {report}".encode()
            self.on_event("error_update", specifier, self.values[specifier])

    def _end(self, why):
        self._why = why
        self._here.clear()
        self._gone.set()
        if self._asked and not self._asked[2].done():
            self._asked[2].set_exception(Lost(why))

    # ---- what comes in

    async def _read(self, reader):
        try:
            while True:
                line = (await reader.readuntil(b"\n")).removesuffix(b"\n").removesuffix(b"\r")
                self._heard = time.monotonic()
                try:
                    self._take(line)
                except Exception as e:  # a fault in here must not cost the lines behind it
                    complain(f"{FAULT}, a line is lost: {type(e).__name__}: {e!a}")
        except (OSError, asyncio.IncompleteReadError) as e:
            self._end(getattr(e, "strerror", None) or "the port is gone")
        except asyncio.LimitOverrunError:
            self._end("it sends a line without end")

    def _take(self, line):
        message = Message.parse(line.decode(errors="replace"))
        if message.is_event:
            # what noise made of a line is not passed on
            if is_text(line) and isinstance(message.data, str if message.action == "log" else list):
                self._event(message.action, message.specifier, line)
        elif message.action == "error_closed":
            if not self._asked or self._asked[0] != "*IDN?":
                self._end("it has started anew")
        elif self._helping is not None and message.action == "helping":
            self._helping.append(line)
        elif self._asked and not self._asked[2].done():
            answer = _answer(message, line, *self._asked[:2])
            if answer and self._asked[0] != "describe" and not is_text(answer):
                answer = damaged(*self._asked[:2])
            if answer:
                self._asked[2].set_result(answer)

    def _event(self, action, specifier, line):
        if action != "log":
            if specifier not in self._parameters:
                return
            self.values[specifier] = line
        self.on_event(action, specifier, line)

    # ---- what goes out

    async def ask(self, raw, action, specifier):
        """The answer to a client's line, both without line ends: whatever happens there is one."""
        why = ""
        if raw.endswith(b"*IDN?"):
            raw += b" "  # a serial line looks for that at the end of whatever comes, and begins anew
        try:
            async with asyncio.timeout(_BREAK):
                await self._here.wait()
            async with self._line_is_mine:
                if self._in_doubt:
                    await self._settle()
                try:
                    return await self._exchange(raw, action, specifier, self._timeout)
                except TimeoutError:
                    self._in_doubt = True
                    why = f"the node does not answer within {self._timeout:g} s"
        except TimeoutError:
            why = f"the node is away: {self._why}"
        except Lost as e:
            why = f"the connection to the node was lost: {e}"
        return error(action, specifier, _AWAY, why)

    async def _exchange(self, raw, action, specifier, timeout):
        if not self._writer or self._gone.is_set():
            raise Lost(self._why)
        self._asked = action, specifier, asyncio.get_running_loop().create_future()
        try:
            self._writer.write(raw + b"\n")
            async with asyncio.timeout(timeout):
                return await self._asked[2]
        finally:
            self._asked = None

    async def _settle(self):
        """Let answers pass that came too late: until one comes to a question asked behind them."""
        while True:
            try:
                await self._exchange(b"ping settle", "ping", "settle", self._timeout)
            except TimeoutError:
                if time.monotonic() - self._heard > self._timeout:
                    self._end("it does not answer any more")
                    raise Lost(self._why) from None
            else:
                self._in_doubt = False
                return

    async def set_levels(self):
        """Bring the node's logging to what `levels()` wants; gives the answer where it refuses, else None."""
        async with self._levels_are_mine:  # or who wanted less meanwhile would undo what another one wants
            if not self._here.is_set():
                return None
            own = self.levels().get(".", 0)
            if own != self._set_levels.get(".", 0):
                # the node's own goes with that of all
                refused = await self._set_level("", own)
                if refused:
                    return refused
                self._set_levels = dict.fromkeys((*self.modules, "."), own)
            for module in sorted(self.modules):
                level = self.levels().get(module, 0)
                if level != self._set_levels.get(module, 0):
                    refused = await self._set_level(module, level)
                    if refused:
                        return refused
                    self._set_levels[module] = level
        return None

    async def _set_level(self, module, level):
        line = await self.ask(f'logging {module} "{_LEVELS[level]}"'.encode(), "logging", module)
        return line if line.startswith(b"error_") else None


def _answer(message, line, action, specifier):
    """The line that answers a request, where this one does; else None."""
    if action == "*IDN?":
        text = line.decode(errors="replace")
        begin = text[text.index("ISSE") :].encode() if is_identification(text) else b"\n"
        return begin if is_text(begin) else None
    if action not in REPLIES and not message.is_error and message.specifier == specifier:
        return line  # one of this node's own
    if message.action == REPLIES.get(action):
        if action == "describe":
            return line
        if message.specifier != specifier:
            return None
        if isinstance(message.data, (list, str)) or action in ("activate", "deactivate"):
            return line
        return damaged(action, specifier)
    # maybe to what noise made of the request; the node does one after the other
    return as_answer(line, action, specifier) if message.is_error else None
