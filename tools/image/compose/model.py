"""What a composed file may say, as pydantic's models: made from the catalogue, so from what drivers and modules declare."""

from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, create_model

from ... import secop
from ...kinds import Choice, Number, Text
from .. import boards
from . import catalogue, wanted

_LINE = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
NAME = r"^[A-Za-z_][A-Za-z0-9_]{0,62}$"
_ID = r"^[A-Za-z0-9_][A-Za-z0-9_.\-]{0,62}$"
Line = Annotated[str, Field(strict=True, max_length=500, pattern=_LINE)]
Name = Annotated[str, Field(strict=True, pattern=NAME)]
Flag = Annotated[bool, Field(strict=True)]
LINE_WORDS = "a text of 1 to 500 characters on one line"


def _whole(value):
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]
Real = Annotated[float, Field(strict=True, allow_inf_nan=False)]
PinNumber = Annotated[int, Field(strict=True, ge=0, le=99), BeforeValidator(_whole)]
Visibility = Annotated[str, Field(strict=True, pattern=r"^(user|advanced|expert|[wr-]{3})$")]

# by roles: what may be said in the place of one
_OFFERS = {
    "quantity": ("quantity", "chip", "converter", "pulses", "sensor"),
    "volts": ("quantity", "converter"),
}
#: what shows a driver that stands for a module of its own, by what the driver is
SHOWN_BY = {
    "sensor": "thermometer",
    "quantity": "quantity",
    "chip": "quantity",
    "converter": "quantity",
    "pulses": "quantity",
    "analogue": "analogue_output",
    "switch": "digital_output",
    "contact": "digital_input",
}
#: what the argument of these modules is called
HANDED = {
    "thermometer": "sensor",
    "quantity": "source",
    "analogue_output": "output",
    "digital_output": "output",
    "digital_input": "source",
}


class Models:
    """The models for a catalogue of Things by name, and a user's own of `own` by "module:Class"."""

    def __init__(self, things, own=()):
        self.things = {**things, **dict(own)}
        self.own = dict(own)
        self._made = {}
        self._count = 0
        self.keys = {}  # model -> {name: (words, question)}
        self.file = self._file()

    def schema(self):
        """The JSON schema of a file, for editors; drivers of a user's own have whatever they like."""
        found = self.file.model_json_schema(by_alias=True)
        own = {"type": "object", "properties": {"driver": {"type": "string", "pattern": ":"}}, "required": ["driver"]}

        devices = next(of for of in found["properties"]["devices"].get("anyOf", [found["properties"]["devices"]]))
        devices = devices["additionalProperties"] if "additionalProperties" in devices else devices["patternProperties"][NAME]

        def tidy(value):
            if isinstance(value, list):
                for inner in value:
                    tidy(inner)
            elif isinstance(value, dict):
                here = value.get("properties", ())
                if "description" in here and ("driver" in here or set(here) == set(_PARAMETER.model_fields)):
                    value["patternProperties"] = {"^_": {}}  # custom properties of SECoP
                if "patternProperties" in value and "properties" not in value:
                    value["additionalProperties"] = False  # names alone
                if value.get("default", "") is None:
                    del value["default"]
                if isinstance(value.get("title"), str):
                    del value["title"]
                # which of them it is the driver says, so at most one fits
                options = value.get("oneOf")
                if options and all("$ref" in option for option in options) and (len(options) > 2 or value is devices):
                    options.append(own)
                for inner in value.values():
                    tidy(inner)

        tidy(found)
        found["patternProperties"] = {"^_": {}}
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "a node of secnode, composed", **found}

    # ---- kinds

    def of_kind(self, kind):
        if isinstance(kind, Number):
            limits = Field(strict=True, ge=kind.low, le=kind.high)
            if kind.whole:
                return Annotated[int, Field(strict=True, ge=int(kind.low), le=int(kind.high)), BeforeValidator(_whole)]
            return Annotated[float, limits, Field(allow_inf_nan=False)]
        if isinstance(kind, Choice):
            return Annotated[Literal[kind.numbers], BeforeValidator(_whole)]
        if isinstance(kind, Text):
            return Annotated[str, Field(strict=True, pattern=f"^(?:{kind.pattern})$")]
        if isinstance(kind, catalogue.Pin):
            return PinNumber
        if isinstance(kind, catalogue.Bus):
            return Annotated[str, Field(strict=True, pattern=f"^{kind.kind}[0-9]$")]
        if isinstance(kind, (catalogue.Of, wanted.Device)):
            return Name
        if isinstance(kind, wanted.Ending):
            return Annotated[str, Field(strict=True, max_length=8, pattern=r"^[\x00-\x7f]+$")]
        if isinstance(kind, wanted.Register):
            return Annotated[int, Field(strict=True, ge=0, le=65535), BeforeValidator(_whole)]
        if isinstance(kind, wanted.Meanings):
            return self._meanings(kind)
        if isinstance(kind, wanted.Channels):
            return Annotated[dict[Name, Name], Field(strict=True, min_length=1)]
        if isinstance(kind, wanted.CurveFile):
            return Line
        if isinstance(kind, wanted.Members):
            number = Annotated[int, Field(strict=True, ge=-(2**23), le=2**23), BeforeValidator(_whole)]
            return Annotated[dict[Line, number], Field(strict=True, min_length=1)]
        if isinstance(kind, catalogue.Flag):
            return Flag
        if isinstance(kind, catalogue.List):
            inner = Line if kind.of is str else Real
            return Annotated[list[inner], Field(strict=True, min_length=kind.least, max_length=kind.most)]
        if isinstance(kind, catalogue.Points):
            return Annotated[
                list[Annotated[list[Real], Field(strict=True, min_length=2, max_length=2)]], Field(strict=True, min_length=2)
            ]
        if isinstance(kind, catalogue.Part):
            part = self.of_role(kind.role, kind.default, kind.named)
            if kind.pair:
                pair = Annotated[list[part], Field(strict=True, min_length=2, max_length=2)]
                return self._either({"table": part, "list": pair}, lambda v: "list" if isinstance(v, list) else "table")
            return part
        raise AssertionError(kind)

    def _meanings(self, kind):
        key = Annotated[str, Field(strict=True, pattern=r"^[1-9][0-9]{0,8}$")] if kind.bits else Line
        pair = Annotated[tuple[Literal[kind.classes], Line], Field(strict=False)]
        entry = self._either({"text": Line, "pair": pair}, lambda v: "pair" if isinstance(v, list) else "text")
        return Annotated[dict[key, entry], Field(strict=True, min_length=1)]

    def of_role(self, role, default="", named=False):
        """The union of what may stand for a role; its tag is the driver, "name" for a module's name."""
        made = self._made.get((role, default, named))
        if made is None:
            options = {}
            for name, thing in self.things.items():
                if thing.role in _OFFERS.get(role, (role,)) and not (role == "volts" and self._has_parts(thing)):
                    options[name] = self.of_thing(name, thing, "part", default)
            if named:
                options["name"] = Name

            def tag(value):
                if isinstance(value, dict):
                    return value.get("driver", default)
                return "name" if named and isinstance(value, str) else None

            made = self._made[role, default, named] = self._either(options, tag)
        return made

    def _either(self, options, tag):
        return Annotated[
            Union[tuple(Annotated[model, Tag(name)] for name, model in options.items())], Discriminator(tag)  # noqa: UP007
        ]

    def _has_parts(self, thing):
        return any(isinstance(key.kind, catalogue.Part) for key in thing.keys.values())

    # ---- tables

    def of_thing(self, name, thing, use, default=""):
        made = self._made.get((name, use, default))
        if made is None:
            keys = self.keys_of(thing, use)
            fields = {"driver": (Literal[name], ... if name != default else name)}
            for key in keys.values():
                fields[key.name] = self._field(key)
            if use == "module":
                fields.update(_of_module(thing))
            made = self._model(f"{name}_{use}{'_' if name == default else ''}", fields)
            self.keys[made] = keys
            self._made[name, use, default] = made
        return made

    def keys_of(self, thing, use):
        """The keys of a driver's table, by name; `use` is "module" or "part"."""
        keys = {name: key for name, key in thing.keys.items() if name}
        keys |= {key.name: key for key in thing.channel}
        if thing.quantities:
            first = Choice((*thing.quantities, "hot_junction") if thing.role == "sensor" else thing.quantities)
            if thing.role != "sensor" or use == "module":
                needed = thing.role == "chip" and len(thing.quantities) > 1
                keys["quantity"] = catalogue.Key("quantity", "", first, needed, "which of them")
        if use == "module" and not thing.is_module:
            shown = self.things[SHOWN_BY[thing.role]]
            handed = HANDED[shown.name]
            keys |= {name: key for name, key in shown.keys.items() if name not in (handed, "")}
        if thing.name == "oven":
            kelvin = Number(-270, 2000, "°C")
            keys["target_min"] = catalogue.Key("target_min", "", kelvin, False, "lowest target")
            keys["target_max"] = catalogue.Key("target_max", "", kelvin, False, "highest target")
            most = Number(0, 100000, "W")
            keys["maxheaterpower"] = catalogue.Key("maxheaterpower", "", most, False, "most power, until a client changes it")
        elif use == "module" and (thing.role == "analogue" or thing.name in ("analogue_output", "motor")):
            for end, words in (("target_min", "lowest target"), ("target_max", "highest target")):
                keys[end] = catalogue.Key(end, "", Number(-1e9, 1e9), False, words)
        if thing.name == "motor":
            unit = Text(r"[^\x00-\x1f\x7f]{0,20}", "a text of up to 20 characters on one line")
            keys["unit"] = catalogue.Key("unit", "", unit, False, "unit of the position", "")
        return keys

    def _field(self, key):
        kind = self.of_kind(key.kind)
        words = "; ".join(part for part in (key.question, getattr(key.kind, "words", "")) if part)
        return (kind, Field(... if key.needed else None, description=words))

    def _model(self, name, fields):
        name = "".join(c if c.isalnum() else "_" for c in name)
        config = ConfigDict(extra="forbid", strict=True, protected_namespaces=())
        # names of pydantic's own, and of Python, are keys as others are
        renamed = {}
        for key, (kind, value) in fields.items():
            if hasattr(BaseModel, key) or key.startswith("_") or key in ("schema", "json", "copy"):
                plain = isinstance(value, str) or value is ... or value is None
                default = value if plain else ... if value.is_required() else value.default
                renamed[key + "_"] = (kind, Field(default, alias=key, description=None if plain else value.description))
            else:
                renamed[key] = (kind, value)
        return create_model(name, __config__=config, **renamed)

    def _file(self):
        modules = {}
        for name, thing in self.things.items():
            if thing.is_module or thing.role in SHOWN_BY:
                modules[name] = self.of_thing(name, thing, "module")
        bus = {}
        for kind, lines in (("i2c", ("scl", "sda")), ("spi", ("sck", "mosi", "miso")), ("onewire", ("pin",))):
            fields = dict.fromkeys(lines, (PinNumber, ...))
            if kind == "i2c":
                hz = Annotated[int, Field(strict=True, ge=10000, le=400000), BeforeValidator(_whole)]
                fields["freq"] = (hz, Field(None, description="clock; 10000 to 400000 Hz"))
            model = self._model(f"bus_{kind}", fields)
            bus.update({f"{kind}{i}": (model, None) for i in range(4)})
        bus.update({f"uart{i}": (self._model("bus_uart", _UART), None) for i in range(4)})
        devices = {name: self.of_thing(name, thing, "part") for name, thing in self.things.items() if thing.role == "device"}
        a_limit = self._model("limited", {"limit": (Real, ...)})
        action = Annotated[
            Annotated[Literal["off", "stop", "safe"], Tag("word")] | Annotated[a_limit, Tag("table")],
            Discriminator(lambda v: "table" if isinstance(v, dict) else "word"),
        ]
        interlock = self._model(
            "interlock",
            {
                "when": (Line, Field(..., description="comparisons, joined by and, or, not: wall.value > 1150")),
                "action": (Annotated[dict[Name, action], Field(min_length=1)], ...),
                "latched": (Flag, Field(True, description="whether it stays until clear_errors")),
                "text": (Line, Field(..., description="what a person is told")),
                "name": (Name, Field(None, description="the module's")),
                "description": (Line, None),
                "group": (Line, None),
                "visibility": (Visibility, None),
            },
        )
        names = tuple(boards.names())
        return self._model(
            "File",
            {
                "board": (Annotated[Line, Field(json_schema_extra={"examples": list(names)})], Field(..., description="board")),
                "equipment_id": (Annotated[str, Field(strict=True, pattern=_ID)], ...),
                "description": (Line, ...),
                "secop": (Literal[tuple(secop.OURS)], None),
                "firmware": (Line, None),
                "implementor": (Line, None),
                "timeout": (Annotated[float, Field(strict=True, gt=0, le=3600)], None),
                "include": (Union[Line, list[Line]], None),  # noqa: UP007
                "bus": (self._model("buses", bus), None),
                "devices": (dict[Name, self._either(devices, _driver)], Field(None, description="instruments, by their names")),
                "modules": (
                    Annotated[dict[Name, self._either(modules, _driver)], Field(min_length=1)],
                    Field(..., description="by their names"),
                ),
                "interlocks": (list[interlock], None),
            },
        )


def _driver(value):
    return value.get("driver") if isinstance(value, dict) else None


_UART = {
    "baudrate": (
        Annotated[int, Field(strict=True, ge=300, le=1000000), BeforeValidator(_whole)],
        Field(None, description="300 to 1000000 baud; 9600 where nothing is said"),
    ),
    "bits": (Annotated[Literal[7, 8], BeforeValidator(_whole)], Field(None, description="7 or 8")),
    "parity": (Literal["none", "even", "odd"], Field(None, description="none, even or odd")),
    "stop": (Annotated[Literal[1, 2], BeforeValidator(_whole)], Field(None, description="1 or 2 stop bits")),
    "direction": (PinNumber, Field(None, description="the pin that lets an RS-485 driver send")),
    "tx": (PinNumber, Field(None, description="where it is not the board's own")),
    "rx": (PinNumber, Field(None, description="where it is not the board's own")),
    "longest": (
        Annotated[int, Field(strict=True, ge=16, le=1024), BeforeValidator(_whole)],
        Field(None, description="most bytes of an answer; 128 where nothing is said"),
    ),
}


_MEANING = Union[  # noqa: UP007
    Annotated[str, Field(strict=True)], Annotated[list[Any], Field(strict=True, min_length=2, max_length=2)], dict[str, Any]
]


def _of_module(thing):
    fields = {
        "description": (Line, Field(None, description="for a person; what it is, where nothing is said")),
        "group": (Line, None),
        "visibility": (Visibility, None),
        "meaning": (_MEANING, None),
        "implementation": (Line, None),
        "implementor": (Line, None),
        "features": (list[Line], None),
        "interface_classes": (list[Name], None),
        "pollinterval": (Annotated[float, Field(strict=True, gt=0, le=86400)], None),
        "timeout": (Annotated[float, Field(strict=True, ge=1, le=3600)], None),
        "action_timeout": (Annotated[float, Field(strict=True, ge=1, le=3600)], None),
        "limits": (Flag, Field(None, description="whether it has target_limits, which clients may change")),
        "parameters": (dict[Name, _PARAMETER], Field(None, description="more of parameters and commands, by their names")),
    }
    return fields


_PARAMETER = create_model(
    "parameter",
    __config__=ConfigDict(extra="forbid", strict=True),
    description=(Line, None),
    group=(Line, None),
    visibility=(Visibility, None),
    meaning=(_MEANING, None),
)
