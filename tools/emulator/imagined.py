"""Instruments that a user's node asks and that are not there: made of what the node itself says of them.

Each query has an answer of its form, a command is remembered and read back, a register holds what it was set to; a value that
has a target goes there within seconds. So a node can be tried, not whether its requests are those of the manual.
"""

import importlib.util
import json
import re
import struct
import subprocess
import sys
import time
from pathlib import Path

from .. import paths
from ..problem import Problem
from . import stand_ins
from .instruments import Lines

_SCRIPT = paths.BOARDS / "HOST" / "trial" / "instruments.py"
_SLOW = 3.0  # s, from one target to the next
_FIELD = re.compile(r"%(\*?)(\d*)([fdxsc])|%%")
_FORMATS = {"int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "float32": ">f"}


def behind(node, source, folder):
    """What stands for the instruments of a node, None where it has none; `source` is its file's text, `folder` its image."""
    if node in stand_ins.BEHIND:
        return stand_ins.BEHIND[node]()
    if "instruments." not in source:
        return None
    command = [sys.executable, "-B", str(_SCRIPT), str(folder), str(paths.BOARDS / "HOST"), str(paths.SHIMS)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60)
    try:
        wires = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        return None  # the node says by itself what is wrong with it
    return Together([_ready(wire) or Wire(wire) for wire in wires]) if wires else None


def _ready(wire):
    """The stand-in of a ready node, where that is what a wire has; it knows more than any table."""
    for made in (stand_ins.LakeShore331, stand_ins.LakeShore336):
        model = made.identity.rpartition(",")[0].rpartition(",")[0]  # without serial number and version
        said = [device["identity"] or "" for device in wire["devices"]]
        if (
            len(said) == 1
            and isinstance(said[0], str)
            and said[0].startswith(model)
            and wire["uart"] == (None if made.tcp else 1)
        ):
            return made()
    return None


def own(given):
    """A stand-in of the user's own, "file.py:Class"; a class of tools.emulator.instruments.Lines. Raises Problem."""
    file, colon, name = given.rpartition(":")
    path = Path(file)
    if not colon or path.suffix != ".py" or not path.is_file():
        raise Problem(f"--instrument is as meter.py:Meter, a class in a file of yours, not {given}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    module.Lines = Lines  # what its classes are made of, wherever this package is
    try:
        spec.loader.exec_module(module)
        return getattr(module, name)()
    except Exception as e:
        raise Problem(f"{given} can't stand for an instrument: {type(e).__name__}: {e}") from None


class Together:
    """Several wires, as one instrument."""

    def __init__(self, wires):
        self.wires = wires
        self._fault = "none"

    @property
    def name(self):
        return " and ".join(wire.name for wire in self.wires)

    @property
    def fault(self):
        return self._fault

    @fault.setter
    def fault(self, name):
        self._fault = name
        for wire in self.wires:
            wire.fault = name

    def where(self):
        lines, more = {}, {}
        for wire in self.wires:
            of, env = wire.where()
            lines.update(of or {})
            more.update(env)
        return lines or None, more

    def close(self):
        for wire in self.wires:
            wire.close()


class Quantity:
    """A number of an instrument: what it is now, and where it goes."""

    def __init__(self, value=0.0):
        self.value = self.target = value
        self._last = time.monotonic()

    def set(self, value, at_once):
        self.now()
        self.target = value
        if at_once:
            self.value = value

    def now(self):
        now = time.monotonic()
        self.value += (self.target - self.value) * min((now - self._last) / _SLOW, 1)
        self._last = now
        if abs(self.target - self.value) < 1e-3 * max(abs(self.target), 1):
            self.value = self.target
        return self.value


class Wire(Lines):
    """What is at one wire: `said` is of boards/HOST/trial/instruments.py."""

    def __init__(self, said):
        self.devices = said["devices"]
        self.uart = said["uart"]
        self.tcp = self.uart is None
        self.name = ", ".join(_name(device) for device in self.devices)
        self._sets = {}  # readback or register -> Quantity
        self._reads = {}  # query or register -> Quantity
        self._modbus = any(device["modbus"] for device in self.devices)
        for device in self.devices:
            for module in device["modules"]:
                self._note(device, module)
        first = self.devices[0]
        self.identity = next((device["identity"] for device in self.devices if device["identity"] and not self._modbus), "")
        super().__init__((first["send_end"] or "\r\n").encode("latin-1"), (first["end"] or "\r\n").encode("latin-1"))

    def where(self):
        lines, more = super().where()
        return ({self.uart: self.port} if lines else None), more

    def _note(self, device, module):
        low, high = module["target"] if module["command"] is not None else module["value"]
        quantity = Quantity(float(low if low is not None and low > 0 else 0 if low is not None else 1))
        if module["command"] is not None:
            self._sets[_key(device, module["readback"])] = quantity
        self._reads.setdefault(_key(device, module["query"]), quantity)

    # ---- lines

    def answer(self, request):
        for device in self.devices:
            prefix = device["prefix"] or ""
            if device["own dialogue"] or not request.startswith(prefix):
                continue
            said = self._answer(device, request[len(prefix) :])
            if said is not None:
                return (request + self.answer_end.decode("latin-1") if device["echo"] else "") + said
        return None

    def _answer(self, device, request):
        if device["identify"] == request:
            return device["identity"] if self.fault != "other" else self.other
        for module in device["modules"]:
            for key, form in (("query", "form"), ("readback", "readback_form")):
                if module[key] == request:
                    where = self._reads if key == "query" and module["moving"] is None else self._sets
                    quantity = where.get(_key(device, request)) or self._reads[_key(device, request)]
                    return filled(module[form], quantity.now() if key == "query" else quantity.target)
            if module["state"] == request:
                return filled(module["state_form"], 0)
            if module["moving"] == request:
                quantity = self._sets[_key(device, module["readback"])]
                return filled(module["moving_form"], int(quantity.now() != quantity.target))
            if module["stop_command"] == request:
                quantity = self._sets[_key(device, module["readback"])]
                quantity.set(quantity.now(), True)
                return None
            value = _taken(module["command"], request)
            if value is not None:
                at_once = module["readback"] == module["query"]
                self._sets[_key(device, module["readback"])].set(value, at_once)
                return filled(module["answer"], value) if module["answer"] is not None else None
        return None

    # ---- Modbus

    def take(self, data):
        if not self._modbus:
            return super().take(data)
        # who asks leaves a silence behind a question: it comes whole
        if len(data) < 8 or len(data) < (9 + data[6] if data[1] in (15, 16) else 8):
            return data
        frame, crc = data[:-2], data[-2:]
        device = next((device for device in self.devices if device["address"] == frame[0]), None)
        if device is None or stand_ins.crc(frame) != crc:
            return b""
        self.requests.append(frame.hex())
        answer = frame[:1] + self._registers(device, frame[1:])
        self.send(answer + stand_ins.crc(answer))
        return b""

    def _registers(self, device, pdu):
        function, at, n = struct.unpack(">BHH", pdu[:5])
        if function in (1, 2):
            held = self._held(device, function, at, n)
            data = bytearray((n + 7) // 8)
            for i, bit in enumerate(held):
                data[i // 8] |= bool(bit) << i % 8
            return bytes([function, len(data)]) + data
        if function in (3, 4):
            held = self._held(device, function, at, n)
            return bytes([function, 2 * n]) + b"".join(word.to_bytes(2, "big") for word in held)
        if function == 5:
            return self._put(device, 1, at, [n == 0xFF00]) or pdu
        if function == 6:
            return self._put(device, 3, at, [n]) or pdu
        if function == 15:
            return self._put(device, 1, at, [pdu[6 + i // 8] >> i % 8 & 1 for i in range(n)]) or pdu[:5]
        if function == 16:
            return self._put(device, 3, at, struct.unpack(f">{n}H", pdu[6 : 6 + 2 * n])) or pdu[:5]
        return bytes([function | 0x80, 1])

    def _held(self, device, function, at, n):
        words = [0] * n
        for register, value in self._values(device):
            if register["function"] == function:
                for i, word in enumerate(_words(register, value)):
                    if 0 <= register["address"] + i - at < n:
                        words[register["address"] + i - at] = word
        return words

    def _values(self, device):
        identify = device["identify"]
        if identify:
            yield identify, device["identity"] if self.fault != "other" else 0
        for module in device["modules"]:
            if module["moving"]:
                quantity = self._sets[_key(device, module["readback"])]
                yield module["moving"], -(quantity.now() != quantity.target) & 0xFFFF
            yield module["query"], self._reads[_key(device, module["query"])].now()
            if module["readback"]:
                yield module["readback"], self._sets[_key(device, module["readback"])].target

    def _put(self, device, function, at, words):
        """Set registers; gives an answer where nobody has those."""
        found = b"\x83\x02"
        for module in device["modules"]:
            register = module["command"]
            if register and register["function"] == function and register["address"] == at and len(words) >= register["words"]:
                at_once = module["readback"] == module["query"]
                self._sets[_key(device, module["readback"])].set(_number(register, words), at_once)
                found = b""
        return found


def filled(form, value):
    """An answer of a form, with a number in the place of its value."""
    state = {"value": value}

    def fill(field):
        skip, width, kind = field[1], int(field[2] or 0), field[3]
        if kind is None:
            return "%"
        number = 0 if skip or kind == "c" else state.pop("value", 0)
        if kind == "s":
            text = "text" if isinstance(number, float) else str(number)
        elif kind == "f":
            text = f"{number:.6g}" if not width else f"{number:+.{max(width - 3 - len(str(int(abs(number)))) + 1, 0)}f}"
        else:
            text = f"{int(number):x}" if kind == "x" else str(int(number))
        return text[:width].rjust(width) if width else text

    return _FIELD.sub(fill, form)


def _taken(command, request):
    """The number that a command sets by its pattern, e.g. "VOLT %.3f"; None where the request is another one."""
    if not isinstance(command, str):
        return None
    parts = re.split(r"(%[-+ 0#]*\d*(?:\.\d+)?[a-zA-Z])", command.replace("%%", "\0"), maxsplit=1)
    if len(parts) != 3:
        return None
    before, _, after = (part.replace("\0", "%") for part in parts)
    if not request.startswith(before) or not request.endswith(after):
        return None
    text = request[len(before) : len(request) - len(after)].strip()
    try:
        return float(int(text, 16)) if parts[1][-1] in "xX" else float(text)
    except ValueError:
        return None


def _key(device, request):
    if isinstance(request, dict):
        return device["address"], request["function"], request["address"]
    return device["prefix"], request


def _words(register, value):
    if register["kind"] == "bit":
        return [int(bool(value))]
    kind = register["kind"]
    try:
        data = struct.pack(_FORMATS[kind], value if kind == "float32" else round(value))
    except (struct.error, OverflowError):
        data = bytes(2 * register["words"])
    words = [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]
    return words[::-1] if register["swapped"] else words


def _number(register, words):
    if register["kind"] == "bit":
        return float(bool(words[0]))
    words = words[: register["words"]]
    words = words[::-1] if register["swapped"] else words
    return float(struct.unpack(_FORMATS[register["kind"]], b"".join(int(word).to_bytes(2, "big") for word in words))[0])


def _name(device):
    if device["own dialogue"]:
        return f"silent instrument, for the dialogue of {device['class']} is its own (--instrument)"
    if device["modbus"]:
        return f"slave {device['address']}"
    return f"instrument that says {device['identity']}" if device["identity"] else "instrument"
