"""Every interlock of a node tried in each way that it may trip, in virtual time: what it does, how soon, and whether it ends.

    python3 interlocks.py IMAGE HOST SHIMS      micropython the same

The last line is JSON: a list of {"interlock", "fault", "tripped" (s, null where it did not), "acts" (words that are wrong),
"forbids", "stays", "clears"}.
"""

import json
import os
import sys

image, host, shims = sys.argv[1:]
sys.path[:0] = [image, host, __file__.rsplit("/", 1)[0]]
if sys.implementation.name == "cpython":
    sys.path.insert(0, shims)
    import cpython  # noqa: F401 - it has effects alone
os.chdir(image)

import virtual  # noqa: E402 - before all that takes the time

virtual.begin(1)

import asyncio  # noqa: E402

import stamp  # noqa: E402

import board  # noqa: E402
from secnode import calls, errors  # noqa: E402

_READY = 30  # s
_LATE = 5  # s
_TICK = 0.02  # s


def make():
    return __import__("nodes." + stamp.NODE, None, None, ("node",)).node(board)


def parameters(when):
    """What a condition is about: (module, name) each."""
    found = []
    for part in when[1:]:
        if isinstance(part, tuple):
            if not isinstance(part[0], str):
                found.append(part)
            elif part[0] not in ("age", "silence"):
                found += parameters(part)
    return found


async def until(condition, seconds):
    """s until it holds, None where it does not in time."""
    begun = virtual.now()
    while not condition():
        if virtual.now() - begun > seconds:
            return None
        await asyncio.sleep(_TICK)
    return virtual.now() - begun


def fails():
    raise errors.HardwareError("broken for this trial")


def faults(interlock):
    """(words, break, mend) of each way."""
    condition = interlock.condition
    holds = condition.holds

    def yes():
        # what check asks has a module
        condition.holds = lambda when, module=None, target=None: holds(when, module, target) if module else True

    def dies():
        def dead(when, module=None, target=None):
            if not module:
                raise ZeroDivisionError("for this trial")
            return holds(when, module, target)

        condition.holds = dead

    def whole():
        condition.holds = holds

    found = [("its condition holds", yes, whole), ("judging it fails", dies, whole)]
    seen = []
    for module, name in parameters(condition.when):
        a = module.accessibles[name]
        if a not in seen:
            seen.append(a)
            read = a.read

            def gone(a=a):
                if a.read:
                    a.read = fails
                else:
                    a.error = errors.HardwareError("broken for this trial")

            def back(a=a, read=read):
                a.read = read
                if not read:
                    a.error = None

            found.append(("%s:%s can't be had" % (module.name, name), gone, back))
    return found


def off(module, action):
    """Words for what an action has not done; "" where it has."""
    if action == "off":
        return "" if not module.active and module.heater.real_power() == 0 else "%s has power" % module.name
    if action == "stop":
        return "" if module.status[0] < 300 or module.status[0] >= 400 else "%s is busy" % module.name
    if action == "safe":
        for name in ("output", "dry", "wet"):
            output = getattr(module, name, None)
            if output is not None:
                at = output.read()
                safe = getattr(output, "safe", None)
                if safe is None:
                    safe = getattr(output, "_safe", 0) * getattr(output, "_step", 0)
                if abs(at - safe) > 0.01 * getattr(output, "high", 1):
                    return "%s gives %s" % (module.name, at)
        return ""
    return (
        "" if module.target <= action or not getattr(module, "active", True) else "%s goes to %s" % (module.name, module.target)
    )


def busy(module, action):
    """Have a module do something, where it can."""
    a = module.accessibles["target"]
    datainfo = a.definition.datainfo
    if hasattr(datainfo, "max"):
        low = datainfo.min if datainfo.min is not None else 0.0
        high = datainfo.max if datainfo.max is not None else 100.0
        if a.limits:
            high = min(high, datainfo.max if datainfo.max is not None else high)
        value = low + (high - low) * 0.5
    else:
        value = max(datainfo.members.values()) if hasattr(datainfo, "members") else True
    try:
        return calls.act(a, datainfo.export(datainfo.convert(value)))
    except errors.SECoPError:
        return None


async def trial(node, interlock, words, break_, mend):
    found = {"interlock": interlock.name, "fault": words, "acts": [], "stays": True, "clears": False, "forbids": True}
    for module, action in interlock.actions:
        result = busy(module, action)
        if hasattr(result, "send"):
            await result
    await asyncio.sleep(1)
    break_()
    # a value is gone once it is read the next time: from then on it counts
    seen = [a for a in [m.accessibles[n] for m, n in parameters(interlock.condition.when)]]
    if "can't be had" in words:
        await until(lambda: any([a.error for a in seen]), 4000)
    found["tripped"] = await until(lambda: interlock.tripped, _LATE)
    await asyncio.sleep(0.5)
    for module, action in interlock.actions:
        text = off(module, action)
        if text:
            found["acts"].append(text)
        if not isinstance(action, (int, float)):
            a = module.accessibles["target"]
            try:
                calls.act(a, a.definition.datainfo.export(module.target))
                found["forbids"] = False
            except errors.Impossible:
                pass
            except errors.SECoPError as e:
                found["acts"].append("%s answers %s" % (module.name, e.text))
    try:
        interlock.do_clear_errors()
        found["stays"] = not interlock.tripped
    except Exception:
        pass
    found["stays"] = interlock.tripped
    mend()
    await until(lambda: not any([a.error for a in seen]), 4000)
    await asyncio.sleep(0.3)
    if interlock.latched:
        found["stays"] = found["stays"] and interlock.tripped
        try:
            interlock.do_clear_errors()
        except errors.SECoPError as e:
            found["acts"].append(e.text)
    found["clears"] = not interlock.tripped and not interlock.forbids
    for module, action in interlock.actions:
        text = off(module, action)
        if text:
            found["acts"].append("and after it %s" % text)
    return found


async def main():
    node = make()
    await node.start()
    locks = [m for m in node.modules if hasattr(m, "condition")]
    found = []
    await until(lambda: not any([m.forbids for m in locks]), _READY)
    for interlock in locks:
        if interlock.forbids:
            found.append({"interlock": interlock.name, "fault": "none", "tripped": 0, "acts": [interlock.words()],
                          "forbids": True, "stays": True, "clears": False})  # fmt: skip
            continue
        for words, break_, mend in faults(interlock):
            found.append(await trial(node, interlock, words, break_, mend))
    node.off()
    return found


print(json.dumps(asyncio.run(main())))
sys.stdout.flush() if hasattr(sys.stdout, "flush") else None
os._exit(0) if hasattr(os, "_exit") else None
