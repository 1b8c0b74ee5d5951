"""What a driver gives becomes a value of its type or is refused; what leaves the node is JSON, and finite."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from host_tests.properties import coded, values
from host_tests.properties.served import Refused

NOT_FINITE = [math.nan, math.inf, -math.inf, 1e39, -1e39]

driver_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-10000, 10000), st.floats(), values.short_text, st.binary(max_size=8),
        st.sampled_from([*NOT_FINITE, 10**30, 10**400]),
    ),
    lambda v: st.one_of(
        st.lists(v, max_size=3), st.lists(v, max_size=3).map(tuple), st.dictionaries(values.names, v, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip


def convert(types, d, value):
    inside, wire = types.ask("convert", d, coded.encode(value))
    return coded.decode(inside), coded.to_bytes(wire)


@given(d=values.datainfos, value=driver_values)
def test_whatever_a_driver_gives_the_wire_has_json(types, d, value):
    try:
        _, wire = convert(types, d, value)
    except Refused as e:
        assert e.kind not in ("RecursionError", "RuntimeError", "MemoryError")
    else:
        values.strict_json(wire)
        assert b"\n" not in wire


def whole(d):
    """A datainfo in which nothing is optional."""
    d = {key: value for key, value in d.items() if key != "optional"}
    if d["type"] == "array":
        d["members"] = whole(d["members"])
    elif d["type"] == "tuple":
        d["members"] = [whole(m) for m in d["members"]]
    elif d["type"] == "struct":
        d["members"] = {name: whole(m) for name, m in d["members"].items()}
    return d


@given(case=values.datainfos.map(whole).flatmap(lambda d: st.tuples(st.just(d), values.valid(d))))
def test_what_a_check_gave_is_a_drivers_value(types, case):
    d, value = case
    inside = values.Verdict(d, value).inside
    assert values.same(convert(types, d, inside)[0], inside)


@pytest.mark.parametrize("value", NOT_FINITE, ids=str)
@pytest.mark.parametrize(
    "d",
    [
        {"type": "double"},
        {"type": "double", "min": 0, "max": 1},
        {"type": "scaled", "scale": 0.1, "min": 0, "max": 10},
        {"type": "enum", "members": {"A": 0}},
    ],
    ids=["double", "double with limits", "scaled", "enum"],
)
def test_no_number_that_is_not_finite_gets_in(types, d, value):
    array = {"type": "array", "members": d, "maxlen": 3}
    struct = {"type": "struct", "members": {"a": d}}
    for datainfo, given_value in ((d, value), (array, [0, value]), (struct, {"a": value})):
        with pytest.raises(Refused):
            convert(types, datainfo, given_value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf], ids=str)
def test_an_int_is_finite(types, value):
    with pytest.raises(Refused):
        convert(types, {"type": "int", "min": 0, "max": 1}, value)


def test_a_value_outside_the_range_goes_out_as_it_is(types):
    assert convert(types, {"type": "double", "min": 0, "max": 1}, 7.5) == (7.5, b"7.5")
    assert convert(types, {"type": "int", "min": 0, "max": 1}, -3) == (-3, b"-3")
    assert convert(types, {"type": "scaled", "scale": 0.5, "min": 0, "max": 2}, 7.5) == (7.5, b"15")


WRONG_KIND = [
    ({"type": "double"}, "warm"),
    ({"type": "double"}, None),
    ({"type": "double"}, "1.5"),
    ({"type": "double"}, True),
    ({"type": "double"}, 10**400),
    ({"type": "scaled", "scale": 0.1, "min": 0, "max": 9}, "1.5"),
    ({"type": "int", "min": 0, "max": 9}, 2.7),
    ({"type": "int", "min": 0, "max": 9}, "5"),
    ({"type": "int", "min": 0, "max": 9}, True),
    ({"type": "int", "min": 0, "max": 9}, 10**400),
    ({"type": "bool"}, "off"),
    ({"type": "bool"}, ""),
    ({"type": "bool"}, 2),
    ({"type": "bool"}, -1),
    ({"type": "bool"}, 1.0),
    ({"type": "bool"}, None),
    ({"type": "bool"}, []),
    ({"type": "enum", "members": {"OFF": 0}}, False),
    ({"type": "enum", "members": {"OFF": 0}}, 0.5),
    ({"type": "enum", "members": {"OFF": 0}}, [0]),
    ({"type": "string", "maxchars": 9}, None),
    ({"type": "blob", "maxbytes": 9}, [1, 2]),
    ({"type": "array", "members": {"type": "string", "maxchars": 9}, "maxlen": 9}, "text"),
    ({"type": "array", "members": {"type": "int", "min": 0, "max": 9}, "maxlen": 9}, [1, "2"]),
    ({"type": "array", "members": {"type": "string", "maxchars": 9}, "maxlen": 9}, {"a": 1}),
    ({"type": "tuple", "members": [{"type": "string", "maxchars": 9}] * 2}, "ab"),
    ({"type": "struct", "members": {"a": {"type": "bool"}}}, {"a": True, "b": 1}),
    ({"type": "struct", "members": {"a": {"type": "bool"}}}, "a"),
    ({"type": "matrix", "elementtype": "<i2", "names": ["x"], "maxlen": [2]}, (["1"], b"ab")),
    ({"type": "matrix", "elementtype": "<i2", "names": ["x"], "maxlen": [2]}, 5),
    ({"type": "int", "min": 0, "max": 9}, [1]),
    ({"type": "enum", "members": {"OFF": 0}}, "ON"),
    ({"type": "enum", "members": {"OFF": 0}}, 1),
    ({"type": "string", "maxchars": 9}, 5),
    ({"type": "string", "maxchars": 9}, b"bytes"),
    ({"type": "blob", "maxbytes": 9}, 5),
    ({"type": "blob", "maxbytes": 9}, "text"),
    ({"type": "array", "members": {"type": "bool"}, "maxlen": 9}, 5),
    ({"type": "tuple", "members": [{"type": "bool"}] * 2}, [True]),
    ({"type": "struct", "members": {"a": {"type": "bool"}}}, {}),
    ({"type": "struct", "members": {"a": {"type": "bool"}}}, [True]),
    ({"type": "matrix", "elementtype": "<i2", "names": ["x"], "maxlen": [2]}, ([2], b"abc")),
]


@pytest.mark.parametrize("d,value", WRONG_KIND, ids=[f"{d['type']} {v!r}" for d, v in WRONG_KIND])
def test_a_driver_value_of_another_kind_is_refused(types, d, value):
    with pytest.raises(Refused) as refused:
        convert(types, d, value)
    assert refused.value.kind == "HardwareError"


RIGHT_KIND = [
    ({"type": "double"}, 3, 3.0),
    ({"type": "scaled", "scale": 0.5, "min": 0, "max": 9}, 1, 1.0),
    ({"type": "int", "min": 0, "max": 9}, 2.0, 2),
    ({"type": "bool"}, 0, False),
    ({"type": "bool"}, 1, True),
    ({"type": "enum", "members": {"OFF": 0, "ON": 1}}, "ON", 1),
    ({"type": "enum", "members": {"OFF": 0, "ON": 1}}, 1.0, 1),
    ({"type": "blob", "maxbytes": 9}, bytearray(b"ab"), b"ab"),
    ({"type": "array", "members": {"type": "double"}, "maxlen": 9}, (1, 2.5), [1.0, 2.5]),
    ({"type": "tuple", "members": [{"type": "bool"}] * 2}, [1, False], (True, False)),
]


@pytest.mark.parametrize("d,value,inside", RIGHT_KIND, ids=[f"{d['type']} {v!r}" for d, v, _ in RIGHT_KIND])
def test_a_driver_value_that_stands_for_the_kind(types, d, value, inside):
    found = convert(types, d, value)[0]
    assert found == inside and type(found) is type(inside)


@given(d=values.datainfos, value=driver_values)
def test_what_a_driver_gives_is_taken_or_a_hardware_error(types, d, value):
    try:
        found, _ = convert(types, d, value)
    except Refused as e:
        assert e.kind == "HardwareError", e.text
    else:
        assert values.is_kind(d, found)


@given(case=values.datainfos.map(whole).flatmap(lambda d: st.tuples(st.just(d), values.anything(d))))
def test_a_value_is_within_its_limits_if_a_client_could_set_it(types, case):
    d, value = case
    verdict = values.Verdict(d, value)
    assume(not verdict.close)
    if "WrongType" in verdict.errors:
        return
    inside = verdict.inside
    try:
        taken = types.ask("is_within", d, coded.encode(inside))
    except Refused as e:
        assert e.kind == "HardwareError"  # no such name in the enum, or no finite number
    else:
        assert taken is (not verdict.errors)


def test_a_struct_of_a_driver_is_whole(types):
    d = {"type": "struct", "members": {"a": {"type": "bool"}, "b": {"type": "bool"}}, "optional": ["b"]}
    assert convert(types, d, {"a": True, "b": False})[0] == {"a": True, "b": False}
    with pytest.raises(Refused, match=r"\bmember b\b"):
        convert(types, d, {"a": True})  # only clients may leave it out
