"""How values, types, messages and descriptions are shown to a person; what is completed."""

import io
import time
from datetime import datetime

import pytest
from rich.console import Console

from tools.client import completion, layout
from tools.client.client import Message, Problem, parse_address
from tools.client.description import Description

_DOUBLE = {"type": "double", "unit": "K", "min": 0, "max": 300}
_ENUM = {"type": "enum", "members": {"OFF": 0, "AUTO": 5}}
_STATUS = {"type": "tuple", "members": [{"type": "enum", "members": {"IDLE": 100, "BUSY": 300}}, {"type": "string"}]}


@pytest.mark.parametrize(
    ("value", "info", "text"),
    [
        (4.2, _DOUBLE, "4.2 K"),
        (20.137284, {"type": "double"}, "20.1373"),
        (20.137284, {"type": "double", "fmtstr": "%.3f", "unit": "V"}, "20.137 V"),
        (20.0, {"type": "double", "fmtstr": "%s%n", "unit": "V"}, "20 V"),
        (-0.00001, {"type": "double", "fmtstr": "%.1f"}, "0.0"),
        (True, _DOUBLE, "true"),
        ("warm", _DOUBLE, '"warm"'),
        (273, {"type": "scaled", "scale": 0.1, "unit": "K"}, "27.3 K"),
        (20, {"type": "scaled", "scale": 0.1}, "2.0"),
        (7, {"type": "scaled", "scale": 5}, "35"),
        (3, {"type": "scaled", "scale": 0.25}, "0.8"),
        (3, {"type": "scaled", "scale": 0}, "3"),
        (-3, {"type": "int", "unit": "mm"}, "-3 mm"),
        (False, {"type": "bool"}, "false"),
        (5, _ENUM, "AUTO"),
        (7, _ENUM, "7 (none of the members)"),
        ("a text", {"type": "string"}, "a text"),
        ("", {"type": "string"}, '""'),
        ("\x1b[31mred\n\ud800", {"type": "string"}, r"\x1b[31mred\n\ud800"),
        ("AAH/", {"type": "blob"}, "3 bytes 00 01 ff"),
        ("?", {"type": "blob"}, '"?"'),
        ([1, 2], {"type": "array", "members": {"type": "double", "unit": "T"}}, "[1, 2] T"),
        ([7] * 1000, {"type": "array", "members": {"type": "int"}}, "[" + "7, " * 16 + "... 1000 elements]"),
        ([4, "a b"], {"type": "tuple", "members": [{"type": "double", "unit": "s"}, {"type": "string"}]}, '(4 s, "a b")'),
        ([4], {"type": "tuple", "members": []}, "[4]"),
        ({"x": 1, "e": 5}, {"type": "struct", "members": {"x": _DOUBLE, "e": _ENUM}}, "{x: 1 K, e: AUTO}"),
        ({"len": [3, 2], "blob": ""}, {"type": "matrix", "elementtype": "<i2", "names": ["x", "y"]}, "x 3 x y 2 of <i2"),
        ([1], {}, "[1]"),
        ({"a": None}, {"type": "new"}, '{"a": null}'),
        (None, _DOUBLE, "null K"),
    ],
)  # fmt: skip
def test_values(value, info, text):
    assert layout.value_text(value, info) == text


@pytest.mark.parametrize(
    ("info", "text"),
    [
        (_DOUBLE, "double 0 … 300 K"),
        ({"type": "double"}, "double"),
        ({"type": "double", "min": 0}, "double ≥ 0"),
        ({"type": "int", "max": 1000000}, "int ≤ 1000000"),
        ({"type": "scaled", "scale": 0.1, "min": 0, "max": 2500, "unit": "K"}, "scaled 0.0 … 250.0 K"),
        (_ENUM, "enum OFF 0, AUTO 5"),
        ({"type": "string", "maxchars": 8}, "string ≤ 8 characters ASCII"),
        ({"type": "blob", "minbytes": 1, "maxbytes": 4}, "blob 1 … 4 bytes"),
        ({"type": "array", "minlen": 3, "maxlen": 3, "members": {"type": "double", "unit": "T"}}, "array 3 of double T"),
        ({"type": "struct", "members": {"a": {"type": "bool"}, "b": {"type": "int"}}, "optional": ["b"]}, "{a: bool, b?: int}"),
        ({"type": "command"}, "command without argument"),
        ({"type": "command", "argument": {"type": "bool"}, "result": {"type": "int"}}, "command bool → int"),
        ({"type": "new", "x": 1}, "new"),
        ({"x": 1}, '{"x": 1}'),
        ({}, "?"),
    ],
)  # fmt: skip
def test_types(info, text):
    assert layout.type_text(info) == text


def accessible(info, **properties):
    return {"description": "about it", "datainfo": info, "readonly": True, **properties}


REPORT = Description(
    {
        "equipment_id": "e",
        "modules": {
            "t": {
                "interface_classes": ["Drivable"],
                "description": "a thing",
                "accessibles": {
                    "value": accessible(_DOUBLE),
                    "status": accessible(_STATUS),
                    "target": accessible(_DOUBLE, readonly=False, checkable=True),
                    "mode": accessible(_ENUM, readonly=False),
                    "_on": accessible({"type": "bool"}, readonly=False),
                    "_size": accessible({"type": "int", "unit": "mm"}, constant=3),
                    "stop": {"description": "halt", "datainfo": {"type": "command"}},
                    "_set": {
                        "description": "set",
                        "datainfo": {"type": "command", "argument": _ENUM, "result": _DOUBLE},
                        "checkable": True,
                    },
                },
            },
            "tube": {"accessibles": {"value": {}, "odd": 3}},
        },
    }
)


def shown(line):
    console = Console(file=io.StringIO(), width=120, color_system=None)
    console.print(layout.message_text(Message.parse(line), REPORT), soft_wrap=True)
    return console.file.getvalue().strip()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("reply t:value [4.2, {}]", "reply t:value 4.2 K"),
        ('reply t:value [4.2, {"e": 0.1}]', "reply t:value 4.2 K ± 0.1"),
        ("reply t [4.2, {}]", "reply t 4.2 K"),
        ("changed t [4, {}]", "changed t 4 K"),
        ('update t:status [[300, "heating"], {}]', "update t:status BUSY heating"),
        ('update t:status [[100, ""], {}]', "update t:status IDLE"),
        ('update t:status [[1000, "odd"], {}]', "update t:status 1000 (none of the members) odd"),
        ("update t:status [7, {}]", "update t:status 7"),
        ("changed t:mode [5, {}]", "changed t:mode AUTO"),
        ("done t:stop [null, {}]", "done t:stop"),
        ("done t:_set [4, {}]", "done t:_set 4 K"),
        ("checked t:_set [5, {}]", "checked t:_set AUTO would be taken"),
        ("checked t:target [5, {}]", "checked t:target 5 K would be taken"),
        ("active", "active all modules"),
        ("active t", "active t"),
        ('logging t "debug"', 'logging t "debug"'),
        ('log t:info "warm now"', "log t info: warm now"),
        ('helping 1 "a line"', "a line"),
        ("ISSE,SECoP,V2019-09-16,v1.0", "this is a SEC node: ISSE,SECoP,V2019-09-16,v1.0"),
        ('error_read t:value ["HardwareError", "gone", {}]', "error_read t:value HardwareError: gone"),
        ('error_update t:value ["HardwareError", "gone", {}]', "error_update t:value HardwareError: gone"),
        (
            'error_change t:target ["Impossible", "no", {"closest_valid": 3}]',
            "error_change t:target Impossible: no; the closest that would be taken is 3 K",
        ),
        ('error  ["ProtocolError", "what?", {}]', "error ProtocolError: what?"),
        (
            "error_read t:value nonsense",
            "error_read t:value InternalError: an error report that is none: error_read t:value nonsense",
        ),
        ("reply t:value [4.2", "reply t:value [4.2"),
        ("reply t:value", "reply t:value"),
        ("reply t:value 4.2", "reply t:value 4.2 K"),
        ("reply t:nothing [[1], {}]", "reply t:nothing [1]"),
        ("pong x [null, {}]", "pong x"),
        ("some \x1b[31mrubbish", r"some \x1b[31mrubbish"),
        ("reply t:value [" + "[" * 100000, None),
    ],
)
def test_messages(line, words):
    text = shown(line)
    if words is not None:
        assert text.split() == words.split()


def test_time_of_day_and_date():
    now = datetime.now().replace(microsecond=50_000)
    assert layout.time_text(now.timestamp()) == f"{now:%H:%M:%S}.050"
    assert layout.time_text(time.time() - 400 * 86400)[:3] == "202"
    assert layout.time_text(1e300) == "t=1e+300"
    assert layout.time_text("12") == layout.time_text(None) == ""


def test_descriptions_with_gaps_are_shown():
    text = shown('describing . {"modules": {}}')
    assert "tube" in text and "odd" not in text and "constant 3 mm" in text
    for report in (None, [], {}, {"modules": []}, {"modules": {"m": {"accessibles": [1]}}}, {"modules": {"m": 3}}):
        description = Description(report)
        console = Console(file=io.StringIO())
        console.print(layout.description_table(description))
        console.print(layout.greeting(description, "here"))
        for line in ("", "read ", "change m:x ", "do m"):
            completion.candidates(description, line)
            completion.hint(description, line)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("re", ["read"]),
        ("*", ["*IDN?"]),
        ("read t:", ["t:value", "t:status", "t:target", "t:mode", "t:_on"]),
        ("read tu", ["tube:value"]),
        ("change t", ["t:target", "t:mode", "t:_on"]),
        ("do ", ["t:stop", "t:_set"]),
        ("check ", ["t:target", "t:_set"]),
        ("activate t", ["t", "tube"]),
        ("logging t ", ['"debug"', '"info"', '"error"', '"off"']),
        ("logging  d", ['"debug"']),
        ("change t:_on ", ["true", "false"]),
        ("change t:_on t", ["true"]),
        ("change t:mode ", ['"OFF"', '"AUTO"']),
        ('change t:mode "a', ['"AUTO"']),
        ("change t:mode au", ['"AUTO"']),
        ("do t:_set ", ['"OFF"', '"AUTO"']),
        ("change t:target ", []),
        ("ping ", []),
        ("describe x", []),
        ("read nothing:", []),
    ],
)
def test_completion(line, found):
    assert [text for text, _ in completion.candidates(REPORT, line)] == found


def test_check_is_offered_where_something_is_checkable_alone():
    assert "check" in [text for text, _ in completion.candidates(REPORT, "")]
    assert "check" not in [text for text, _ in completion.candidates(Description({}), "")]


def test_modules_come_first_where_there_are_many():
    accessibles = {f"_p{i}": accessible(_DOUBLE) for i in range(30)}
    many = Description({"modules": {"one": {"accessibles": accessibles}, "other": {"accessibles": accessibles}}})
    assert [text for text, _ in completion.candidates(many, "read o")] == ["one:", "other:"]
    assert len(completion.candidates(many, "read one")) == 30
    assert len(completion.candidates(many, "read one:_p2")) == 11


def test_hint_tells_what_is_wanted():
    assert completion.hint(REPORT, "change t:target 4") == "t:target: double 0 … 300 K"
    assert completion.hint(REPORT, "do t:_set ") == "t:_set: command enum OFF 0, AUTO 5 → double 0 … 300 K"
    assert completion.hint(REPORT, "ping t:target") == completion.hint(REPORT, "change t:x 4") == ""


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("h:1", ("h", 1)),
        ("h", ("h", 10767)),
        (":1", ("127.0.0.1", 1)),
        ("[::1]:7", ("::1", 7)),
        ("::1", ("::1", 10767)),
        ("[fe80::1]", ("fe80::1", 10767)),
    ],
)
def test_addresses(text, address):
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["h:", "h:0", "h:65536", "h:x", "h:²"])
def test_wrong_addresses(text):
    with pytest.raises(Problem):
        parse_address(text)
