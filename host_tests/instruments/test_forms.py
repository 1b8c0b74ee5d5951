"""Forms of answers: what is of a form is read, what is not is refused; and what a request costs."""

from pathlib import Path

import pytest

from host_tests.properties.served import Refused, fixture

asking = fixture(Path(__file__).with_name("asking.py"))


@pytest.mark.parametrize(
    "form, text, value",
    [
        ("%f", "+077.350", 77.35),
        ("%f", " -1.25E-05", -1.25e-5),
        ("%7f", "+77.350", 77.35),
        ("%d", "-12", -12),
        ("%x", "1F", 31),
        ("%s", "LSCI,MODEL331S", "LSCI,MODEL331S"),
        ("PR1,%d,%f", "PR1,0,1.5", [0, 1.5]),
        ("%*d,%f", "0,2.5", 2.5),
        ("%s,%s", "a,b,c", ["a", "b,c"]),
        ("%d%%", "50%", 50),
        ("OK", "OK", []),
        ("%c,%f", "3,1.0E+2", [3, 100.0]),
        ("%f", "1E2", 100.0),
        ("%f", "-0.0005", -0.0005),
        ("%f", ".5", 0.5),
        ("%3d%3d", "  1 +2", [1, 2]),
        ("%x", "ff", 255),
        ("%d;%s;%f", "1;a b;2", [1, "a b", 2.0]),
        ("%s", "", ""),
    ],
)
def test_what_is_of_a_form_is_read(asking, form, text, value):
    found = asking.ask("parsed", form, text)
    assert found == (pytest.approx(value, rel=1e-6) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    "form, text",
    [
        ("%f", ""), ("%f", "nan"), ("%f", "inf"), ("%f", "1_0"), ("%f", "1.5 "), ("%f", "1.5K"), ("%f", "1e"), ("%f", "--1"),
        ("%7f", "+77.35"), ("%7f", "+77.3500"), ("%d", "1.5"), ("%x", ""), ("PR1,%d", "PR2,1"), ("%d,%d", "1"), ("OK", "OKK"),
        ("%s,%d", "a"), ("%f", "."), ("%d", "+"),
    ],
)  # fmt: skip
def test_what_is_not_is_refused(asking, form, text):
    with pytest.raises(Refused, match="ValueError"):
        asking.ask("parsed", form, text)


@pytest.mark.parametrize("form", ["%", "%q", "%5", "%d%d", "%f%s", "%.3f"])
def test_a_form_that_is_none(asking, form):
    with pytest.raises(Refused, match="ValueError"):
        asking.ask("fields", form)


def test_fields(asking):
    assert asking.ask("fields", "%2d%f,%*s,%%%x") == "dfx"


def test_a_request_keeps_nothing(asking, level):
    if level != "cpython":  # which does not count
        garbage, kept, _ = asking.ask("cost", 20)
        assert kept <= 64
        assert garbage <= (400 if level == "board-like" else 800)


def test_a_request_of_modbus_keeps_nothing(asking, level):
    if level != "cpython":
        garbage, kept, _ = asking.ask("cost", 20, True)
        assert kept <= 64
        assert garbage <= (800 if level == "board-like" else 1600)


def test_a_prefix_and_a_pause(asking):
    sent, answers = asking.ask("spoken", {"prefix": "#01", "pause": 80}, ["A?", "B?"], 1)
    assert [text for _, text in sent] == ["#01A?\r\n", "#01B?\r\n"] and answers == ["A1:1000001"] * 2
    assert sent[1][0] >= 80


def test_without_a_pause_nobody_waits(asking):
    sent, _ = asking.ask("spoken", {}, ["A?", "B?"], 1)
    assert sent[1][0] < 80


@pytest.mark.parametrize("takes", [1000, 2])
def test_an_echo(asking, takes):
    sent, answers = asking.ask("spoken", {"echo": True}, ["A?", "B?"], 1, takes)
    assert answers == ["A1:1000001"] * 2
    assert "".join(text for _, text in sent) == "A?\r\nB?\r\n"


def test_a_request_is_sent_whole_by_a_port_that_takes_little(asking):
    sent, answers = asking.ask("spoken", {}, ["A?", "B?"], 1, 3)
    assert "".join(text for _, text in sent) == "A?\r\nB?\r\n" and answers == ["A1:1000001"] * 2


@pytest.mark.parametrize("takes", [1000, 3])
def test_the_direction_pin_is_released_when_the_last_bit_has_left(asking, takes):
    changes, late = asking.ask("directed", "MEAS?", 4, takes)
    assert changes == [[1, True], [0, True]]
    assert 0 <= late < 20
