"""What a user may say in a node's file and in a board's settings: one set of kinds, strict in the same way."""

import pytest

from tools.board import kept
from tools.image import image, own, source
from tools.kinds import Bytes, Number, Text


@pytest.mark.parametrize(
    ("value", "found"),
    [("5", 5), (" 5 ", 5), ("5e0", 5), ("5.", 5), (".5e1", 5), ("+5", 5), (5, 5), (5.0, 5), ("4.5", 4.5), (4.5, 4.5)],
)
def test_a_number(value, found):
    result = Number(1, 8, "V").parse(value)
    assert result == found and type(result) is type(found)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a",
        "9",
        "0",
        "nan",
        "inf",
        "1_0",
        "٣",
        "0x5",
        "5 V",
        True,
        None,
        [],
        {},
        float("nan"),
        float("inf"),
        10**400,
        "1e999",
    ],
)
def test_what_is_no_number_from_1_to_8(value):
    with pytest.raises(ValueError, match=r"\bnumber\b.* 1 to 8 V$"):
        Number(1, 8, "V").parse(value)


@pytest.mark.parametrize("value", ["4.5", 4.5])
def test_a_whole_number(value):
    assert Number(1, 8, whole=True).parse("5.0") == 5
    with pytest.raises(ValueError, match=r"\bwhole number\b.* 1 to 8$"):
        Number(1, 8, whole=True).parse(value)


def test_a_text():
    assert Text("[a-z]+", "small letters").parse("abc") == "abc"
    for value in ("", "abc\n", "Abc", 1, None):
        with pytest.raises(ValueError, match="small letters$"):
            Text("[a-z]+", "small letters").parse(value)
    assert Bytes(1, 4).parse("éé") == "éé"
    for value in ("", "ééé", "a\n", "\x1b", 1, None):
        with pytest.raises(ValueError, match=r"\b1 to 4 bytes$"):
            Bytes(1, 4).parse(value)


def test_each_key_has_such_a_kind():
    """What `secnode configure` does with one it can do with all."""
    places = own.places(source.read(image.node_file("oven")))
    for kind in [*kept.KEYS.values(), *(place.kind for place in places.values())]:
        assert isinstance(kind.words, str) and isinstance(kind.secret, bool)
        with pytest.raises(ValueError):
            kind.parse("\x00")
    assert [key for key, kind in kept.KEYS.items() if kind.secret] == ["wifi.password"]


def test_a_country_is_two_letters():
    assert kept.KEYS["wifi.country"].parse("de") == "DE"
    for value in ("d", "DEU", "DÉ", "D1"):
        with pytest.raises(ValueError, match="two letters"):
            kept.KEYS["wifi.country"].parse(value)
