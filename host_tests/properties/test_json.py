"""The parser takes what RFC 8259 calls JSON and nothing else, and a line's text is UTF-8 without control characters."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from host_tests.properties import coded, values
from host_tests.properties.served import Refused

DEPTH = 10  # levels that are taken at least; deeper values may be BadJSON


def expected(text):
    """The value, or None with True if the text has to be refused (None, False if it may be)."""
    try:
        value = values.strict_json(text)
    except (ValueError, RecursionError):
        return None, "must be refused"
    return value, "may be refused" if values.depth(value) > DEPTH else "must be taken"


def compare(types, text):
    """The firmware's parser against Python's, on str or UTF-8."""
    value, verdict = expected(text)
    try:
        found = types.parse(text)
    except Refused as e:
        assert e.kind == "BadJSON", e
        assert verdict != "must be taken", e.text
    else:
        assert verdict != "must be refused", f"taken as {found!r}"
        assert values.same(found, value)


@given(value=values.json_values, ascii_only=st.booleans(), indent=st.sampled_from([None, 0, "\t"]))
def test_what_python_writes_is_read(types, value, ascii_only, indent):
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert values.same(types.parse(text), value)


PIECES = [*"[]{}:,\"'\\/01.-+eEutfn \t\r\x00\x0b\x7f\ufeff°", "", "NaN", "null"]
ESCAPED = r'"(\\u[dD][89abAB][0-9a-f]{2}|\\u[dD][c-fC-F][0-9a-f]{2}|\\u00[0-9A-F]{2}|\\[bfnrt"/\\]|a){0,5}"'


@st.composite
def damaged(draw):
    """JSON text with a few characters changed."""
    text = json.dumps(draw(values.json_values), ensure_ascii=draw(st.booleans()))
    for _ in range(draw(st.integers(1, 3))):
        i = draw(st.integers(0, len(text)))
        j = draw(st.integers(i, min(i + 2, len(text))))
        text = text[:i] + draw(st.sampled_from(PIECES)) + text[j:]
    return text


@given(text=damaged())
def test_damaged_json_is_judged_as_by_python(types, text):
    compare(types, text)


@given(text=st.text(st.sampled_from('[]{}:,"\\u0d8cDF1-+.eEtrufalsn '), max_size=20))
def test_soup_is_judged_as_by_python(types, text):
    compare(types, text)


@given(text=st.from_regex(ESCAPED, fullmatch=True))
@example(text='"\\ud83d\\ude00"')
@example(text='"\\uDBFF\\uDFFF"')
@example(text='"\\ude00\\ud83d"')
def test_escapes_are_judged_as_by_python(types, text):
    compare(types, text)


@given(text=st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", fullmatch=True))
def test_numbers_are_read_as_by_python(types, text):
    compare(types, text)


REFUSED = [
    "", " ", "[1,]", '{"a":1,}', "[,1]", "[1 2]", '{"a" 1}', "{a:1}", "{1:1}", "{'a':1}", "'a'", "01", "-01", "+1",
    "1.", ".5", "1e", "1e+", "-", "0x10", "1_000", "NaN", "nan", "Infinity", "-Infinity", "inf", "tru", "True", "nulll",
    "1 2", "[] []", "1,", "[", "]", "{", "}", '"', '"a', '"a\\"', '"\\x41"', '"\\u12"', '"\\u12g4"', '"\\u 123"',
    '"\\ud800"', '"\\ud800x"', '"\\ud800\\n"', '"\\udc00"', '"\\ud800\\ud800"', '"\\ud800\\u0041"', '"a\nb"', '"a\tb"',
    '"\x00"', "\x00", "1\x00", "\ufeff1", "\u00a01", "/* */1", "1//", "[1;2]", "\x0b1", "١",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=ascii)
def test_what_is_no_json(types, text):
    with pytest.raises(ValueError):
        values.strict_json(text)
    with pytest.raises(Refused) as refused:
        types.parse(text)
    assert refused.value.kind == "BadJSON"


@pytest.mark.parametrize(
    "text",
    ["[" * 200 + "]" * 200, "[" * 1000, '{"a":' * 200 + "1" + "}" * 200, '[{"a":' * 160, "[" * 11 + "1" + "]" * 11],
    ids=["200 arrays", "1000 brackets", "200 objects", "mixed", "11 levels"],
)
def test_nesting_is_refused_before_the_stack_is_used_up(types, text):
    with pytest.raises(Refused) as refused:
        types.parse(text)
    assert refused.value.kind == "BadJSON"


def test_nesting_that_is_taken(types):
    text = "[" * DEPTH + "1" + "]" * DEPTH
    assert types.parse(text) == json.loads(text)


@given(text=st.one_of(st.binary(max_size=12), st.text(max_size=8).map(lambda t: t.encode("utf-8", "surrogatepass"))))
@example(text=b"\xc0\x80")  # overlong
@example(text=b"\xe0\x9f\xbf")
@example(text=b"\xf0\x8f\xbf\xbf")
@example(text=b"\xed\xa0\x80")  # a surrogate
@example(text=b"\xf4\x8f\xbf\xbf")  # the last character
@example(text=b"\xf4\x90\x80\x80")
@example(text=b"\xe2\x82")  # cut off
def test_text_is_strict_utf_8_without_control_characters(types, text):
    try:
        wanted = not any(ord(c) < 0x20 or ord(c) == 0x7F for c in text.decode())
    except UnicodeDecodeError:
        wanted = False
    assert types.ask("is_text", coded.to_hex(text)) is wanted
