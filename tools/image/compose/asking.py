"""Asks a person for a node's file, from the catalogue; and says what such a node is made of."""

import json
import re

from ...kinds import Choice, Number, Text
from ...problem import Problem
from .. import boards, stated
from ..travelling import parsed
from . import catalogue, instruments, model, wanted
from .wrong import listed, nearest

_FIRST = ("max31856", "max31865", "divider", "sht4x", "oven", "pin_output", "pin_input", "line_readable", "line_writable")
# what is asked for though it is no must
_ASKED = (
    "address", "type", "wires", "power", "pull", "rom", "unit", "identify", "identity", "readback", "tolerance", "low", "high",
)  # fmt: skip


class Interview:
    """Asks by `ask(question, default)`; hold() gives the text of the file."""

    def __init__(self, ask):
        self._ask = ask
        self.models = model.Models(catalogue.things())
        self.lines = []
        self.board = None
        self.used = {}  # pin -> who has it
        self.sensors = []
        self.ovens = []
        self.devices = {}  # name -> its driver
        self.uarts = []

    def hold(self):
        name = self._one_of("board", boards.names(), "RPI_PICO_W")
        self.board = boards.load(name)
        self.wiring = boards.constants(
            self.board["file"], ("I2C", "SPI", "ONEWIRE", "UARTS", "ADC_PINS", "DIGITAL_PINS", "HEATER_PINS", "HEATER_PIN")
        )
        identity = self._text(
            "equipment_id: who this node is, beginning with the institute", r"[A-Za-z0-9_][\w.\-]{0,62}", "mylab_node"
        )
        description = self._text("description, for a person", r".{1,500}", "a node of my lab")
        self.lines = [f"board = {_toml(name)}", f"equipment_id = {_toml(identity)}", f"description = {_toml(description)}"]
        names = [n for n, thing in self.models.things.items() if thing.is_module or thing.role in model.SHOWN_BY]
        names = [n for n in names if n not in model.HANDED and n not in ("ssr", "kelvin")]
        names.sort(key=lambda n: (n not in _FIRST, n))
        count = 0
        while True:
            driver = self._one_of(
                "what is on it (a driver, Enter: nothing more)" if count else "what is on it (a driver)",
                names,
                "" if count else "max31856",
            )
            if not driver:
                return "\n".join(self.lines) + "\n"
            count += 1
            self._module(driver)

    def _module(self, driver):
        thing = self.models.things[driver]
        name = self._text("  what should it be called", r"[A-Za-z_]\w{0,62}", self._free_name(driver))
        while f"[modules.{name}]" in self.lines:
            name = self._text(f"  {name} is there; another name", r"[A-Za-z_]\w{0,62}", self._free_name(driver))
        said = [("driver", driver), *self._table(thing, "module", name, "  ")]
        self.lines += ["", f"[modules.{name}]", *(f"{key} = {_toml(value)}" for key, value in said)]
        if thing.role == "sensor":
            self.sensors.append(name)
        if driver == "oven":
            self.ovens.append(name)

    def _free_name(self, driver):
        found, count = driver, 2
        while f"[modules.{found}]" in self.lines:
            found, count = f"{driver}{count}", count + 1
        return found

    def _table(self, thing, use, name, indent, host=None):
        """What is asked for of a driver: what it needs, and what is a question of its own."""
        said = [("host", host)] if host else []
        left = "bus" if host else "port"  # of an instrument
        for key in self.models.keys_of(thing, use).values():
            if thing.role == "device" and key.name in ("bus", "port") and key.name != left:
                said.append((key.name, self._value(key, name, indent, thing)))
                continue
            asked = key.needed or key.name in _ASKED and (key.name != "unit" or "device" in thing.keys)
            if not asked or key.name == "pull" and thing.role != "contact":
                continue
            if key.name in ("identity", "low", "high") and not self._is_wanted(key.name, dict(said)):
                continue
            value = self._value(key, name, indent, thing)
            if value is not None:
                said.append((key.name, value))
        return said

    def _is_wanted(self, key, said):
        return "identify" in said if key == "identity" else "command" in said or "target" in said or "register" in said

    def _device(self, name, indent, thing):
        """An instrument that the module asks: one that is there, or a new one, whose tables go before the module's."""
        kind = "modbus_device" if "register" in thing.keys else "line_device"
        there = [other for other, driver in self.devices.items() if driver == kind]
        if there:
            found = self._one_of(f"{indent}its instrument: one of these, or new", [*there, "new"], there[-1])
            if found != "new":
                return found
        found = self._text(f"{indent}what should the instrument be called", r"[A-Za-z_]\w{0,62}", f"{name}_instrument")
        self.devices[found] = kind
        host = self._ask(f"{indent}  its address, where it is reached by the network; Enter: by a UART", "")
        table = [("driver", kind), *self._table(self.models.things[kind], "part", found, indent + "  ", host)]
        self.lines += ["", f"[devices.{found}]", *(f"{key} = {_toml(value)}" for key, value in table)]
        return found

    def _uart(self, question, indent):
        """The UART of an instrument, with what it is set to."""
        found = self._one_of(f"{question} (uart)", sorted(self.wiring.get("UARTS", {})), None)
        if found and found not in self.uarts:
            self.uarts.append(found)
            said = []
            for key, (kind, default) in instruments.UART.items():
                value = self._value(catalogue.Key(key, key, kind, False, key, default), found, indent + "  ", None)
                if value is not None:
                    said.append((key, value))
            if said:
                self.lines += ["", f"[bus.{found}]", *(f"{key} = {_toml(value)}" for key, value in said)]
        return found

    def _value(self, key, name, indent, thing=None):
        kind = key.kind
        question = f"{indent}{key.question or key.name}"
        if isinstance(kind, wanted.Device):
            return self._device(name, indent, thing)
        if isinstance(kind, wanted.Register):
            text = self._ask(f"{question}, {kind.words}; Enter: none", "")
            return int(text) if text.isdigit() and int(text) < 65536 else None
        if isinstance(kind, catalogue.Bus) and kind.kind == "uart":
            return self._uart(question, indent)
        if isinstance(kind, catalogue.Bus):
            return self._one_of(f"{question} ({kind.kind})", sorted(self.wiring.get(_BUS[kind.kind], {})), None)
        if isinstance(kind, catalogue.Pin):
            return self._pin(question, kind.use, name)
        if isinstance(kind, catalogue.Of):
            return self._one_of(question, self.ovens, None)
        if isinstance(kind, catalogue.Part):
            if kind.named and self.sensors:
                found = self._one_of(f"{question}: one of the modules, or new", [*self.sensors, "new"], self.sensors[-1])
                if found != "new":
                    return found
            options = [n for n, t in self.models.things.items() if t.role in model._OFFERS.get(kind.role, (kind.role,))]
            driver = kind.default or self._one_of(
                f"{question} (its driver)", options, "ssr" if "ssr" in options else options[0]
            )
            return {"driver": driver, **dict(self._table(self.models.things[driver], "part", name, indent + "  "))}
        if isinstance(kind, Choice):
            default = key.default if key.default is not None else "" if not key.needed else kind.numbers[0]
            default = default if default == "" else str(default)
            found = self._one_of(question, list(map(str, kind.numbers)), default)
            value = next((one for one in kind.numbers if str(one) == found), None)
            return None if value is None or value == key.default and not key.needed else value
        if isinstance(kind, Number):
            while True:
                default = "" if key.default is None else _number(key.default, key.name)
                text = self._ask(f"{question}, {kind.words}", default)
                if text == "" and not key.needed and key.name != "power":
                    return None
                try:
                    value = kind.parse(int(text, 16) if text.startswith("0x") else text)
                    return None if value == key.default and not key.needed else value
                except ValueError as e:
                    print(f"{indent}it {e}")
        if isinstance(kind, Text):
            while True:
                text = self._ask(question, key.default if key.default is not None else "")
                if text in ("", key.default) and not key.needed:
                    return None
                try:
                    return kind.parse(text)
                except ValueError as e:
                    print(f"{indent}it {e}")
        return None

    def _pin(self, question, use, name):
        if use == "adc":
            pins = self.wiring.get("ADC_PINS", ())
        elif use == "out" or use == "pwm":
            pins = (*self.wiring.get("HEATER_PINS", ()), *self.wiring.get("DIGITAL_PINS", ()))
        else:
            pins = self.wiring.get("DIGITAL_PINS", ())
        wired = {pin for kind in ("I2C", "SPI") for wiring in self.wiring.get(kind, {}).values() for pin in wiring[1:]}
        free = [pin for pin in dict.fromkeys(pins) if pin not in self.used and pin not in wired]
        there = boards.pins(self.board).get("there")
        while True:
            text = self._ask(f"{question}: number of the pin, e.g. {listed(free[:8])}", free[0] if free else "")
            pin = int(text) if text.isdigit() else None
            if pin is None or there and pin not in there:
                print(f"    {self.board['name']} has no such pin")
            elif pin in self.used or pin in wired:
                print(f"    that one is {self.used.get(pin, 'a bus')}'s")
            else:
                self.used[pin] = name
                return pin

    def _one_of(self, question, names, default):
        default = (names[0] if names else "") if default is None else default
        while True:
            text = self._ask(question + (f": {listed(names)}" if len(names) <= 12 else ""), default)
            if text == "?":
                for name in names:
                    thing = self.models.things.get(name)
                    print(f"    {name:18} {thing.title if thing else ''}"[:110])
            elif text in names or text == "" and default == "":
                return text
            else:
                print(f"  there is no {text}{nearest(text, names) or ': ? lists what there is'}")

    def _text(self, question, pattern, default):
        while True:
            text = self._ask(question, default)
            if re.fullmatch(pattern, text):
                return text
            print("  that can't be taken: letters, digits and _, no digit first")


_BUS = {"i2c": "I2C", "spi": "SPI", "onewire": "ONEWIRE"}


def _number(value, key):
    return f"0x{value:02x}" if key == "address" else f"{value:g}"


def _toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def needs_pull_ups(content):
    """Whether a composed node has a bus of I2C, whose wires want resistors to 3V3."""
    return "'i2c" in str(content["modules"])


def shopping(composition):
    """What a composed node is made of and where it goes, as a table: a line for each part, with its pins."""
    content = composition.content
    things = catalogue.things()
    known = boards.constants(boards.file(composition.board_given), tuple(_BUS.values()))
    rows = [("the board", boards.label(composition.board_given), "", "")]

    def look(name, table):
        thing = things.get(table.get("driver"))
        if thing:
            pins = [
                f"{key.name} GPIO{table[key.name]}"
                for key in thing.keys.values()
                if isinstance(key.kind, catalogue.Pin) and key.name in table
            ]
            bus = table.get("bus")
            if bus:
                pins.append(_lines(bus, content.get("bus", {}).get(bus), known))
                if thing.keys.get("address"):
                    pins.append(f"address 0x{int(table.get('address', thing.keys['address'].default or 0)):02x}")
            if pins:
                said = stated.of_docstring(_doc(thing)).get("bus", "")
                needs = said.rpartition(";")[2].strip() if ";" in said else ""
                rows.append((name, thing.cls, ", ".join(pins), needs))
        for key, inner in table.items():
            for one in inner if isinstance(inner, list) else [inner]:
                if isinstance(one, dict) and ("driver" in one or "pin" in one):
                    key_of = thing.keys.get(key) if thing else None
                    default = getattr(key_of.kind, "default", "") if key_of else ""
                    look(f"{name}, {key}", {"driver": default, **one})

    for name, table in content["modules"].items():
        look(name, table)
    for bus in dict.fromkeys(table["bus"] for table in content.get("devices", {}).values() if "bus" in table):
        said = content.get("bus", {}).get(bus, {})
        wiring = boards.constants(boards.file(composition.board_given), ("UARTS",)).get("UARTS", {}).get(bus, (0, 0, 0))
        pins = {"TX": said.get("tx", wiring[1]), "RX": said.get("rx", wiring[2])}
        if "direction" in said:
            pins["direction"] = said["direction"]
        chip = "MAX3485" if "direction" in said else "MAX3232 (RS-232) or MAX3485 (RS-485)"
        rows.append((bus, chip, ", ".join(f"{line} GPIO{int(pin)}" for line, pin in pins.items()), "TTL at 3.3 V needs none"))
    if needs_pull_ups(content):
        rows.append(("I2C", "2 resistors of 4.7 kΩ", "SCL and SDA to 3V3", "where no board on the bus has them"))
    if "'onewire" in str(content["modules"]):
        rows.append(("1-Wire", "1 resistor of 4.7 kΩ", "the wire to 3V3", ""))
    rows = list(dict.fromkeys(rows))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, (*widths, 0), strict=True)).rstrip() for row in rows
    )


def _lines(bus, given, known):
    kind = bus.rstrip("0123456789")
    wiring = known.get(_BUS[kind], {}).get(bus)
    if given is None:
        names = {"i2c": ("scl", "sda"), "spi": ("sck", "mosi", "miso"), "onewire": ("pin",)}[kind]
        given = dict(zip(names, (wiring,) if kind == "onewire" else wiring[1:], strict=True)) if wiring is not None else {}
    return f"{bus}: " + ", ".join(f"{line.upper()} GPIO{pin}" for line, pin in given.items() if line != "freq")


def _doc(thing):
    import ast

    from ... import paths

    path = paths.FIRMWARE / (thing.module.replace(".", "/") + ".py")
    try:
        return (ast.get_docstring(parsed(path)) or "") if path.is_file() else ""
    except Problem:
        return ""
