"""What a datainfo allows is accepted, what it does not allow is refused with the right class, and what goes out comes back."""

import pytest
from hypothesis import assume, event, example, given
from hypothesis import strategies as st

from host_tests.properties import coded, values
from host_tests.properties.served import Refused

with_valid = values.datainfos.flatmap(lambda d: st.tuples(st.just(d), values.valid(d)))
with_anything = values.datainfos.flatmap(lambda d: st.tuples(st.just(d), values.anything(d)))


def check(types, d, value, current=None):
    """[inside, wire, inside again] of a value."""
    texts = [coded.to_hex(values.render(v)) for v in ([value] if current is None else [value, current])]
    inside, wire, again = types.ask("check", d, *texts)
    return coded.decode(inside), coded.to_bytes(wire), coded.decode(again)


@given(case=with_valid)
def test_what_is_described_is_accepted(types, case):
    d, value = case
    verdict = values.Verdict(d, value)
    assert verdict.errors == set()
    inside, wire, again = check(types, d, value)
    assert values.same(inside, verdict.inside)
    values.strict_json(wire)
    assert values.same(again, inside), "sent out and checked again it is another value"


@given(case=with_anything)
@example(case=({"type": "array", "members": {"type": "int", "min": 0, "max": 1}, "maxlen": 2}, [5, "x"]))
@example(case=({"type": "tuple", "members": [{"type": "int", "min": 0, "max": 1}, {"type": "bool"}]}, [10**400, 1]))
@example(
    case=({"type": "struct", "members": {"a": {"type": "int", "min": 0, "max": 1}, "b": {"type": "bool"}}}, {"a": 2, "b": 0})
)
@example(case=({"type": "matrix", "elementtype": "<u1", "names": ["x"], "maxlen": [2]}, {"len": [1e39], "blob": 1}))
@example(
    case=({"type": "matrix", "elementtype": "<u1", "names": ["x", "y"], "maxlen": [2, 2]}, {"len": [1e39, "1"], "blob": ""})
)
def test_every_value_is_judged_as_described(types, case):
    d, value = case
    verdict = values.Verdict(d, value)
    assume(not verdict.close)
    event(str(verdict.error))
    if verdict.error is None:
        assert values.same(check(types, d, value)[0], verdict.inside)
    else:
        with pytest.raises(Refused) as refused:
            check(types, d, value)
        assert refused.value.kind == verdict.error, refused.value.text


@given(d=values.datainfos)
def test_the_default_fits_the_description(types, d):
    inside, wire, again = types.ask("default", d)
    values.strict_json(coded.to_bytes(wire))
    assert values.same(coded.decode(again), coded.decode(inside))


@given(case=values.structs(values.scalars).flatmap(lambda d: st.tuples(st.just(d), values.valid(d), values.valid(d))))
def test_what_is_left_out_of_a_struct_keeps_the_current_value(types, case):
    d, value, current = case
    inside, _, _ = check(types, d, value, current)
    expected = {**values.Verdict(d, current).inside, **values.Verdict(d, value).inside}
    assert values.same(inside, expected)


NUMBERS = [  # JSON, and what a double, an int and a scaled of step 0.1 (each from -1e6 to 1e6) make of it
    ("true", "WrongType", "WrongType", "WrongType"),
    ("false", "WrongType", "WrongType", "WrongType"),
    ("null", "WrongType", "WrongType", "WrongType"),
    ('"1"', "WrongType", "WrongType", "WrongType"),
    ("[1]", "WrongType", "WrongType", "WrongType"),
    ("1", 1.0, 1, 0.1),
    ("1.0", 1.0, 1, 0.1),
    ("10e-1", 1.0, 1, 0.1),
    ("1E2", 100.0, 100, 10.0),
    ("1.5", 1.5, "WrongType", "WrongType"),
    ("-0", 0.0, 0, 0.0),
    ("-0.0", -0.0, 0, 0.0),
    ("1e-400", 0.0, 0, 0.0),
    ("1000001", "RangeError", "RangeError", "RangeError"),
    ("3.5e38", "RangeError", "RangeError", "RangeError"),
    ("-3.5e38", "RangeError", "RangeError", "RangeError"),
    ("1e400", "RangeError", "RangeError", "RangeError"),
    ("-1e400", "RangeError", "RangeError", "RangeError"),
    ("1" + "0" * 400, "RangeError", "RangeError", "RangeError"),
    ("-1" + "0" * 400, "RangeError", "RangeError", "RangeError"),
    ("1" + "0" * 900 + ".0", "RangeError", "RangeError", "RangeError"),
]


@pytest.mark.parametrize("case", NUMBERS, ids=[n[0][:12] for n in NUMBERS])
def test_numbers(types, case):
    text, *expected = case
    for more, wanted in zip(({"type": "double"}, {"type": "int"}, {"type": "scaled", "scale": 0.1}), expected, strict=True):
        try:
            found = coded.decode(types.ask("check", {"min": -1000000, "max": 1000000, **more}, coded.to_hex(text))[0])
        except Refused as e:
            found = e.kind
        assert values.same(found, wanted), more["type"]


@pytest.mark.parametrize("text", ["3.41e38", "-3.41e38", "1e39", "1e308", "1" + "0" * 39])
def test_a_double_without_limits_ends_where_single_precision_does(types, text):
    with pytest.raises(Refused) as refused:
        types.ask("check", {"type": "double"}, coded.to_hex(text))
    assert refused.value.kind == "RangeError"
    for good in ("3.4e38", "-3.4e38"):
        types.ask("check", {"type": "double"}, coded.to_hex(good))


def test_the_text_of_a_range_error_has_the_limit_and_the_unit(types):
    with pytest.raises(Refused) as refused:
        check(types, {"type": "double", "min": 0, "max": 120, "unit": "°C"}, 121)
    assert "121" in refused.value.text and "120 °C" in refused.value.text
