"""What a node asks of its instruments, printed as JSON for stand-ins that answer it (tools/emulator/imagined.py).

CPython alone.

    python3 instruments.py IMAGE HOST SHIMS

A list of wires: {"uart": id, or null for TCP, "devices": [...]}; a device has what identifies it, its "modules" their requests.
"""

import json
import os
import sys

image, host, shims = sys.argv[1:]
sys.path[:0] = [shims, image, host]
import cpython  # noqa: E402, F401 - it has effects alone

os.chdir(image)

import stamp  # noqa: E402

import board  # noqa: E402
import machine  # noqa: E402


class UART(machine.UART):
    """One that knows its number."""

    def __init__(self, id, *args, **kwds):
        self.number = id
        super().__init__(id, *args, **kwds)


machine.UART = UART
node = __import__("nodes." + stamp.NODE, None, None, ("node",)).node(board)


def number(wire):
    """The number of a wire's UART, None for TCP."""
    found = [part.number for part in vars(wire).values() if isinstance(part, UART)]
    return found[0] if found else None


def request(what):
    """A request as JSON: a text, or a register as a dict."""
    if what is None or isinstance(what, str):
        return what
    return {key: getattr(what, key) for key in ("address", "kind", "function", "swapped", "count", "words", "several")}


def module(of):
    """What a module asks and says."""
    found = {"name": of.name}
    for key in ("query", "command", "readback", "state", "moving", "stop_command"):
        found[key] = request(getattr(of, key, None))
    for key in ("form", "readback_form", "state_form", "moving_form", "answer"):
        found[key] = getattr(of, key, None)
    for name in ("value", "target"):
        info = of.accessibles[name].definition.datainfo if name in of.accessibles else None
        members = getattr(info, "members", None)
        least = min(members.values()) if isinstance(members, dict) else getattr(info, "min", None)
        most = max(members.values()) if isinstance(members, dict) else getattr(info, "max", None)
        found[name] = [None if end is None else end / (getattr(of, "scale", None) or 1) for end in (least, most)]
    return found


def device(of, modules):
    """What an instrument is asked for."""
    base = [cls for cls in type(of).__mro__ if cls.__name__ in ("LineDevice", "ModbusDevice")]
    plain = not base or type(of).exchange is base[0].exchange
    found = {
        "class": type(of).__name__,
        "own dialogue": not plain,
        "modbus": base[0].__name__ == "ModbusDevice" if base else False,
    }
    found["modules"] = [module(one) for one in modules if hasattr(one, "query")]
    for key in ("identity", "prefix", "echo", "address"):
        found[key] = getattr(of, key, None)
    found["identify"] = request(getattr(of, "identify", None))
    for key in ("send_end", "end"):
        found[key] = getattr(of, key, b"").decode("latin-1")
    return found


wires, devices = [], []
for one in node.modules:
    of = getattr(one, "device", None)
    if of is None or not hasattr(of, "wire"):
        continue
    if not [wire for wire in wires if wire is of.wire]:
        wires.append(of.wire)
    known = [entry for entry in devices if entry[0] is of]
    if known:
        known[0][1].append(one)
    else:
        devices.append((of, [one]))
print(
    json.dumps(
        [
            {"uart": number(wire), "devices": [device(of, modules) for of, modules in devices if of.wire is wire]}
            for wire in wires
        ]
    )
)
