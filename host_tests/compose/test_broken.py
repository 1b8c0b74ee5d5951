"""What is said of a composed file that is broken: where, what is allowed, and the nearest right name."""

import pytest

from host_tests.compose.broken import BROKEN, BROKEN_METER, GOOD, METER
from tools.image import image
from tools.problem import Problem


@pytest.fixture
def said(tmp_path):
    def say(text):
        path = tmp_path / "lab.toml"
        path.write_text(text, "utf-8")
        with pytest.raises(Problem) as caught:
            image.describe(str(path))
        return [line.replace(str(path), "FILE") for line in str(caught.value).splitlines()]

    return say


def test_the_good_one_is_good(tmp_path):
    (tmp_path / "lab.toml").write_text(GOOD)
    assert "mylab_furnace" in image.describe(str(tmp_path / "lab.toml"))


@pytest.mark.parametrize("name", BROKEN)
def test_it_says_where_and_what(said, name):
    before, after, words = BROKEN[name]
    assert before in GOOD
    assert said(GOOD.replace(before, after, 1)) == ["FILE:" + words]


@pytest.mark.parametrize("name", BROKEN_METER)
def test_it_says_where_and_what_of_an_instrument(said, name):
    before, after, words = BROKEN_METER[name]
    assert before in METER
    assert said(METER.replace(before, after, 1)) == ["FILE:" + words]


def test_all_mistakes_are_told_at_once(said):
    text = (
        GOOD.replace('type = "K"', 'type = "Q"')
        .replace("cs = 17", "cs = -1")
        .replace("air.value", "air")
        .replace("pin = 7,", "")
    )
    assert [line.split()[0] for line in said(text)] == ["FILE:13:6:", "FILE:14:8:", "FILE:18:10:"]


def test_a_mistake_in_an_included_file_is_told_there(tmp_path, said):
    (tmp_path / "more.toml").write_text('[modules.fan]\ndriver = "pin_output"\npin = "x"\n')
    found = said('include = "more.toml"\n' + GOOD)
    assert found == [f"{tmp_path}/more.toml:3:7: modules.fan.pin has to be the number of a pin, not 'x'"]
    assert said('include = "other.toml"\n' + GOOD) == [f"FILE:1:11: there is no file {tmp_path}/other.toml to include"]
    assert said('include = "lab.toml"\n' + GOOD) == ["FILE includes itself"]
    (tmp_path / "more.toml").write_text('[modules.lamp]\ndriver = "pin_output"\npin = 11\n')
    assert said('include = "more.toml"\n' + GOOD) == [f"{tmp_path}/more.toml:1:2: modules.lamp is at FILE:29:2, too"]


def test_what_a_file_says_is_never_code(said, tmp_path):
    evil = "\"'); import os; os.abort() #"
    text = GOOD.replace('"tube furnace, 1100 degC"', f"'''{evil}'''")
    (tmp_path / "lab.toml").write_text(text)
    assert "os.abort" in image.describe(str(tmp_path / "lab.toml"))
