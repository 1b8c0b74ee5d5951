"""What can be told of a node by changing something alone: values are put back, and what drives is stopped, at the end."""

import asyncio
import json
import time

from ..client.client import NOTHING, report
from . import values
from .findings import ERROR, NOTE
from .talking import STATES
from .wire import Gone

_SETTLE = 10.0  # s until something that was stopped is not BUSY any more
_BUSY = range(300, 400)
_STEP = 0.02  # of a range, as far as a target goes


async def drive(talk):
    """Try what changes and drives. `talk` has run."""
    await talk.ask("activate")
    for (module, name), accessible in list(talk.sound.items()):
        info = accessible["datainfo"]
        if info["type"] == "command" or accessible.get("readonly") is not False or "constant" in accessible:
            continue
        try:
            if name != "target":
                await _change(talk, module, name, accessible)
        except Gone as e:
            talk.found.add(ERROR, f"{module}:{name}", f"{e}, while it was changed", "messages/readwrite.rst")
            await talk._again()
            await talk.ask("activate")
    for module, name, _ in list(talk.parameters()):
        if name == "target" and talk.sound[module, name].get("readonly") is False:
            await _target(talk, module)


async def _change(talk, module, name, accessible):
    """Change a parameter to what it is, and to what it can't be."""
    specifier, info = f"{module}:{name}", accessible["datainfo"]
    before = await _value(talk, specifier)
    if before is NOTHING:
        return
    await _set(talk, specifier, before, info)
    for wrong, classes in talk.wrong_values(info):
        await _refuse(talk, specifier, wrong, classes, accessible)
    after = await _value(talk, specifier)
    text = f"values that were refused have changed it from {json.dumps(before)} to {json.dumps(after)}"
    if not talk.found.check(values.same(before, after), specifier, text, "messages/readwrite.rst"):
        await talk.ask(f"change {specifier} {json.dumps(before)}")


async def _refuse(talk, specifier, wrong, classes, accessible):
    """A value that is wrong: change refuses it, and where check can tell, as check does."""
    request = f"change {specifier} {json.dumps(wrong)}"
    line = await talk.ask(request)
    talk.refused(line, request, classes, "change", specifier)
    if accessible.get("checkable") is True:
        checked = await talk.ask(f"check {specifier} {json.dumps(wrong)}")
        same = checked.message.is_error and line.message.is_error and checked.message.error.name == line.message.error.name
        talk.found.check(same, request, "check and change do not say the same", "messages/optional.rst, check")


async def _set(talk, specifier, value, info):
    """Change something to a value that has to be taken; gives the Line of the answer."""
    request = f"change {specifier} {json.dumps(value)}"
    begin = time.monotonic()
    line = await talk.ask(request)
    section = "messages/readwrite.rst, change"
    if line.message.is_error:
        talk.error_report(line, request, "change", specifier)
        name = line.message.error.name
        text = f"its own value is refused: {name}: {line.message.error.text[:80]}"
        talk.found.check(name in (*STATES, "Impossible"), specifier, text, section)
        talk.found.add(NOTE, specifier, text, section)
        return line
    good = (line.message.action, line.message.specifier) == ("changed", specifier)
    text = f"the answer has to begin with 'changed {specifier}', not {line.message.line[:60]}"
    if talk.found.check(good, request, text, section):
        got = talk.data_report(line, request, info)
        now = talk.wire.updates(specifier, begin)
        text = "the update that comes with the change has another value than its answer"
        told = [report(update.message.data)[0] for update in now if update.at <= line.at]
        talk.found.check(not told or got is NOTHING or values.same(told[-1], got), request, text, section)
    return line


async def _target(talk, module):
    """Drive a little, stop, and go back."""
    specifier, accessible = f"{module}:target", talk.sound[module, "target"]
    info = accessible["datainfo"]
    before = await _value(talk, specifier)
    if before is NOTHING:
        return
    try:
        for wrong, classes in talk.wrong_values(info):
            await _refuse(talk, specifier, wrong, classes, accessible)
        value = await _value(talk, f"{module}:value")
        to = _near(value if value is not NOTHING else before, info)
        if to is not None:
            await _go(talk, module, to, accessible)
        if (module, "stop") in talk.sound:
            await _stop(talk, module)
    except Gone as e:
        talk.found.add(ERROR, specifier, f"{e}, while it was driven", "messages/readwrite.rst")
        await talk._again()
        await talk.ask("activate")
    finally:
        if (module, "stop") not in talk.sound and (module, "go") not in talk.sound:
            await talk.ask(f"change {specifier} {json.dumps(before)}")


async def _go(talk, module, to, accessible):
    specifier = f"{module}:target"
    if accessible.get("checkable") is True:
        checked = await talk.ask(f"check {specifier} {json.dumps(to)}")
    begin = time.monotonic()
    line = await _set(talk, specifier, to, accessible["datainfo"])
    if accessible.get("checkable") is True:
        same = checked.message.is_error == line.message.is_error or line.message.is_error and line.message.error.name in STATES
        talk.found.check(
            same, f"change {specifier} {json.dumps(to)}", "check and change do not say the same", "messages/optional.rst, check"
        )
    if line.message.is_error or (module, "status") not in talk.sound:
        return
    status = await _value(talk, f"{module}:status")
    busy = isinstance(status, list) and status and status[0] in _BUSY
    if busy and (module, "go") not in talk.sound:
        told = [report(u.message.data)[0] for u in talk.wire.updates(f"{module}:status", begin) if u.at <= line.at]
        good = any(isinstance(s, list) and s and s[0] in _BUSY for s in told)
        # it may have been BUSY all the time
        was = [report(u.message.data)[0] for u in talk.wire.updates(f"{module}:status") if u.at < begin]
        good = good or bool(was) and isinstance(was[-1], list) and was[-1][0] in _BUSY
        text = "the update of the status to BUSY has to come before 'changed': clients that wait take it for arrived"
        talk.found.check(good, specifier, text, "messages/readwrite.rst, Correct handling of side-effects")


async def _stop(talk, module):
    section = "messages/commands.rst"
    for request in (f"do {module}:stop", f"do {module}:stop null"):
        line = await talk.ask(request)
        if line.message.is_error:
            talk.found.check(line.message.error.name in STATES, request, f"refused: {line.message.error}"[:100], section)
            continue
        good = (line.message.action, line.message.specifier) == ("done", f"{module}:stop")
        text = f"the answer has to begin with 'done {module}:stop', not {line.message.line[:60]}"
        if talk.found.check(good, request, text, section):
            talk.found.check(talk.data_report(line, request) is None, request, "its result has to be null", section)
    end = time.monotonic() + _SETTLE
    status = await _value(talk, f"{module}:status")
    while time.monotonic() < end and isinstance(status, list) and status and status[0] in _BUSY:
        await asyncio.sleep(0.2)
        status = await _value(talk, f"{module}:status")
    idle = not (isinstance(status, list) and status and status[0] in _BUSY)
    talk.found.check(idle, f"{module}:stop", f"it is BUSY {_SETTLE:g} s after stop", "accessibles.rst, stop", NOTE)


async def _value(talk, specifier):
    line = await talk.ask(f"read {specifier}")
    return report(line.message.data)[0] if not line.message.is_error else NOTHING


def _near(value, info):
    """A value not far from another one, within a data type; None where there is none."""
    kind = info["type"]
    if kind in values.NUMBERS and isinstance(value, (int, float)):
        low, high = info.get("min", value - 100), info.get("max", value + 100)
        step = (high - low) * _STEP if kind == "double" else max(1, int((high - low) * _STEP))
        to = min(max(value + step, low), high)
        return to if to != value else max(value - step, low)
    if kind == "enum":
        return next((code for code in info["members"].values() if code != value), None)
    if kind == "bool":
        return not value
    return None if values.wrong(value, info) else value
