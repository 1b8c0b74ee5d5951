"""From what a composed file says to the node's definition in Python, and from each of its lines back to the file."""

import builtins
import contextlib
import keyword
from pathlib import Path

from ...problem import Problem
from .. import boards, calibration
from ..source import Name
from ..source import python as _py
from . import catalogue, conditions, model, wanted
from .wrong import listed, nearest

_LINES = {"spi": ("sck", "mosi", "miso"), "i2c": ("scl", "sda"), "onewire": ("pin",)}
_NAMED = {"spi": "SPI", "i2c": "I2C", "onewire": "ONEWIRE"}
_COMMON = (
    "group", "visibility", "meaning", "implementation", "implementor", "features", "interface_classes", "pollinterval",
    "timeout", "action_timeout",
)  # fmt: skip
_WHAT = {
    "sensor": "temperature",
    "converter": "voltage",
    "pulses": "rate",
    "analogue": "what is put out",
    "switch": "what is switched",
    "contact": "what is at the pin",
}
_ROOM = 10  # K that the highest target stays below what the guard allows
_FULL = 24  # V of a heater that is given by its power; what counts is the power


class Writer:
    """Writes the definition of `content`. What contradicts itself is in `wrong`: (path, text) each."""

    def __init__(self, content, models, board, title):
        """`title` is the file's path."""
        self.content = content
        self.models = models
        self.board = board  # boards.load()
        self.title = Path(title).name
        self.folder = Path(title).parent
        self.wrong = []
        self._imports = {}
        self._lines = []  # (text, path)
        self._made = {}  # (what, place) -> variable
        self._said = {}  # variable of a chip -> (its settings, path)
        self._modules = {}  # name -> variable
        self._begun = []
        self._taken = {"board", "node", "described", "DeadMan", "Double", "Parameter", "Node", "VERSION", "Interlock"}
        self._taken.update(dir(builtins))
        self._taken.update("EJKNRST")  # thermocouples' types
        self._taken.update(thing.cls for thing in models.things.values())
        self._variables = {}  # of modules
        self._plants = []  # (pin, what is different in the simulated plant, path) of each heater
        self._wired = set()

    def source(self):
        """(the source, the path that each of its lines is from)."""
        content = self.content
        self._import("secnode.node", "Node")
        self._import("secnode", "VERSION")
        for name in content["modules"]:
            self._variables[name] = self._variable(name)  # modules have their names, whatever else there is
        for name in content["modules"]:
            self._module(name)
        for name in content.get("devices", ()):
            if ("device", name) not in self._made:
                self._complain(("devices", name), f'no module has device = "{name}"')
        interlocks = [self._interlock(i) for i in range(len(content.get("interlocks", ())))]
        self._check_names()
        head = [(f'"""{_text(content["description"])}', ()), ("", ()), ("Composed by secnode from " + self.title + ".", ())]
        head += [('"""', ()), ("", ())]
        for module in sorted(self._imports):
            head.append((f"from {module} import {', '.join(sorted(self._imports[module]))}", ()))
        head += [("", ()), ("", ()), ("def node(board):", ())]
        tail = [("    return Node(", ())]
        for key in ("equipment_id", "description"):
            tail.append((f"        {key}={_py(content[key])},", (key,)))
        firmware = _py(content["firmware"]) if "firmware" in content else '"secnode " + VERSION'
        tail.append((f"        firmware={firmware},", ("firmware",)))
        for key in ("secop", "implementor", "timeout"):
            if key in content:
                tail.append((f"        {key}={_py(content[key])},", (key,)))
        for key in content:
            if key.startswith("_"):
                tail.append((f"        {key}={_py(content[key])},", (key,)))
        names = [self._modules[name] for name in content["modules"] if name in self._modules] + interlocks
        tail.append((f"        modules=({', '.join(names)}{',' if len(names) == 1 else ''}),", ("modules",)))
        tail.append(("    )", ()))
        if self._plants:
            tail += [("", ()), ("", ()), ("def simulate(attach):", ())]
            tail.append(('    """For the simulated board alone: what the heaters heat, and which chip sees it."""', ()))
            tail += [(f"    attach({_py('plant')}, {pin}, {_py(plant)})", path) for pin, plant, path in self._plants]
        lines = head + self._lines + tail
        return "".join(text + "\n" for text, _ in lines), [path for _, path in lines]

    # ---- helpers

    def _complain(self, path, text):
        self.wrong.append((tuple(path), text))

    def _import(self, module, name):
        self._imports.setdefault(module, set()).add(name)
        return name

    def _variable(self, name):
        while name in self._taken or keyword.iskeyword(name):
            name += "_"
        self._taken.add(name)
        return name

    def _add(self, text, path):
        self._lines.append(("    " + text, tuple(path)))

    def _call(self, variable, function, parts, path):
        """A statement, on one line where it fits; `parts` is (text, path) each."""
        line = f"{variable} = {function}({', '.join(text for text, _ in parts)})"
        if len(line) <= 124:
            return self._add(line, path)
        self._add(f"{variable} = {function}(", path)
        for text, of in parts:
            self._add(f"    {text}" + ("" if text.endswith("Parameter(") else ","), of)
        self._add(")", path)
        return None

    # ---- buses

    def _bus(self, said, path):
        kind = said.rstrip("0123456789")
        if kind == "uart":
            return self._uart(said, path)
        given = self.content.get("bus", {}).get(said)
        wiring = None
        known = boards.constants(self.board["file"], (_NAMED[kind],)).get(_NAMED[kind], {})
        if given is not None:
            pins = tuple(given[line] for line in _LINES[kind])
            number = int(said[len(kind) :])
            self._check_bus(said, kind, number, given)
            wiring = pins[0] if kind == "onewire" else (number, *pins)
        elif said in known:
            wiring = known[said]
        else:
            return self._no_bus(said, known, path, "")
        if said not in self._wired:
            self._wired.add(said)
            lines = ", ".join(line.upper() for line in _LINES[kind])
            note = "the pin" if kind == "onewire" else f"id, pins of {lines}"
            at = ("bus", said) if given is not None else path
            others = [other for other in self._wired if other.startswith(kind) and other != said]
            if others:
                self._add(f'board.{_NAMED[kind]}["{said}"] = {wiring!r}', at)
            else:
                self._add(f'board.{_NAMED[kind]} = {{"{said}": {wiring!r}}}  # {note}', at)
        more = f", freq={given['freq']}" if given and "freq" in given else ""
        return f'board.{kind}("{said}"{more})'

    def _no_bus(self, said, known, path, more):
        has = [*self.content.get("bus", {}), *known]
        has.remove(said) if said in has else None
        text = f"there is no bus {said}{nearest(said, has) or ':'} {self.board['name']} has "
        text += f"{listed(known) or 'none'} of its own"
        self._complain(path, text + f"; another one is said by [bus.{said}]{more}")
        return "None"

    def _uart(self, said, path):
        """The variable of a UART for instruments; made once."""
        made = self._made.get(("uart", said))
        if made:
            return made
        given = self.content.get("bus", {}).get(said)
        at = path if given is None else ("bus", said)
        given = given or {}
        number = int(said[4:])
        known = boards.constants(self.board["file"], ("UARTS",)).get("UARTS", {})
        if ("tx" in given) != ("rx" in given):
            self._complain(at, f"bus.{said} has tx and rx, or neither: then they are those of the board")
            return "None"
        if "tx" in given:
            wiring = (number, int(given["tx"]), int(given["rx"]))
            self._check_uart(said, number, given)
        elif said in known:
            wiring = known[said]
        else:
            return self._no_bus(said, known, at, " with tx and rx")
        others = [other for other in self._wired if other.startswith("uart")]
        self._wired.add(said)
        wired = f"board.UARTS = {{{_py(said)}: {wiring!r}}}  # id, pins of TX and RX"
        self._add(f"board.UARTS[{_py(said)}] = {wiring!r}" if others else wired, at)
        parts = [(_py(said), at), (str(int(given.get("baudrate", 9600))), (*at, "baudrate"))]
        for key in ("bits", "parity", "stop", "longest"):
            value = {"none": None, "even": 0, "odd": 1}.get(given.get(key), given.get(key))
            if value is not None:
                parts.append((f"{key}={int(value)}", (*at, key)))
        if "direction" in given:
            parts.append((f"direction=board.pin_out({int(given['direction'])})", (*at, "direction")))
        found = self._made["uart", said] = self._variable(said)
        self._call(found, "board.uart", parts, at)
        return found

    def _check_uart(self, said, number, given):
        if self.board["port"] != "rp2":
            return
        if number > 1:
            self._complain(("bus", said), f"{self.board['name']} has uart0 and uart1, no {said}")
            return
        for line, way in (("tx", 0), ("rx", 1)):
            there = boards.pins(self.board).get("there", ())
            can = [pin for pin in there if pin % 4 == way and (pin + 4) // 8 % 2 == number]
            if given[line] not in can:
                text = f"GPIO{given[line]} can't be {line.upper()} of {said}: take one of {listed(can)}"
                self._complain(("bus", said, line), text)

    def _device(self, said, path):
        """The variable of an instrument; made once."""
        made = self._made.get(("device", said))
        if made is None:
            devices = self.content.get("devices", {})
            if said not in devices:
                other = f": there is {listed(devices) or 'none'}; another one is said by [devices.{said}]"
                self._complain(path, f"there is no instrument {said}{nearest(said, devices) or other}")
                return "None"
            made = self._made["device", said] = self._variable(said)
            table = devices[said]
            self._object(made, self.models.things[table["driver"]], table, table, ("devices", said), said)
        return made

    def _members(self, table, parts, path):
        """The enum of an instrument's module."""
        self._import("secnode.datainfo", "Enum")
        self._import("secnode.module", "Parameter")
        here = (*path, "members")
        members = f"Enum({_py({name: int(number) for name, number in table['members'].items()})})"
        if "query" in table and "form" not in table:
            parts.append(('form="%d"', here))
        parts.append((f'value=Parameter({members}, description="what it is")', here))
        if "Setting" in catalogue.bases(self.models.things[table["driver"]]):
            parts.append((f'target=Parameter({members}, readonly=False, description="what is to be set")', here))
        return parts

    def _check_bus(self, said, kind, number, given):
        port = self.board["port"]
        if port == "rp2" and kind != "onewire":
            if number > 1:
                return self._complain(("bus", said), f"{self.board['name']} has {kind}0 and {kind}1, no {said}")
            for line, pin in given.items():
                if line == "freq":
                    continue
                ways = {"sda": 0, "scl": 1} if kind == "i2c" else {"miso": 0, "sck": 2, "mosi": 3}
                step = 2 if kind == "i2c" else 4
                right = pin % step == ways[line] and (pin // 2 % 2 if kind == "i2c" else pin // 8 % 2) == number
                if not right:
                    can = [
                        p
                        for p in boards.pins(self.board).get("there", ())
                        if p % step == ways[line] and (p // 2 % 2 if kind == "i2c" else p // 8 % 2) == number
                    ]
                    text = f"GPIO{pin} can't be {line.upper()} of {said}: take one of {listed(can)}"
                    self._complain(("bus", said, line), text)
        elif port == "esp32" and kind == "spi" and number not in (1, 2):
            self._complain(("bus", said), f"{self.board['name']} has spi1 and spi2, no {said}")
        elif port == "esp32" and kind == "i2c" and number > 1:
            self._complain(("bus", said), f"{self.board['name']} has i2c0 and i2c1, no {said}")

    # ---- parts

    def _part(self, table, path, name, role, default=""):
        """The variable of a driver's object; `name` is what it may be called."""
        said = table.get("driver", default)
        thing = self.models.things[said]
        chip = {key: table[key] for key in thing.keys if key in table}
        shared = thing.role in ("chip", "converter") and "bus" in thing.keys or thing.role == "pulses"
        place = (
            thing.cls,
            table.get("bus", table.get("pin")),
            table.get("address", table.get("rom", thing.keys.get("address") and thing.keys["address"].default)),
        )
        if shared and place in self._made:
            found = self._made[place]
            first, at = self._said[found]
            for key, value in chip.items():
                if first.get(key, thing.keys[key].default) != value:
                    text = f"{said} at this place is the one of {'.'.join(map(str, at[:2]))}: {key} is "
                    self._complain((*path, key), text + f"{first.get(key, thing.keys[key].default)!r} there")
        else:
            if shared and "dew_point" in thing.keys and self._wants_dew_point(place, thing):
                chip["dew_point"] = True
            found = self._variable(name)
            self._object(found, thing, chip, table, path, name)
            if shared:
                self._made[place] = found
                self._said[found] = (chip, path)
        if thing.role == "converter":
            parts = [str(int(table["channel"]))]
            parts += [
                f"{key.argument}={_py(table[key.name])}" for key in thing.channel if key.name != "channel" and key.name in table
            ]
            return f"{found}.channel({', '.join(parts)})"
        quantity = table.get("quantity", thing.quantities[0] if thing.role in ("chip", "pulses") and thing.quantities else None)
        if thing.role == "pulses" and role == "pulses":
            return found
        if quantity and quantity != "hot_junction" and (thing.role != "sensor" or "quantity" in table):
            return f"{found}.{quantity}"
        return found

    def _wants_dew_point(self, place, thing):
        """Whether any module wants the dew point of the chip at that place."""
        for table in self.content["modules"].values():
            default = thing.keys["address"].default
            at = (thing.cls, table.get("bus"), table.get("address", default))
            if self.models.things.get(table.get("driver")) is thing and at == place and table.get("quantity") == "dew_point":
                return True
        return False

    def _object(self, variable, thing, said, table, path, name):
        module, cls = self._where(thing)
        self._import(module, cls)
        parts = self._arguments(thing, said, table, path, name)
        if thing.name == "calibration":
            parts = self._curve(table, path)
        self._call(variable, cls, parts, path)

    def _where(self, thing):
        if ":" in thing.name:
            return tuple(thing.name.split(":"))
        return thing.module, thing.cls

    def _wire(self, said, path):
        """How an instrument is reached where that is no UART: parts, none where it is one."""
        place = ".".join(map(str, path))
        if "host" not in said and "port" not in said:
            if "bus" not in said:
                self._complain(path, f"{place} needs bus, its UART; or host and port, over a connection of the board's own")
            return []
        if "bus" in said:
            self._complain((*path, "bus"), f"{place} has a bus, or host and port")
            return []
        if "host" not in said or "port" not in said:
            self._complain(path, f"{place} needs host and port")
            return []
        self._import("instruments.tcp", "Tcp")
        return [(f"Tcp({_py(said['host'])}, {int(said['port'])})", (*path, "host"))]

    def _arguments(self, thing, said, table, path, name):
        parts = self._wire(said, path) if thing.role == "device" and "bus" in thing.keys else []
        for key in thing.keys.values():
            here = (*path, key.name)
            if not key.name:
                timer = {"timer": "timer=board.RELAY_TIMER", "set_clock": "set_clock"}.get(key.argument)
                if timer:
                    parts.append((timer, path))
                if key.argument == "set_clock":
                    self._import("drivers.rtc", "set_clock")
                continue
            if not key.argument:
                continue
            if key.name not in said:
                if thing.name == "divider" and key.name == "series":
                    parts.append(("**board.DIVIDER", path))
                continue
            value = said[key.name]
            text = self._value(key, value, thing, table, here, name)
            if isinstance(key.kind, wanted.Register):
                self._import("instruments.modbus", "Register")
            positional = key.argument in (
                "bus",
                "adc",
                "pin",
                "pwm",
                "counter",
                "stepper",
                "source",
                "output",
                "pulses",
                "sensor",
                "device",
                "wire",
                "query",
                "register",
                "meter",
                "channels",
            )
            positional = positional and all("=" not in part.split("(")[0] for part, _ in parts)
            parts.append((text if positional else f"{key.argument}={text}", here))
        if "power" in thing.keys:
            parts = self._power(thing, table, parts, path)
        return parts

    def _power(self, thing, table, parts, path):
        """A heater's resistance and supply, or what follows from its power."""
        both = "resistance" in table and "supply" in table
        if "power" in table and "resistance" in table:
            self._complain((*path, "power"), "the power follows from resistance and supply: say either")
        elif "power" not in table and not both:
            self._complain(path, f"{'.'.join(map(str, path))} needs power, in W; or resistance and supply")
        if "power" not in table or "resistance" in table:
            return parts
        volts = table.get("supply", 230 if thing.name == "relay_heater" else _FULL)
        parts = [(text, of) for text, of in parts if not text.startswith("supply=")]
        here = (*path, "power")
        parts[1:1] = [(f"resistance={volts!r} * {volts!r} / {table['power']!r}", here), (f"supply={volts!r}", here)]
        return parts

    def _full_power(self, table):
        if "power" in table:
            return table["power"]
        volts = table.get("supply", table.get("voltage"))
        if volts and "resistance" in table:
            return volts**2 / table["resistance"]
        return None

    def _value(self, key, value, thing, table, path, name):
        kind = key.kind
        if key.argument == "couple":
            self._import(f"drivers.type_{value.lower()}", value)
            return value
        if isinstance(kind, catalogue.Bus):
            return self._bus(value, path)
        if key.argument == "couple":
            return self._import(f"drivers.type_{value.lower()}", value)
        if isinstance(kind, catalogue.Pin):
            return self._pin(kind.use, value, table, thing)
        if isinstance(kind, catalogue.Part):
            if isinstance(value, list):
                found = [
                    self._part(one, (*path, i), f"{name}_{key.name}{i + 1}", kind.role, kind.default)
                    for i, one in enumerate(value)
                ]
                return f"({', '.join(found)})"
            if isinstance(value, str):
                return self._named(value, path, kind.role)
            return self._part(value, path, f"{name}_{key.name}", kind.role, kind.default)
        if isinstance(kind, catalogue.Of):
            found = self.content["modules"].get(value)
            if not isinstance(found, dict) or found.get("driver") != kind.driver:
                names = [n for n, t in self.content["modules"].items() if t.get("driver") == kind.driver]
                text = f"there is no module {value} whose driver is {kind.driver}"
                self._complain(path, text + (nearest(value, names) or f": there is {listed(names) or 'none'}"))
                return "None"
            return self._module(value)
        if isinstance(kind, wanted.Device):
            return self._device(value, path)
        if isinstance(kind, wanted.Channels):
            return "{" + ", ".join(f"{_py(role)}: {self._channel(one, (*path, role))}" for role, one in value.items()) + "}"
        if isinstance(kind, wanted.Ending):
            return _bytes(value)
        if isinstance(kind, wanted.Register):
            return f'Register({int(value)}, "uint16")'
        if isinstance(kind, wanted.Meanings):
            plain = not kind.bits and str(table.get("form", "")).endswith("s")
            found = {said if plain else _number(said): what for said, what in value.items()}
            return _py({said: tuple(what) if isinstance(what, list) else what for said, what in found.items()})
        if isinstance(kind, catalogue.List):
            return _py(tuple(value))
        if isinstance(kind, catalogue.Points):
            return _py(tuple(tuple(point) for point in value))
        if key.name == "address" and thing.role != "device":
            return f"0x{int(value):02x}"
        if getattr(kind, "whole", False) and isinstance(value, float):
            value = int(value)
        return _py(value)

    def _channel(self, name, path):
        """The variable of an acquisition's channel."""
        modules = self.content["modules"]
        fits = [other for other, table in modules.items() if table.get("driver") == "acquisition_channel"]
        if name not in fits:
            text = f"there is no module {name} whose driver is acquisition_channel"
            self._complain(path, text + (nearest(name, fits) or f": there is {listed(fits) or 'none'}"))
            return "None"
        return self._module(name)

    def _curve(self, table, path):
        """A sensor's calibration, from its file: statements' parts."""
        try:
            curve = calibration.read(self.folder / table["file"])
        except Problem as e:
            self._complain((*path, "file"), str(e))
            return []
        here = (*path, "file")
        points = [(_py(tuple(numbers)), here) for numbers in (curve.x, curve.y)]
        return [(_py(curve.unit), here), (str(curve.log), here), *points, (str(curve.per_x), here), (str(curve.per_y), here)]

    def _pin(self, use, pin, table, thing):
        pin = int(pin)
        if use == "adc":
            return f"board.adc({pin})"
        if use in ("in", "counter"):
            pull = f', "{table["pull"]}"' if "pull" in table else ""
            return f"board.{'pin_in' if use == 'in' else 'counter'}({pin}{pull})"
        if use == "pwm":
            safe = ", safe=1, pull_up=True" if table.get("inverted") else ""
            return f"board.pwm({pin}, freq={int(table['frequency'])}{safe})"
        if use == "out":
            on = table.get("on", 1)
            level = on if table.get("safe") else 1 - on
            if thing.role == "heater" and thing.cls != "SupplyHeater":
                level = 0
            table = table if thing.cls != "SupplyHeater" else {"pull_up": level == 1}
            parts = [str(pin)] + (["safe=1"] if level else []) + (["pull_up=True"] if table.get("pull_up") else [])
            return f"board.pin_out({', '.join(parts)})"
        if use == "step":
            return f"board.stepper({pin}, {int(table['direction'])})"
        return str(pin)

    def _named(self, said, path, role):
        """The driver's object of another module."""
        table = self.content["modules"].get(said)
        fits = [n for n, t in self.content["modules"].items() if self._role(t) == role]
        if table is None or self._role(table) != role:
            what = f"there is no module {said}" if table is None else f"{said} is no {role} that can be used here"
            self._complain(path, what + (nearest(said, fits) or f": take {listed(fits) or 'a table with a driver'}"))
            return "None"
        return self._driver_of(said)

    def _role(self, table):
        thing = self.models.things.get(table.get("driver")) if isinstance(table, dict) else None
        return thing.role if thing and table.get("quantity", "hot_junction") == "hot_junction" else None

    def _driver_of(self, name):
        """The object that a module shows, whose driver is no module itself; made once."""
        made = self._made.get(("driver", name))
        if made is None:
            table = self.content["modules"][name]
            thing = self.models.things[table["driver"]]
            plain = {"pulses": "pulses"}.get(thing.role, thing.role)
            suffix = "sensor" if plain in ("sensor", "quantity", "converter") else "chip" if plain == "chip" else "driver"
            made = self._made["driver", name] = self._part(table, ("modules", name), f"{name}_{suffix}", None)
        return made

    # ---- modules

    def _module(self, name):
        if name in self._modules:
            return self._modules[name]
        path = ("modules", name)
        if name in self._begun:
            self._complain(path, f"{name} needs itself")
            return "None"
        self._begun.append(name)
        table = self.content["modules"][name]
        thing = self.models.things[table["driver"]]
        if thing.is_module:
            shown, first = thing, []
            if ":" in thing.name:
                module, cls = self._where(thing)
            else:
                module, cls = thing.module, thing.cls
            parts = self._arguments(thing, table, table, path, name)
        else:
            shown = self.models.things[model.SHOWN_BY[thing.role]]
            module, cls = shown.module, shown.cls
            first = [(self._driver_of(name), path)]
            said = {key: table[key] for key in shown.keys if key in table and key not in thing.keys}
            parts = first + [part for part in self._arguments(shown, said, table, path, name) if "=" in part[0]]
        variable = self._name_of(name)
        if "members" in table and isinstance(table["members"], dict):  # an input has a list of them
            parts = self._members(table, parts, path)
        if thing.name == "oven":
            parts = self._oven(table, parts, path, name)
        parts += self._targets(thing, shown, table, path)
        if table.get("limits") and shown.name != "oven":  # which has them
            if self._limited(thing, shown, table):
                self._import("secnode.limits", "Limit")
                text = 'target_limits=Limit(description="lowest and highest target that is taken", keep=True)'
                parts.append((text, (*path, "limits")))
            else:
                self._complain((*path, "limits"), f"{name} has no target that could be limited")
        self._import(module, cls)
        parts.append((f"name={_py(name)}", path))
        parts.append(
            (f"description={_py(table.get('description') or self._default_text(thing, table))}", (*path, "description"))
        )
        for key in _COMMON:
            if key in table:
                value = tuple(table[key]) if isinstance(table[key], list) else table[key]
                parts.append((f"{key}={_py(value)}", (*path, key)))
        for key in table:
            if key.startswith("_"):
                parts.append((f"{key}={_py(table[key])}", (*path, key)))
        self._call(variable, cls, parts, path)
        for inner, more in table.get("parameters", {}).items():
            self._import("modules.described", "described")
            text = ", ".join(f"{key}={_py(value)}" for key, value in more.items())
            self._add(f"described({variable}, {_py(inner)}, {text})", (*path, "parameters", inner))
        self._modules[name] = variable
        return variable

    def _name_of(self, name):
        return self._variables[name]

    def _default_text(self, thing, table):
        if "loop" in thing.keys and "device" in table:
            return f"loop {int(table['loop'])}, of {table['device']}"
        if "device" in thing.keys and "device" in table:
            asked = table.get("query") or (f"register {int(table['register'])}" if "register" in table else "lines")
            return f"{asked}, of {table['device']}"
        if thing.is_module:
            title = (thing.title or thing.cls).partition(":")[0]
            return title[0].lower() + title[1:]
        if thing.role == "chip":
            what = table.get("quantity", thing.quantities[0])
        else:
            what = table.get("what", table.get("quantity", _WHAT.get(thing.role, "value")))
        return f"{what.replace('_', ' ')}, by {thing.cls}"

    def _oven(self, table, parts, path, name):
        self._import("drivers.deadman", "DeadMan")
        self._import("secnode.datainfo", "Double")
        self._import("secnode.module", "Parameter")
        low, high = table["minimum"], table["maximum"]
        first, last = table.get("target_min", low), table.get("target_max", high - _ROOM)
        steps = [("minimum", low), ("target_min", first), ("target_max", last), ("maximum", high)]
        if low >= high:
            steps = [steps[0], steps[-1]]
        for (a, x), (b, y) in zip(steps, steps[1:], strict=False):
            if x > y or (x == y and {a, b} != {"minimum", "target_min"} and {a, b} != {"target_max", "maximum"}):
                at = next((key for key in (b, a) if key in table), "maximum")
                self._complain((*path, at), f"{a} ({x:g}) has to be below {b} ({y:g})")
        output = table["output"]
        full = self._full_power(output)
        most = table.get("maxheaterpower", full)
        if full and most and most > full * 1.0001:
            self._complain((*path, "maxheaterpower"), f"{most:g} W is more than this heater gives: {full:.4g} W")
        self._simulate(table, full or 1, high, path)
        # sensor and heater came without names: the dead man is the third
        sensor = parts.pop(0)
        index = next(i for i, (text, _) in enumerate(parts) if text.startswith("heater="))
        heater = parts.pop(index)[0].removeprefix("heater=")
        parts[:0] = [sensor, (heater, (*path, "output")), (f"DeadMan({heater}.cut, timer=board.TIMER)", path)]
        here = (*path, "target_max")
        parts += [
            ("target=Parameter(", here),
            (
                f'    Double({first!r}, {last!r}, unit="°C"), readonly=False, checkable=True, '
                'description="temperature to go to"',
                here,
            ),
            (")", here),
        ]
        full, most = full or 1, most or 1
        here = (*path, "maxheaterpower")
        parts += [
            ("_maxheaterpower=Parameter(", here),
            (
                f'    Double(0, {_short(full)}, unit="W"), readonly=False, default={_short(most)}, checkable=True, keep=True',
                here,
            ),
            ('    description="maximum allowed heater power"', here),
            (")", here),
        ]
        return parts

    def _simulate(self, table, full, high, path):
        """A block of which full power makes 2.5 K/s, and a quarter more than `high` in the end."""
        output = table["output"]
        pin = output.get("pin", output.get("enable"))
        if pin is None:
            return
        plant = {"full_power": _short(full), "capacity": _short(full / 2.5), "loss": _short(full / (1.25 * max(high - 25, 50)))}
        sensor = self.content["modules"].get(table["sensor"], {}) if isinstance(table["sensor"], str) else table["sensor"]
        if "cs" in sensor:
            plant["thermometer"] = (sensor["bus"], int(sensor["cs"]))
        dac = output.get("output")
        if isinstance(dac, dict) and "bus" in dac:  # what sets the voltage of its supply
            address = self.models.things[dac["driver"]].keys["address"].default
            plant["supply"] = (dac["bus"], int(dac.get("address", address)))
        self._plants.append((int(pin), plant, path))

    def _targets(self, thing, shown, table, path):
        """What narrows a target, of an analogue output; and the unit of a motor."""
        if thing.name == "oven" or not {"target_min", "target_max", "unit"} & set(table):
            return []
        if thing.name not in ("motor", "analogue_output") and thing.role != "analogue":
            return []
        output = table if thing.role == "analogue" else table.get("output", {})
        unit = table.get("unit", output.get("unit", "V" if thing.name != "motor" else ""))
        ends = table.get("target_min"), table.get("target_max")
        if thing.name != "motor" and ends == (None, None):
            return []
        if None not in ends and ends[0] >= ends[1]:
            self._complain((*path, "target_max"), f"target_min ({ends[0]:g}) has to be below target_max ({ends[1]:g})")
        if thing.name != "motor":
            ends = (0.0 if ends[0] is None else ends[0], output.get("full", 10) if ends[1] is None else ends[1])
        self._import("secnode.datainfo", "Double")
        self._import("secnode.module", "Parameter")
        info = f"Double({ends[0]!r}, {ends[1]!r}, unit={_py(unit)})"
        found = [(f'target=Parameter({info}, readonly=False, description="where to go")', (*path, "target_max"))]
        if thing.name == "motor":
            found.insert(0, (f'value=Parameter(Double(unit={_py(unit)}), description="position, as counted")', (*path, "unit")))
        return found

    def _check_names(self):
        seen = {}
        for name in [*self.content["modules"]]:
            other = seen.setdefault(name.lower(), name)
            if other != name:
                self._complain(
                    ("modules", name), f"the name {name} is used before ({other}); upper or lower case does not count"
                )

    # ---- interlocks

    def _interlock(self, i):
        said = self.content["interlocks"][i]
        path = ("interlocks", i)
        modules = self.content["modules"]
        self._import("modules.interlock", "Interlock")
        name = said.get("name") or ("interlock" if len(self.content["interlocks"]) == 1 else f"interlock{i + 1}")
        if name.lower() in (other.lower() for other in modules):
            self._complain((*path, "name"), f"there is a module {name}: give this interlock another name")
        try:
            when = conditions.condition(said["when"], list(modules))
        except conditions.Wrong as e:
            self._complain((*path, "when", e.column), f"{_dotted(path)}.when: {e}")
            when = ()
        actions = []
        for module, action in said["action"].items():
            here = (*path, "action", module)
            if module not in modules:
                self._complain(
                    here, f"there is no module {module}{nearest(module, modules) or ': there is ' + listed(modules)}"
                )
                continue
            wrong = self._wrong_action(modules[module], action)
            if wrong:
                self._complain(here, f"{module} {wrong}")
                continue
            actions.append((Name(self._name_of(module)), action["limit"] if isinstance(action, dict) else action))
        variable = self._variable(name)
        parts = [
            (f"when={_py(_renamed(when, self._name_of))}", (*path, "when")),
            (f"actions={_py(tuple(actions))}", (*path, "action")),
        ]
        parts.append((f"text={_py(said['text'])}", (*path, "text")))
        if not said.get("latched", True):
            parts.append(("latched=False", (*path, "latched")))
        parts.append((f"name={_py(name)}", (*path, "name")))
        parts.append((f"description={_py(said.get('description') or said['text'])}", (*path, "description")))
        parts += [(f"{key}={_py(said[key])}", (*path, key)) for key in ("group", "visibility") if key in said]
        self._call(variable, "Interlock", parts, path)
        return variable

    def _limited(self, thing, shown, table):
        """Whether a module has a target that is a number."""
        if "device" in thing.keys:
            return "Setting" in catalogue.bases(thing) and "members" not in table
        return (
            ":" in thing.name and thing.is_module or shown.name in ("oven", "analogue_output", "motor", "split", "heater_power")
        )

    def _wrong_for_instrument(self, thing, table, action):
        bases = catalogue.bases(thing)
        if action == "stop" and "Drivable" not in bases:
            return "is nothing that can be stopped"
        if isinstance(action, dict) and not self._limited(thing, thing, table):
            return "has no target that could be limited"
        return None

    def _wrong_action(self, table, action):
        thing = self.models.things[table["driver"]]
        shown = thing if thing.is_module else self.models.things[model.SHOWN_BY[thing.role]]
        if ":" in thing.name and thing.is_module:
            return None  # its own, which the description judges
        if action == "off" and shown.name != "oven":
            return 'is no heater, and "off" is for heaters: an output goes to "safe", what moves takes "stop"'
        if action == "safe" and shown.name not in ("analogue_output", "digital_output", "valve", "split"):
            return 'is no output, and "safe" is for outputs' + (': a heater goes "off"' if shown.name == "oven" else "")
        if "device" in thing.keys:
            return self._wrong_for_instrument(thing, table, action)
        if action == "stop" and shown.name not in ("motor", "valve", "oven"):
            return 'is nothing that can be stopped: an output goes to "safe"'
        if isinstance(action, dict) and not self._limited(thing, shown, table):
            return "has no target that could be limited"
        return None


def _number(text):
    """What an answer or a code says: a number where it is one."""
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            return kind(text)
    return text


def _bytes(text):
    inner = repr(text.encode("ascii") + b"'")[2:-2]  # with an apostrophe in it Python quotes by "
    return f'b"{inner}"' if '"' not in text else repr(text.encode("ascii"))


def _renamed(when, name_of):
    if isinstance(when, Name):
        return Name(name_of(str(when)))
    return tuple(_renamed(part, name_of) for part in when) if isinstance(when, tuple) else when


def _dotted(path):
    return f"{path[0]}[{path[1] + 1}]"


def _short(number):
    number = float(f"{number:.6g}")
    return int(number) if number == int(number) else number


def _text(text):
    text = text.replace("\\", "\\\\").replace('"', "'")
    return text if text.endswith((".", "!", "?")) else text + "."
