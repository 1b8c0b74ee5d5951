"""What a driver gives becomes a value of its type or is refused; what leaves the node is JSON, and finite."""

import math

import pytest
from hypothesis import given
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
    with pytest.raises(Refused):
        convert(types, d, value)


def test_a_struct_of_a_driver_is_whole(types):
    d = {"type": "struct", "members": {"a": {"type": "bool"}, "b": {"type": "bool"}}, "optional": ["b"]}
    assert convert(types, d, {"a": True, "b": False})[0] == {"a": True, "b": False}
    with pytest.raises(Refused, match="the member b is missing"):
        convert(types, d, {"a": True})  # only clients may leave it out
