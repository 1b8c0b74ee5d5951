"""What a node can be composed of: the classes of drivers/ and modules/, and drivers of a user's own.

What a class takes is what its __init__ says, with the settings of its docstring (declared.py); what it gives is told by its
methods, the contracts of docs/driver.md: one that has read_raw() is a temperature sensor, one that has set_power() a heater. So
a new driver can be composed as soon as it is there.
"""

import ast
import functools
import re
from pathlib import Path
from typing import NamedTuple

from ... import paths
from ...kinds import Choice, Number, Text
from ...problem import Problem
from .. import stated
from ..declared import Sources
from ..travelling import parsed
from . import instruments
from .wanted import Bus, Channels, CurveFile, Flag, List, Of, Part, Pin, Points

_BUSES = {"SPI": "spi", "I2C": "i2c", "1-Wire": "onewire"}
_ALSO = {"relay_heater": "ssr", "loop": "lakeshore_loop"}  # what a lab calls it
_PLAIN = {"kind": "type"}  # `type` is a word of Python's own
_NOT = {"Heater", "Sensor"}  # bases


class Key(NamedTuple):
    """What a table may say: its name there, the argument of Python, what it may be, whether it is a must, and what it is."""

    name: str
    argument: str
    kind: object
    needed: bool
    question: str = ""
    default: object = None


class Thing(NamedTuple):
    """A class: its name in files, where it is, its role (or "chip", "converter", "module"), quantities and keys."""

    name: str
    module: str
    cls: str
    role: str
    quantities: tuple
    keys: dict
    title: str
    channel: tuple = ()
    about: str = ""

    @property
    def is_module(self):
        return self.role == "module"


def things():
    """All that the firmware offers, by name."""
    found = {}
    for room in ("drivers", "modules", "instruments"):
        for path in sorted((paths.FIRMWARE / room).glob("*.py")):
            if room == "instruments" and path.stem not in instruments.FILES:
                continue
            tree = parsed(path)
            for definition in tree.body:
                if isinstance(definition, ast.ClassDef) and definition.name[0] != "_":
                    thing = _thing(definition, tree, f"{room}.{path.stem}", None)
                    if thing:
                        found[thing.name] = thing
                        if thing.name in _ALSO:
                            found[_ALSO[thing.name]] = thing
    return found


def own(text, folder):
    """The Thing of a user's own driver, "mychip:MyChip" in a folder. Raises ValueError where it is none."""
    module, _, name = text.partition(":")
    path = Path(folder) / (module.replace(".", "/") + ".py")
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", text):
        raise ValueError('is not as "mychip:MyChip", the class MyChip of mychip.py beside this file')
    if not path.is_file():
        raise ValueError(f"has no file: there is no {path}")
    try:
        tree = parsed(path)
    except Problem as e:
        raise ValueError(f"can't be read: {e}") from None
    definition = next((d for d in tree.body if isinstance(d, ast.ClassDef) and d.name == name), None)
    if definition is None:
        has = ", ".join(d.name for d in tree.body if isinstance(d, ast.ClassDef)) or "none"
        raise ValueError(f"has no class: {path} has no {name}; its classes: {has}")
    thing = _thing(definition, tree, module, folder)
    if thing is None:
        raise ValueError(
            f"can't be composed: {name} needs a read(), read_raw(), set() or set_power(), and each argument of its __init__ a "
            "default, a setting in its docstring, or a name that says what it is (docs/compose.md)"
        )
    return thing._replace(name=text)


def bases(thing):
    """The names of a module's class and of all those above it; none for a user's own."""
    path = paths.FIRMWARE / (thing.module.replace(".", "/") + ".py")
    if ":" in thing.name or not path.is_file():
        return ()
    tree = parsed(path)
    return tuple(_Shape(thing.cls, Sources(tree), tree).bases)


# ---- what a class is


class _Shape:
    """The methods of a class and its bases, and what it sets on itself."""

    def __init__(self, name, sources, tree, depth=8):
        self.methods, self.sets, self.classes, self.bases = {}, {}, {}, []
        self._gather(name, sources, tree, depth)

    def _gather(self, name, sources, tree, depth):
        definition, tree = sources._class(name, tree, depth)
        if definition is None or not depth:
            return
        self.bases.append(definition.name)
        for node in definition.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.methods.setdefault(node.name, node)
                for name, value in _set_by(node):
                    self.sets.setdefault(name, (value, tree))
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    for one in target.elts if isinstance(target, ast.Tuple) else [target]:
                        if isinstance(one, ast.Name):
                            self.classes.setdefault(one.id, node.value)
        for base in definition.bases:
            if isinstance(base, ast.Name):
                self._gather(base.id, sources, tree, depth - 1)

    def has(self, *names):
        return all(name in self.methods or name in self.sets or name in self.classes for name in names)


@functools.lru_cache(4096)
def _set_by(method):
    """What a method sets on self, in its order: (name, what it is set to)."""
    found = []
    for node in ast.walk(method):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            for one in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(one, ast.Attribute) and getattr(one.value, "id", "") == "self":
                    found.append((one.attr, node.value))
    return found


def _thing(definition, tree, module, folder):
    if folder is None and definition.name in _NOT and module != "modules.sensor":
        return None
    sources = Sources(tree, Path(folder) if folder else None)
    shape = _Shape(definition.name, sources, tree)
    role, quantities = _role(shape, sources)
    if role is None:
        return None
    doc = ast.get_docstring(tree) or ""
    keys = _keys(definition.name, shape, sources, tree, role, doc)
    if keys is None:
        return None
    channel = ()
    if role == "converter":
        channel = tuple(
            key for key in _of_signature(shape.methods["channel"], {}, "converter", "") or () if key.kind is not None
        )
    name = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})", "_", definition.name).lower()
    about = (ast.get_docstring(definition) or "").partition("\n")[0]
    return Thing(name, module, definition.name, role, quantities, keys, stated.of_docstring(doc)["title"], channel, about)


def _role(shape, sources):
    if {"Readable", "Module"} & set(shape.bases):
        return "module", ()
    if {"ask", "tell", "exchange"} <= set(shape.methods):
        return "device", ()
    if "channel" in shape.methods:
        return "converter", ()
    if {"start", "halt", "clear", "now"} <= set(shape.methods):
        return "meter", ()
    extra = tuple(name for name, (value, tree) in shape.sets.items() if name[0] != "_" and _reads(value, tree, sources))
    if shape.has("read_raw", "raw", "temperature", "fault"):
        return "sensor", extra
    if "set_power" in shape.methods:
        return "heater", ()
    if "set" in shape.methods and shape.has("high"):
        return "analogue", ()
    if "set" in shape.methods and shape.has("safe"):
        return "switch", ()
    if extra:
        return ("pulses" if "clear" in shape.methods else "chip"), extra
    if "resistance" in shape.methods and "temperature" in shape.methods:
        return "curve", ()
    if "read" in shape.methods:
        return ("quantity" if shape.has("unit") else "contact"), ()
    return None, ()


def _reads(value, tree, sources):
    """Whether that is something with a read() of its own: of a chip's `quantities`, or of a class beside it."""
    while isinstance(value, ast.Subscript):
        value = value.value
    if isinstance(value, ast.Attribute):
        return value.attr == "quantities"
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return _Shape(value.func.id, sources, tree, 2).has("read")
    return False


# ---- what a class takes


def _keys(name, shape, sources, tree, role, doc):
    init = shape.methods.get("__init__")
    if init is None:
        return {}
    if name == "Calibration":  # whose points are in a file
        return {"file": Key("file", "", CurveFile(), True, "its calibration")}
    declared = sources.declared(name)
    bus = stated.of_docstring(doc).get("bus", "")
    found = _of_signature(init, declared.settings, role, bus, name)
    if found is None or any(key.kind is None for key in found):
        return None
    found += [Key(*key) for key in instruments.more(shape.bases, [key.argument for key in found])]
    return {key.name: key for key in found}


def _of_signature(function, settings, role, bus, cls=""):
    given = function.args
    ordered = [arg.arg for arg in (*given.posonlyargs, *given.args)][1:]
    missing = object()
    defaults = dict(zip(reversed(ordered), (_constant(d) for d in reversed(given.defaults)), strict=False))
    found = []
    instrument = role == "device" or "device" in ordered
    for argument in ordered:
        default = defaults.get(argument, missing)
        needed = default is missing
        default = None if needed else default
        said = instruments.kind(argument, ordered) if instrument and argument not in settings else None
        if argument == "wire":
            found.append(Key("bus", argument, said[0], False, said[1]))
            found += [Key(name, "", what, False, question) for name, what, question in instruments.TCP]
            continue
        if said:
            found.append(Key(argument, argument, said[0], needed, said[1], default))
            continue
        for key in _of_argument(argument, settings.get(argument), default, needed, role, bus, cls):
            found.append(key)
    return found


def _of_argument(argument, setting, default, needed, role, bus, cls):
    name = _PLAIN.get(argument, argument)
    if setting is not None:
        # the board says its divider's, and a heater's power will do
        needed = needed and (argument not in ("series", "resistance", "supply") or cls == "SupplyHeater")
        needed = needed or role == "module" and argument in ("minimum", "maximum")  # a heater always has them
        return [Key(name, argument, setting.kind, needed, setting.question, default)]
    if argument in ("deadman", "timer", "set_clock"):
        return [Key("", argument, Flag(), False)]  # the board's own
    if argument == "bus":
        kind = next((kind for word, kind in _BUSES.items() if bus.startswith(word)), None)
        return [Key("bus", "bus", Bus(kind or "i2c"), True, "the bus that it is on")]
    if argument == "cs":
        return [Key("cs", "cs", Pin("cs"), True, "chip select")]
    if argument == "couple":
        types = Choice(tuple(sorted(path.stem[-1].upper() for path in (paths.FIRMWARE / "drivers").glob("type_?.py"))))
        return [Key("type", "couple", types, False, "type of thermocouple that the chip is for", "K")]
    if argument == "address":
        return [Key("address", "address", _addresses(bus), needed, "address on the bus", default)]
    if argument == "rom":
        return [Key("rom", "rom", Text("[0-9a-fA-F]{16}", "16 hexadecimal digits"), False, "ROM code, by `secnode selftest`")]
    if argument == "adc":
        return [Key("pin", "adc", Pin("adc"), True, "analogue input")]
    if argument == "pwm":
        hz = Number(8, 1000000, "Hz", True)
        return [Key("pin", "pwm", Pin("pwm"), True, "output"), Key("frequency", "", hz, True, "frequency of the PWM", 1000)]
    if argument in ("counter", "pin") and (argument == "counter" or role == "contact"):
        use = "counter" if argument == "counter" else "in"
        pull = Choice(("up", "down"))
        found = [Key("pin", argument, Pin(use), True, "input"), Key("pull", "", pull, False, "the chip's own resistor")]
        return found
    if argument == "pin":
        found = [Key("pin", "pin", Pin("out"), True, "output")]
        if role == "switch":
            found.append(Key("pull_up", "", Flag(), False, "whether it has a resistor to 3V3", False))
        if role == "heater":
            found.append(Key("power", "", Number(0.01, 100000, "W"), False, "full power, in place of the resistance"))
        return found
    if argument == "stepper":
        return [Key("step", "stepper", Pin("step"), True, "step"), Key("direction", "", Pin("direction"), True, "direction")]
    if argument == "curve":
        return [Key("curve", "curve", Part("curve"), needed, "curve of the sensor")]
    if argument == "source":
        if role == "module":
            kind = Part("contact", "pin_input") if cls == "DigitalInput" else Part("quantity")
        else:
            kind = Part("volts", "pin_voltage")
        return [Key("source", "source", kind, True, "what it reads")]
    if argument == "sensor":
        return [Key("sensor", "sensor", Part("sensor", named=True), True, "its sensor")]
    if argument == "heater":
        return [Key("output", "heater", Part("heater"), True, "what drives it")]
    if cls == "SupplyHeater" and argument == "enable":
        return [Key("enable", "enable", Pin("out"), True, "the pin that enables the supply")]
    if argument == "output":
        kind = Part("analogue") if cls in ("AnalogueOutput", "Split", "SupplyHeater") else Part("switch", "pin_output")
        return [Key("output", "output", kind, True, "what drives it")]
    if argument in ("dry", "wet"):
        return [Key(argument, argument, Part("analogue"), True, f"the {argument} flow's output")]
    if argument == "contact":
        return [Key("contact", "contact", Part("contact", "pin_input", pair=True), True, "contact that tells where it is")]
    if argument == "pulses" and needed:
        return [Key("pulses", "pulses", Part("pulses", "pulses"), True, "what is counted")]
    if argument == "couple":
        return [Key("type", "couple", Choice(tuple("EJKNRST")), False, "thermocouple: type of the chip", "K")]
    if argument == "meter":
        return [Key("meter", "meter", Part("meter"), True, "what it measures")]
    if argument == "channels":
        return [Key("channels", "channels", Channels(), True, "what it begins and ends")]
    if argument == "goal":
        return [Key("goal", "goal", Number(0, 1e9), False, "it ends there")]
    if argument == "oven":
        return [Key("oven", "oven", Of("oven"), True, "the oven whose power it is")]
    if cls == "Motor" and argument in ("low", "high", "enable"):
        kind = Part("switch", "pin_output") if argument == "enable" else Part("contact", "pin_input")
        return [Key(argument, argument, kind, False, {"enable": "powers it"}.get(argument, f"limit switch, {argument}"))]
    if cls == "Motor" and argument in ("steps", "speed", "acceleration"):
        return [Key(argument, argument, Number(1e-6, 1e7), True, argument)]
    if argument == "plus":
        return [Key("channel", "plus", Number(0, 3, whole=True), True, "input")]
    if argument in ("minus",):
        return [Key("minus", "minus", Number(0, 3, whole=True), False, "second input, of a difference")]
    if argument == "table":
        return [Key("table", "table", Points(), False, "points")]
    if argument == "points":
        return [Key("points", "points", Points(), True, "(temperature in degC, resistance in ohm)")]
    if argument == "window" and cls == "Divider":
        return [Key("window", "window", List(float, 2, 2), False, "lowest and highest share that the ADC measures well")]
    if argument == "supply":
        return [Key("supply", "supply", Number(0.1, 60, "V"), False, "supply of the divider")]
    if cls == "SteinhartHart" and needed:
        return [Key(name, argument, Number(-1, 1), True, f"coefficient {argument}")]
    return [Key(name, argument, _by_default(default, cls, argument), needed, argument, default)]


def _by_default(default, cls, argument):
    if isinstance(default, bool):
        return Flag()
    if argument == "on":
        return Choice((0, 1))
    if argument == "per":
        return Choice(("s", "min", "h"))
    if isinstance(default, (int, float)):
        return Number(-1e9, 1e9)
    if isinstance(default, str):
        return Text(r"[^\x00-\x1f\x7f]{0,60}", "a text of up to 60 characters on one line")
    if isinstance(default, tuple) and all(isinstance(one, str) for one in default):
        return List(str, 2, 3 if cls == "Valve" else 2)
    if isinstance(default, tuple) and all(isinstance(one, (int, float)) for one in default):
        return List(float, len(default), len(default))
    return None


def _addresses(text):
    found = [int(one, 16) for one in re.findall(r"0x[0-9A-Fa-f]{2}\b", text)]
    if not found:
        return Number(8, 0x77, "", True)
    if re.search(r"0x\w\w to 0x\w\w", text):
        return Number(min(found), max(found), "", True)
    return Choice(tuple(sorted(set(found))))


def _constant(node):
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        try:
            return float(eval(compile(ast.Expression(node), "", "eval"), {"__builtins__": {}}))  # 1 / 450
        except Exception:
            return None
