"""A node by what it answers (specification: messages/): never anything that could move something, but for driving.py."""

import asyncio
import json
import re
import time

from .. import foreign, secop
from ..client.client import NOTHING, report
from ..problem import Problem
from . import values
from .findings import ERROR, NOTE, WARNING
from .structure import Structure
from .wire import Gone, Wire

_QUIET = 0.3  # s: what a node says before it was asked
_WATCH = 1.5  # s: what it sends after it was told to send nothing
_OFF = 60  # s that a clock may be wrong
_LEAST = 3.0  # s that a node gets in any case
_LATE = 10.0  # s in which a node has to answer where it does not say itself
_GREETING = "*IDN?"
_ANSWERS = "messages.rst"
ERRORS = (
    "ProtocolError NoSuchModule NoSuchParameter NoSuchCommand ReadOnly NotCheckable WrongType RangeError BadJSON "
    "NotImplemented HardwareError CommandRunning CommunicationFailed TimeoutError IsBusy IsError Disabled Impossible "
    "ReadFailed OutOfRange InternalError"
).split()
STATES = ("IsBusy", "IsError", "Disabled", "HardwareError", "CommunicationFailed", "TimeoutError", "CommandRunning")


class Talk:
    """One node that is talked to. run() notes all that is found in `found`; `sound` has what can be relied on then."""

    def __init__(self, address, baudrate, found):
        self.address, self.baudrate = address, baudrate
        self.found = found
        self.identification = ""
        self.version = secop.DEFAULT
        self.report = {}
        self.sound = {}
        self.values = {}  # what was read: (module, name) -> value
        self.wire = None
        self._first = b""  # the description as it came

    async def run(self):
        """Raises Problem where there is no node to talk to."""
        self.wire = await Wire.open(self.address, self.baudrate)
        for part in (
            self._identify, self._describe, self._ping, self._activate, self._read_all, self._errors, self._not_changing,
            self._check, self._deactivate, self._modules, self._others, self._describe_again,
        ):  # fmt: skip
            try:
                await part()
            except Gone as e:
                if not self.report:
                    raise Problem(f"{e}: there is nothing to check") from None
                self.found.add(ERROR, "", f"{e}, while {part.__name__.strip('_').replace('_', ' ')} was looked at", _ANSWERS)
                await self._again()

    async def close(self):
        if self.wire:
            await self.wire.close()

    async def _again(self):
        """A new connection, as a node needs that closed the old one."""
        await self.wire.close()
        await asyncio.sleep(0.2)
        self.wire = await Wire.open(self.address, self.baudrate)
        await self.wire.ask(_GREETING)

    # ---- what an answer looks like

    def parameters(self):
        """Those that have a value to read: (module, name, datainfo) each."""
        for (module, name), accessible in self.sound.items():
            if accessible["datainfo"]["type"] != "command" and "constant" not in accessible:
                yield module, name, accessible["datainfo"]

    async def ask(self, request):
        """The Line that answers a request. Raises Gone."""
        return await self.wire.ask(request)

    def data_report(self, line, where, info=None):
        """Judge a data report; gives its value, NOTHING where it is none."""
        section = "reports.rst, Data report"
        data = line.message.data
        good = isinstance(data, list) and len(data) >= 2 and isinstance(data[1], dict)
        if not self.found.check(good, where, f"no data report: {_shown(line.message.line)}", section):
            return NOTHING
        value, qualifiers = report(data)
        self._timestamp(qualifiers.get("t", NOTHING), where)
        if "e" in qualifiers:
            good = foreign.is_number(qualifiers["e"])
            self.found.check(good, where, f"the uncertainty e is no number: {qualifiers['e']!r}", "reports.rst, Qualifiers")
        if info is not None:
            wrong = values.wrong(value, info, ranged=False)
            if not self.found.check(not wrong, where, f"the value does not fit its datainfo: {wrong}", "datainfo.rst"):
                return NOTHING
            wrong = values.wrong(value, info)
            self.found.check(
                not wrong, where, f"the value is beyond its trusted range: {wrong}", "datainfo.rst, min, max", NOTE
            )
        return value

    def _timestamp(self, t, where):
        section = "reports.rst, Qualifiers"
        if t is NOTHING:
            return
        if self.found.check(foreign.is_number(t), where, f"the timestamp is no number: {t!r}", section):
            text = f"the timestamp {t:.1f} lies before this year's begin: its clock is not set"
            self.found.check(t > time.time() - 366 * 86400, where, text, section, WARNING)
            text = f"the timestamp lies {t - time.time():.0f} s in the future"
            self.found.check(t < time.time() + _OFF, where, text, section, WARNING)

    def refused(self, line, request, classes, action, specifier):
        """Judge an answer that has to be an error of one of some classes."""
        message = line.message
        where = _shown(request)
        section = "messages/errors.rst"
        text = f"it has to be refused ({' or '.join(classes)}), and is answered: {_shown(message.line)}"
        if not self.found.check(message.is_error, where, text, section):
            return
        text = f"the error has to be {' or '.join(classes)}, not {message.error.name}"
        if self.found.check(message.error.name in classes, where, text, section):
            self.error_report(line, where, action, specifier)

    def error_report(self, line, where, action, specifier):
        """Judge the form of an error."""
        message, section = line.message, "messages/errors.rst"
        good = message.action == f"error_{action}" and message.specifier == specifier
        text = f"the answer has to begin with 'error_{action} {specifier}', not {_shown(message.line)}"
        self.found.check(good, where, text, section)
        data = message.data
        good = isinstance(data, list) and len(data) >= 3 and isinstance(data[0], str) and isinstance(data[1], str)
        good = good and isinstance(data[2], dict)
        if self.found.check(good, where, f"no error report: {_shown(message.line)}", "reports.rst, Error report"):
            self.found.check(data[0] in ERRORS, where, f"SECoP has no error class {data[0]}", section, WARNING)
            text = f"something that should never happen: {foreign.clean(data[0] + ': ' + data[1][:80])}"
            self.found.check(data[0] != "InternalError", where, text, section, WARNING)

    # ---- in their order

    async def _identify(self):
        section = secop.IDENTIFICATION
        await asyncio.sleep(_QUIET)
        early = len(self.wire.events)
        line = await self.wire.ask(_GREETING)
        text = "it sends something before it was asked who it is: clients take that for the answer"
        self.found.check(not early and not self.wire.stray, "", text, section)
        fields = line.message.line.split(",")
        if "ISSE" not in fields[0] or len(fields) < 2 or fields[1] != "SECoP":
            raise Problem(f"{self.wire.name} is no SEC node: it says {ascii(line.message.line[:60])}")
        self.identification = foreign.clean(line.message.line)
        if self.found.check(len(fields) == 4, _GREETING, f"four fields, not {len(fields)}: {self.identification}", section):
            last = fields[3].removeprefix("v")
            text = f"the fourth field has to be a version of SECoP, as v2.0: {self.identification}"
            if self.found.check(fields[3][:1] == "v" and last in secop.VERSIONS, _GREETING, text, section):
                self.version = last
            dated = r"(\d{4}-\d\d-\d\d)?" if self.version == "2.0" else r"V\d{4}-\d\d-\d\d"
            text = f"the third field has to be {'empty or a date' if self.version == '2.0' else 'a date, as V2019-09-16'}"
            self.found.check(re.fullmatch(dated, fields[2]), _GREETING, f"{text}: {self.identification}", section)
            first = "ISSE" if self.version == "2.0" else "ISSE&SINE2020"
            text = f"the first field of a node of {self.version} is {first}; clients look for ISSE alone"
            self.found.check(fields[0] == first, _GREETING, text, section, NOTE)

    async def _describe(self):
        section = "messages/description.rst"
        line = await self.ask("describe")
        message = line.message
        text = f"the answer has to begin with 'describing . ', not {_shown(message.line)}"
        self.found.check((message.action, message.specifier) == ("describing", "."), "describe", text, section)
        good = self.found.check(isinstance(message.data, dict), "describe", "the description is no JSON object", section)
        if not good:
            raise Problem(f"the description of {self.wire.name} is no JSON object: there is nothing to check")
        pure = not re.search(r"(?<![\w\"])-?(NaN|Infinity)(?![\w\"])", re.sub(r'"(\\.|[^"\\])*"', '""', message.line))
        self.found.check(pure, "describe", "NaN and Infinity are no JSON", "messages.rst, RFC 8259")
        self.report, self._first = message.data, line.raw
        structure = Structure(self.report, self.version, self.found)
        structure.check()
        self.sound = structure.sound
        timeout = self.report.get("timeout")
        if foreign.is_number(timeout) and timeout > 0:
            self.wire.timeout = min(max(timeout, _LEAST), 600)

    async def _describe_again(self):
        line = await self.ask("describe")
        text = "a second describe gives another text: clients that compare (secop-ophyd) don't reconnect"
        self.found.check(line.raw == self._first, "describe", text, "transport.rst, Handling timeout issues", WARNING)

    async def _ping(self):
        section = "messages/heartbeat.rst"
        for request, wanted in (("ping abc", "abc"), (b"ping crlf\r\n", "crlf"), ([b"pi", b"ng piec", b"es\n"], "pieces")):
            line = await self.ask(request)
            good = (line.message.action, line.message.specifier) == ("pong", wanted)
            text = f"the answer has to begin with 'pong {wanted}', not {_shown(line.message.line)}"
            if self.found.check(good, _shown(request), text, section if wanted == "abc" else "syntax.rst, Messages"):
                value = self.data_report(line, _shown(request))
                self.found.check(value is None, _shown(request), "its value has to be null", section)
                text = "there is no timestamp: the node has no clock, and values will have none"
                there = "t" in report(line.message.data)[1]
                self.found.check(there, _shown(request), text, "reports.rst, Qualifiers", NOTE)
        line = await self.ask(b"ping one\nping two\n")
        other = await self.wire.next()
        got = sorted(found.message.specifier for found in (line, other))
        self.found.check(
            got == ["one", "two"], "two requests at a time", "each has to be answered", "transport.rst, Transfer modes"
        )

    async def _activate(self):
        section = "messages/activation.rst"
        self.wire.events.clear()
        line = await self.ask("activate")
        good = line.message.line in ("active", "active ")
        self.found.check(good, "activate", f"the answer has to be 'active', not {_shown(line.message.line)}", section)
        came = {}
        for event in [event for event in self.wire.events if event.at <= line.at]:
            came.setdefault(event.message.specifier, event)
        for module, name, info in self.parameters():
            where = f"{module}:{name}"
            text = "activate brings no update of it before 'active'"
            if self.found.check(where in came, where, text, section):
                event = came[where]
                if event.message.action == "update":
                    self.data_report(event, where, info)
                else:
                    self.error_report(event, where, "update", where)
        known = {f"{module}:{name}" for module, m in self._modules_of() for name in m}
        for specifier in came:
            text = f"an update of {_shown(specifier)}, which the description does not have"
            self.found.check(specifier in known, "activate", text, "messages/update.rst")
        for (module, name), accessible in self.sound.items():
            if "constant" in accessible or accessible["datainfo"]["type"] == "command":
                kind = "a constant" if "constant" in accessible else "a command"
                there = f"{module}:{name}" in came
                self.found.check(
                    not there, f"{module}:{name}", f"{kind}, and there are updates of it", "descriptive.rst, constant"
                )

    def _modules_of(self):
        modules = self.report.get("modules")
        for name, module in modules.items() if isinstance(modules, dict) else ():
            accessibles = module.get("accessibles") if isinstance(module, dict) else None
            yield name, accessibles if isinstance(accessibles, dict) else {}

    async def _read_all(self):
        section = "messages/readwrite.rst"
        for module, name, info in self.parameters():
            specifier = f"{module}:{name}"
            begin = time.monotonic()
            line = await self.ask(f"read {specifier}")
            took = time.monotonic() - begin
            self.found.check(
                took < _LATE, specifier, f"the answer to read takes {took:.0f} s", "descriptive.rst, timeout", WARNING
            )
            if line.message.is_error:
                self.error_report(line, f"read {specifier}", "read", specifier)
                text = f"can't be read just now: {line.message.error.name}: {foreign.clean(line.message.error.text[:80])}"
                self.found.add(NOTE, specifier, text, "messages/errors.rst")
                continue
            good = (line.message.action, line.message.specifier) == ("reply", specifier)
            text = f"the answer has to begin with 'reply {specifier}', not {_shown(line.message.line)}"
            if self.found.check(good, f"read {specifier}", text, section):
                value = self.data_report(line, specifier, info)
                if value is not NOTHING:
                    self.values[module, name] = value
        for (module, name), accessible in self.sound.items():
            if "constant" in accessible:
                line = await self.ask(f"read {module}:{name}")
                text = "a constant can be read, and SECoP forbids it (some clients rely on it all the same)"
                self.found.check(line.message.is_error, f"{module}:{name}", text, "descriptive.rst, constant", NOTE)

    async def _errors(self):
        modules = dict(self._modules_of())
        module = next(iter(modules), "no_such_module")
        parameter = next((f"{m}:{name}" for m, name, _ in self.parameters()), None)
        command = next((f"{m}:{n}" for (m, n), a in self.sound.items() if a["datainfo"]["type"] == "command"), None)
        wanted = [
            ("no_such_action", ("ProtocolError",)),
            ("no_such_action with:some data", ("ProtocolError",)),
            ("read no_such_module:value", ("NoSuchModule",)),
            (f"read {module}:_no_such_parameter", ("NoSuchParameter",)),
            ("change no_such_module:target 1", ("NoSuchModule",)),
            (f"change {module}:_no_such_parameter 1", ("NoSuchParameter",)),
            ("do no_such_module:stop", ("NoSuchModule",)),
            (f"do {module}:_no_such_command", ("NoSuchCommand",)),
        ]
        if parameter:
            wanted.append((f"do {parameter}", ("NoSuchCommand",)))
        if command:
            wanted.append((f"read {command}", ("NoSuchParameter",)))
        wanted.append(("activate no_such_module", ("NoSuchModule",)))
        for request, classes in wanted:
            action, _, rest = request.partition(" ")
            line = await self.ask(request)
            if action == "activate" and not line.message.is_error:
                continue  # one that does not know modules there activates all of them
            self.refused(line, request, classes, action, rest.partition(" ")[0])
        for request in (b"read \xff\xfe:value\n", b"read\n", b"change\n", b"do\n"):
            line = await self.ask(request)
            self.found.check(
                line.message.is_error, _shown(request), "it has to be refused", "messages/errors.rst, ProtocolError"
            )

    async def _not_changing(self):
        """What may not be changed, and what is no value at all: neither moves anything."""
        for (module, name), accessible in self.sound.items():
            specifier = f"{module}:{name}"
            if accessible["datainfo"]["type"] == "command":
                continue
            if accessible.get("readonly") is True or "constant" in accessible:
                value = self.values.get((module, name), accessible.get("constant"))
                request = f"change {specifier} {_json(value)}"
                self.refused(await self.ask(request), request, ("ReadOnly",), "change", specifier)
            else:
                for rubbish in ("[[", '{"a":', '"'):
                    request = f"change {specifier} {rubbish}"
                    self.refused(await self.ask(request), request, ("BadJSON",), "change", specifier)

    async def _check(self):
        checkable = {key: a for key, a in self.sound.items() if a.get("checkable") is True}
        section = "messages/optional.rst, check"
        if not checkable:
            specifier = next((f"{m}:{name}" for m, name, _ in self.parameters()), None)
            if specifier:
                request = f"check {specifier} 0"
                line = await self.ask(request)
                self.refused(line, request, ("ProtocolError", "NotCheckable", "ReadOnly"), "check", specifier)
            return
        for (module, name), accessible in self.sound.items():
            specifier, info = f"{module}:{name}", accessible["datainfo"]
            if (module, name) not in checkable:
                request = f"check {specifier} {_json(self.values.get((module, name)))}"
                self.refused(await self.ask(request), request, ("NotCheckable",), "check", specifier)
            elif info["type"] != "command" and (module, name) in self.values:
                before = self.values[module, name]
                request = f"check {specifier} {_json(before)}"
                line = await self.ask(request)
                if line.message.is_error:
                    self.refused(line, request, ("Impossible", "RangeError"), "check", specifier)
                else:
                    good = (line.message.action, line.message.specifier) == ("checked", specifier)
                    text = f"the answer has to begin with 'checked {specifier}', not {_shown(line.message.line)}"
                    if self.found.check(good, request, text, section):
                        self.data_report(line, request, info)
                for wrong, classes in self.wrong_values(info):
                    request = f"check {specifier} {_json(wrong)}"
                    self.refused(await self.ask(request), request, classes, "check", specifier)
                after, _ = report((await self.ask(f"read {specifier}")).message.data)
                text = f"check has changed it from {_shown(_json(before))} to {_shown(_json(after))}"
                self.found.check(values.same(before, after), specifier, text, section)
        line = await self.ask("check no_such_module:target 1")
        self.refused(line, "check no_such_module:target 1", ("NoSuchModule",), "check", "no_such_module:target")

    def wrong_values(self, info):
        """Values that a data type forbids, with the classes of the error."""
        yield values.of_another_type(info), ("WrongType",)
        outside = values.out_of_range(info)
        if outside is not None:
            yield outside, ("RangeError",)

    async def _deactivate(self):
        section = "messages/activation.rst"
        line = await self.ask("deactivate")
        good = line.message.line in ("inactive", "inactive ")
        self.found.check(good, "deactivate", f"the answer has to be 'inactive', not {_shown(line.message.line)}", section)
        await self._silence("after deactivate", section)
        await self.ask("activate")
        line = await self.wire.ask(_GREETING)
        self.found.check(line.message.line.count(",") == 3, _GREETING, "it does not answer a second time", secop.IDENTIFICATION)
        await self._silence("after *IDN?, which puts a connection into a fresh state", secop.IDENTIFICATION)

    async def _silence(self, when, section, level=ERROR):
        begin = time.monotonic()
        await asyncio.sleep(_WATCH)
        came = [line for line in self.wire.events if line.at > begin]
        self.found.check(not came, "", f"updates go on {when}", section, level)

    async def _modules(self):
        """Module-wise activation, which is optional: without it the answer names no module."""
        section = "messages/activation.rst"
        module = next((m for m, _, _ in self.parameters()), None)
        if module is None:
            return
        self.wire.events.clear()
        line = await self.ask(f"activate {module}")
        answer = line.message.line.strip()
        good = answer in ("active", f"active {module}")
        text = f"the answer has to be 'active' or 'active {module}', not {_shown(line.message.line)}"
        if self.found.check(good, f"activate {module}", text, section):
            came = {event.message.specifier.partition(":")[0] for event in self.wire.events if event.at <= line.at}
            if answer != "active":
                text = f"it brings updates of {', '.join(map(_shown, sorted(came - {module})))}, too"
                self.found.check(came <= {module}, f"activate {module}", text, section)
            else:
                missing = {m for m, _, _ in self.parameters()} - came
                text = (
                    f"it activates no updates of {', '.join(sorted(missing))}: without a module in its answer it is all of them"
                )
                self.found.check(not missing, f"activate {module}", text, section)
        await self.ask("deactivate")

    async def _others(self):
        """A second client, where the node takes one, gets its own answers and no updates that it did not ask for."""
        try:
            other = await Wire.open(self.address, self.baudrate)
        except Problem as e:
            self.found.add(NOTE, "", f"it takes no second connection: {e}", "transport.rst, Data transfer")
            return
        try:
            line = await other.ask(_GREETING, 5)
            if line.message.is_error:
                return  # it has no room for another one, and says so
            await self.ask("activate")
            await asyncio.sleep(_WATCH)
            self.found.check(
                not other.events, "", "a client gets updates that another one has activated", "messages/activation.rst"
            )
            await self.ask("deactivate")
            line = await self.ask('logging  "off"')
            section = "messages/optional.rst, logging"
            if line.message.is_error:
                self.refused(line, 'logging  "off"', ("ProtocolError", "NotImplemented"), "logging", "")
            else:
                good = line.message.action == "logging" and line.message.data == "off"
                self.found.check(
                    good, 'logging  "off"', f"the answer has to mirror it, not {_shown(line.message.line)}", section
                )
        except Gone as e:
            self.found.add(NOTE, "", f"it takes no second connection: {e}", "transport.rst, Data transfer")
        finally:
            await other.close()


def _json(value):
    return "null" if value is NOTHING else json.dumps(value)


def _shown(text):
    """A line of a node or of ours as short text."""
    if isinstance(text, list):
        text = b"".join(text)
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace").rstrip("\n")
    text = foreign.clean(text)
    return text if len(text) <= 70 else text[:67] + "..."
