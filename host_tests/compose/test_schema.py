"""The JSON schema that editors have: made from the declarations. What it takes and the tool refuses is a closed list."""

import copy
import functools
import json
import re
import tomllib

import pydantic
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from host_tests.compose.broken import BROKEN, GOOD, METER
from host_tests.compose.files import documented
from tools import paths
from tools.image import boards
from tools.image.compose import catalogue, model, wanted, writing
from tools.kinds import Choice, Number

MODELS = model.Models(catalogue.things())
SCHEMA = MODELS.schema()
BOARD = boards.load("RPI_PICO_W")
#: what only the tool can tell: each has to do with more than one value, or with the board
CROSS = (
    "there is no bus ",
    "there is no module ",
    "there is no instrument ",
    "no module has device = ",
    r"bus\.uart\d has tx and rx, or neither",
    r"GPIO\d+ can't be ",
    r"RPI_PICO_W has (i2c|spi|uart)0 and ",
    "is no sensor that can be used here",
    "is the one of ",
    "the power follows from resistance and supply",
    "needs power, in W",
    "has to be below ",
    "is more than this heater gives",
    "the name .* is used before",
    r"interlocks\[\d+\]\.when: ",
    "there is a module .*: give this interlock another name",
    'is no heater, and "off" is for heaters',
    'is no output, and "safe" is for outputs',
    "is nothing that can be stopped",
    "has no target that could be limited",
    r"\.csv can't be read: ",
    "needs bus, its UART; or host and port",
    "has a bus, or host and port",
    r"devices\.\w+ needs host and port",
)
ODD = st.sampled_from(
    [None, "", "x", -1, 0, 1, 5, 1.5, 100000, True, False, [], [1, 2], ["a", "b"], {}, {"driver": "nix"}, 2.0]
)
BUSES = ("i2c0", "spi0", "onewire0", "i2c7", "spi1", "spi")


@functools.cache
def validator():
    import jsonschema  # builds grammars for seconds: for those that check by it

    return jsonschema.Draft202012Validator(SCHEMA)


def test_the_file_for_editors_is_of_these_declarations():
    text = (paths.ROOT / "docs" / "node.schema.json").read_text("utf-8")
    assert json.loads(text) == SCHEMA, "`secnode new --schema > docs/node.schema.json` makes it anew"


def test_the_documented_files_are_taken_and_keys_have_their_names():
    for text in (METER, *documented().values()):
        assert not list(validator().iter_errors(tomllib.loads(text)))
    names = [name for of in SCHEMA["$defs"].values() for name in of.get("properties", ())]
    assert "register" in names and [name for name in names if name.endswith("_")] == []


def takes(content):
    try:
        MODELS.file.model_validate(copy.deepcopy(content))
    except pydantic.ValidationError:
        return False
    return True


def of_kind(kind, depth):
    """Values of a kind, mostly right ones."""
    if isinstance(kind, Number):
        inner = st.integers(int(kind.low), int(kind.high)) if kind.whole else st.floats(kind.low, kind.high)
        return inner | st.sampled_from([kind.low, kind.high, kind.low - 1, kind.high + 1])
    if isinstance(kind, Choice):
        return st.sampled_from(kind.numbers)
    if isinstance(kind, catalogue.Pin):
        return st.integers(0, 28)
    if isinstance(kind, catalogue.Bus):
        return st.sampled_from([f"{kind.kind}0", f"{kind.kind}1", *BUSES])
    if isinstance(kind, catalogue.Flag):
        return st.booleans()
    if isinstance(kind, catalogue.Of):
        return st.sampled_from(["a", "b", "9"])
    if isinstance(kind, wanted.Device):
        return st.sampled_from(["meter", "slave", "metre"])
    if isinstance(kind, wanted.Ending):
        return st.sampled_from(["\n", "\r\n", "", "\"'", "é", "123456789"])
    if isinstance(kind, wanted.Register):
        return st.sampled_from([0, 122, 65535, 65536, -1, 1.0])
    if isinstance(kind, wanted.Meanings):
        entry = st.sampled_from(["broken", "", ["OutOfRange", "above"], ["WARN", "low"], ["Nix", "x"], ["WARN"], 5])
        return st.dictionaries(st.sampled_from(["1", "16", "OVER", "9.9e37", "0", ""]), entry, max_size=2)
    if isinstance(kind, wanted.Members):
        return st.dictionaries(st.sampled_from(["off", "on", ""]), st.sampled_from([0, 1, 1.0, 1.5, -3, "x"]), max_size=2)
    if isinstance(kind, wanted.Channels):
        return st.dictionaries(st.sampled_from(["t", "9"]), st.sampled_from(["a", "b", "", 5]), max_size=2)
    if isinstance(kind, wanted.CurveFile):
        return st.sampled_from(["nix.csv", "", 5])
    if isinstance(kind, catalogue.List):
        return st.lists(st.sampled_from(["on", "off", ""]) if kind.of is str else st.floats(0, 10), min_size=1, max_size=4)
    if isinstance(kind, catalogue.Points):
        return st.lists(st.lists(st.integers(0, 20), min_size=1, max_size=3), max_size=3)
    if isinstance(kind, catalogue.Part):
        names = [n for n, t in MODELS.things.items() if t.role in model._OFFERS.get(kind.role, (kind.role,))]
        part = st.sampled_from(names).flatmap(lambda name: table(MODELS.things[name], "part", depth + 1, name))
        return part | st.sampled_from(["a", "b"]) if kind.named else part | st.lists(part, max_size=2) if kind.pair else part
    return st.sampled_from(["a text", "0123456789abcdef", "28ff4c1b901603a0", ""])


def table(thing, use, depth=0, name=None):
    """Tables of a driver: each key or not, and now and then something odd in its place."""
    keys = MODELS.keys_of(thing, use)
    needed = {key.name: of_kind(key.kind, depth) for key in keys.values() if key.needed}
    more = {key.name: of_kind(key.kind, depth) for key in keys.values() if not key.needed}
    common = {
        "description": st.sampled_from(["a text", ""]),
        "group": st.just("g"),
        "nix": ODD,
        "pollinterval": st.floats(0, 10),
    }
    found = st.fixed_dictionaries(
        {"driver": st.just(name or thing.name), **needed}, optional=more | (common if use == "module" else {})
    )
    if depth:
        return found
    return found.flatmap(
        lambda made: st.one_of(
            st.just(made),
            st.sampled_from(sorted(made)).flatmap(lambda key: ODD.map(lambda odd: {**made, key: odd})),
            st.sampled_from(sorted(made)).map(lambda key: {k: v for k, v in made.items() if k != key}),
        )
    )


OFFERED = [name for name, thing in MODELS.things.items() if thing.is_module or thing.role in model.SHOWN_BY]
MODULE = st.sampled_from(OFFERED).flatmap(lambda name: table(MODELS.things[name], "module", 0, name))
INTERLOCK = st.fixed_dictionaries(
    {
        "when": st.sampled_from(
            ["a.value > 5", "age(b.value) > 1 or silence() > 5", "a.value", "x()", "1 > 2", "", "c.value < 1"]
        ),
        "text": st.sampled_from(["too hot", ""]),
        "action": st.dictionaries(
            st.sampled_from(["a", "b", "c"]),
            st.sampled_from(["off", "stop", "safe", {"limit": 5}, {"limit": "x"}, "on"]),
            max_size=2,
        ),
    },
    optional={"latched": st.booleans(), "name": st.sampled_from(["a", "lock", "9"])},
)
I2C = st.fixed_dictionaries({"scl": st.integers(-1, 28), "sda": st.integers(0, 28)}, optional={"freq": ODD})
UART = st.fixed_dictionaries(
    {},
    optional={
        "baudrate": st.sampled_from([9600, 9600.0, 115200, 1, "x"]),
        "bits": st.sampled_from([7, 8, 9]),
        "parity": st.sampled_from(["none", "even", "odd", "mark"]),
        "stop": st.sampled_from([1, 2, 1.0, 3]),
        "direction": st.integers(-1, 28),
        "tx": st.integers(0, 28),
        "rx": st.integers(0, 28),
        "longest": st.sampled_from([64, 5]),
        "nix": ODD,
    },
)
DEVICE = st.sampled_from([name for name, thing in MODELS.things.items() if thing.role == "device"]).flatmap(
    lambda name: table(MODELS.things[name], "part", 0, name)
)
FILE = st.fixed_dictionaries(
    {
        "board": st.just("RPI_PICO_W"),
        "equipment_id": st.sampled_from(["mylab", "my lab", "é"]) | st.just("mylab"),
        "description": st.just("a node"),
        "modules": st.dictionaries(st.sampled_from(["a", "b", "A", "9"]), MODULE, min_size=1, max_size=2),
    },
    optional={
        "bus": st.fixed_dictionaries(
            {}, optional={"i2c0": I2C, "uart0": UART, "uart1": UART, "uart2": UART}
        ),
        "devices": st.dictionaries(st.sampled_from(["meter", "slave", "a", "9"]), DEVICE, max_size=2),
        "secop": st.sampled_from(["1.0", "2.0", "3.0"]),
        "interlocks": st.lists(INTERLOCK, max_size=2),
        "nix": ODD,
        "_lab": ODD.filter(lambda v: v is not None),
    },
)  # fmt: skip


@given(FILE)
@settings(suppress_health_check=list(HealthCheck))
def test_tool_and_schema_take_the_same_but_for_what_is_listed(content):
    plain = {key: value for key, value in content.items() if not key.startswith("_")}
    said = list(validator().iter_errors(content))
    assert takes(plain) == (not said), said[:2]
    if not said:
        writer = writing.Writer(content, MODELS, BOARD, "x.toml")
        writer.source()
        for _, text in writer.wrong:
            assert any(re.search(pattern, text) for pattern in CROSS), text


@given(MODULE)
@settings(suppress_health_check=list(HealthCheck))
def test_what_fits_alone_becomes_python(module):
    content = {"board": "RPI_PICO_W", "equipment_id": "x", "description": "x", "modules": {"a": module}}
    content["devices"] = {"meter": {"driver": "line_device", "bus": "uart1"}}
    if takes(content):
        source, paths_ = writing.Writer(content, MODELS, BOARD, "x.toml").source()
        compile(source, "x.py", "exec")
        assert len(paths_) == len(source.splitlines())


@pytest.mark.parametrize(
    "name", ["a key", "a value", "a range", "a heater without maximum", "a text for a number", "an interlock's action"]
)
def test_the_schema_finds_what_stands_in_one_place(name):
    before, after, *_ = BROKEN[name]
    assert not list(validator().iter_errors(tomllib.loads(GOOD)))
    assert list(validator().iter_errors(tomllib.loads(GOOD.replace(before, after, 1))))
