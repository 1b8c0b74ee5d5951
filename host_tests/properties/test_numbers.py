"""A number that is printed reads back as itself, in the fewest digits; one that is read is the nearest one there is."""

import json
import math
import struct
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from host_tests.properties import coded, values
from host_tests.properties.served import Refused

_DECIMAL = Context(prec=1000, Emax=10**15, Emin=-(10**15))


def single(value):
    """The single-precision number nearest to an exact one (ties to even), inf beyond all of them."""
    if value == 0:
        return 0.0
    exponent = math.floor(math.log2(abs(value.numerator)) - math.log2(value.denominator)) - 25
    unit = Fraction(2) ** max(exponent, -149)
    while abs(value) / unit >= 2**24 or unit < Fraction(2) ** -149:
        unit *= 2
    found = round(value / unit) * unit  # Python's rounds ties to even
    return math.copysign(math.inf if abs(found) >= 2**128 else float(found), value)


def nearest(text, bits):
    """What a level makes of a literal: not representable in single precision is inf or 0 everywhere."""
    first = _DECIMAL.create_decimal(text).adjusted()
    if not _DECIMAL.create_decimal(text) or first < -45:
        return math.copysign(0.0, -1 if text[0] == "-" else 1)
    if first > 38:
        return math.copysign(math.inf, -1 if text[0] == "-" else 1)
    return float(text) if bits == 53 else math.copysign(single(Fraction(text)), -1 if text[0] == "-" else 1)


def shortest(value, bits):
    """The text in the fewest digits that is read as a float, the nearest one of them, as repr() writes it."""
    if bits == 53 or value == 0:
        return repr(value)
    exact = Decimal(value)
    for digits in range(1, 10):
        rounded = [Context(digits, rounding).create_decimal(exact) for rounding in (ROUND_FLOOR, ROUND_CEILING)]
        good = [r for r in rounded if single(Fraction(r)) == value]
        if good:  # the nearer one, of two as near the even one
            return repr(float(min(good, key=lambda r: (abs(Fraction(r) - Fraction(value)), r.as_tuple().digits[-1] % 2))))
    raise AssertionError(value)


@pytest.fixture(scope="session")
def bits(types):
    return types.ask("bits")


def patterns(bits):
    """Finite numbers by their bits."""
    form, size = ("<f", 4) if bits == 24 else ("<d", 8)
    numbers = st.binary(min_size=size, max_size=size).map(lambda b: struct.unpack(form, b)[0])
    return numbers.filter(math.isfinite)


def narrow(value, bits):
    return struct.unpack("<f", struct.pack("<f", value))[0] if bits == 24 else value


PLAIN = st.builds(lambda n, e: float(f"{n}e{e}"), st.integers(-(10**7), 10**7), st.integers(-9, 3))
EDGES = [0.0, -0.0, 0.96, 99.9, 0.1, 1e-4, 9.9999e-5, 1e16, 9999999.0, 16777216.0, 33554432.0, 1e-45, 3.4e38, 1e22, 1e23]


def printed(types, value):
    text, again = types.ask("printed", coded.encode(value))
    return coded.to_bytes(text).decode(), coded.decode(again)


def look(types, bits, value):
    text, again = printed(types, value)
    assert text == shortest(value, bits)
    wanted = nearest(text, bits)
    assert struct.pack("<d", again) == struct.pack("<d", wanted)
    if 1e-44 < abs(value) <= 3.4e38:
        assert again == value, text


@given(data=st.data())
def test_a_number_is_printed_in_the_fewest_digits_that_read_back(types, bits, data):
    look(types, bits, narrow(data.draw(patterns(bits) | PLAIN), bits))


@given(exponent=st.integers(-149, 127), beside=st.integers(-1, 1))
def test_powers_of_two_and_their_neighbours(types, bits, exponent, beside):
    value = math.ldexp(1.0, exponent)
    if bits == 24:
        pattern = struct.unpack("<i", struct.pack("<f", value))[0] + beside
        value = struct.unpack("<f", struct.pack("<i", pattern))[0]
    elif beside:
        value = math.nextafter(value, beside * math.inf)
    look(types, bits, value)


@pytest.mark.parametrize("value", EDGES, ids=repr)
def test_numbers_at_the_edges_of_the_notation(types, bits, value):
    look(types, bits, narrow(value, bits))
    look(types, bits, narrow(-value, bits))


def test_a_value_with_one_decimal_place_is_printed_so(types):
    for n in range(1, 1000):
        assert printed(types, n / 10)[0] == f"{n // 10}.{n % 10}"


def test_numbers_within_others(types):
    value = [0.96, [99.9, {"a": (0.1, 3, None, True, "0.30000000000000004"), "°": []}], {}]
    assert printed(types, value)[0] == json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf], ids=str)
def test_what_is_not_finite_is_never_printed(types, value):
    for whole in (value, [value], {"a": value}):
        with pytest.raises(Exception, match="no finite number"):
            types.ask("printed", coded.encode(whole))


@pytest.mark.parametrize("value", [0.5, 25.3, 0.96, 99.9, 1 / 3, 1e-12, 1e10, 3.4e38, 1e-40, [0.96, 99.9, 1 / 3], {"a": 0.96}])
def test_printing_takes_no_memory(types, bits, value):
    first, again = types.ask("allocated", coded.encode(value))
    assert again == 0
    assert first == 0


LITERALS = st.one_of(
    st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?[eE][+-]?[0-9]{1,3}", fullmatch=True),
    st.from_regex(r"-?(0|[1-9][0-9]{0,200})\.[0-9]{1,200}([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    # far out of range, and back by the exponent
    st.builds(lambda z, d, e: f"0.{'0' * z}{d}e{e}", st.integers(0, 380), st.integers(1, 99999), st.integers(0, 420)),
    st.builds(lambda d, z, e: f"{d}{'0' * z}.0e-{e}", st.integers(1, 99999), st.integers(0, 380), st.integers(0, 420)),
)


@given(text=LITERALS)
@example(text="3.723504314e106")
@example(text="1e129")
@example(text="3e127")
@example(text="1.5e126")
@example(text="9.25e121")
@example(text="1e-128")
@example(text="3e-129")
@example(text="-1e-128")
@example(text="0e400")
@example(text="-0e-400")
@example(text="1e99999999999999")
@example(text="-1e-99999999999999")
@example(text="3.4028235e38")
@example(text="3.4028235677973366e38")  # half a step beyond the largest number of single precision
@example(text="1e38")
@example(text="9.9e38")
@example(text="1e-45")
@example(text="7.0064923216240853546186479164495e-46")  # half the smallest one
@example(text="7.1e-46")
@example(text="16777217.0")
@example(text="16777217.00000000000000000000000000000000000001")
@example(text="9007199254740993.0")
@example(text="9007199254740993.000000000000000000000000000001")
@example(text="99.9")
@example(text="1e23")
def test_a_literal_is_read_as_the_nearest_number(types, bits, text):
    found = types.parse(text)
    assert isinstance(found, float)
    assert struct.pack("<d", found) == struct.pack("<d", nearest(text, bits)), (found, nearest(text, bits))


@st.composite
def literals(draw):
    """A number as JSON has it, of up to 400 digits with the point anywhere; most are of a size that somebody means."""
    digits = str(draw(st.integers(0, 10 ** draw(st.integers(1, 400)) - 1)))
    zeros = draw(st.integers(0, 400 - len(digits)) | st.just(0))
    before = draw(st.booleans())
    digits = "0" * zeros + digits if before else digits + "0" * zeros
    point = draw(st.integers(1, len(digits)) | st.just(len(digits)))
    whole = digits[:point].lstrip("0") or "0"
    text = draw(st.sampled_from(["", "-"])) + whole + ("." + digits[point:] if digits[point:] else "")
    how = draw(st.sampled_from(["near", "far", "without"]))
    if how == "without":
        return text
    size = draw(st.integers(-50, 45) if how == "near" else st.integers(-900, 900))  # of what the first digit stands for
    first = _DECIMAL.create_decimal(text).adjusted()
    exponent = str(abs(size - first)).zfill(draw(st.integers(1, 400) | st.just(1)))
    return text + draw(st.sampled_from("eE")) + ("-" if size < first else draw(st.sampled_from(["", "+"]))) + exponent


JUDGES = [
    {"type": "double"},
    {"type": "double", "min": 0, "max": 120},
    {"type": "double", "min": -1e30, "max": 1e-30},
    {"type": "int", "min": -1000, "max": 1000000},
    {"type": "scaled", "scale": 0.1, "min": -1000, "max": 1000000},
]


@given(text=literals(), d=st.sampled_from(JUDGES))
@example(text="3.723504314e106", d=JUDGES[0])  # a target that MicroPython 1.26 on takes as 0
@example(text="3.723504314e106", d=JUDGES[1])
@example(text="1e129", d=JUDGES[3])
@example(text="1" + "0" * 399, d=JUDGES[1])
@example(text="-1" + "0" * 398 + ".0", d=JUDGES[4])
@example(text="0." + "0" * 398 + "1e499", d=JUDGES[0])
@example(text="0." + "0" * 398 + "1e" + "401".zfill(400), d=JUDGES[1])
@example(text="1" + "0" * 398 + ".5e-398", d=JUDGES[1])
def test_a_literal_of_any_length_is_taken_as_it_is_or_refused(types, bits, text, d):
    """Nothing out of range ever becomes a zero, or another number, that is within."""
    value = nearest(text, bits) if set(text) & set(".eE") else int(text)
    verdict = values.Verdict(d, value)
    exact = abs(_DECIMAL.create_decimal(text))
    assume(not verdict.close and not 0.999 < _DECIMAL.divide(exact, Decimal(values.MAX)) < 1.001)
    try:
        found = coded.decode(types.ask("check", d, coded.to_hex(text))[0])
    except Refused as e:
        assert e.kind == verdict.error, text
        return
    assert verdict.error is None, f"{text} is taken as {found!r}"
    if found == 0:
        assert exact < Decimal("1e-45"), text
    if isinstance(found, float):
        wanted = float(verdict.inside) if bits == 53 else single(Fraction(verdict.inside))
        assert math.isclose(found, wanted, rel_tol=0 if d["type"] == "double" else 1e-6), text
    else:
        assert found == verdict.inside, text


@given(value=st.integers(-(10**400), 10**400))
@example(value=10**9 - 1)
@example(value=10**9)
@example(value=2**30)
@example(value=-(2**31))
def test_whole_numbers_are_exact(types, value):
    assert types.parse(str(value)) == value


@given(value=st.one_of(st.integers(-(10**38), 10**38), st.sampled_from([16777217, -16777219, 2**53 + 1, 1234567890123])))
def test_a_whole_number_becomes_the_nearest_double(types, bits, value):
    inside = coded.decode(types.ask("check", {"type": "double"}, coded.to_hex(str(value)))[0])
    assert inside == (float(value) if bits == 53 else single(Fraction(value)))
