"""What is said of a composed file that is broken: where, what is allowed, and the nearest right name."""

import pytest

from host_tests.compose.broken import BROKEN, BROKEN_METER, GOOD, METER
from host_tests.harness import mentions
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
    before, after, place, *named = BROKEN[name]
    assert before in GOOD
    [line] = said(GOOD.replace(before, after, 1))
    assert line.startswith(f"FILE:{place}: ") and mentions(line, *named)


@pytest.mark.parametrize("name", BROKEN_METER)
def test_it_says_where_and_what_of_an_instrument(said, name):
    before, after, place, *named = BROKEN_METER[name]
    assert before in METER
    [line] = said(METER.replace(before, after, 1))
    assert line.startswith(f"FILE:{place}: ") and mentions(line, *named)


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
    [line] = said('include = "more.toml"\n' + GOOD)
    assert line.startswith(f"{tmp_path}/more.toml:3:7: ") and mentions(line, "modules.fan.pin", "'x'")
    [line] = said('include = "other.toml"\n' + GOOD)
    assert line.startswith("FILE:1:11: ") and mentions(line, f"{tmp_path}/other.toml")
    [line] = said('include = "lab.toml"\n' + GOOD)
    assert mentions(line, "FILE", "itself")
    (tmp_path / "more.toml").write_text('[modules.lamp]\ndriver = "pin_output"\npin = 11\n')
    [line] = said('include = "more.toml"\n' + GOOD)
    assert line.startswith(f"{tmp_path}/more.toml:1:2: ") and mentions(line, "modules.lamp", "FILE:29:2")


def test_what_a_file_says_is_never_code(said, tmp_path):
    evil = "\"'); import os; os.abort() #"
    text = GOOD.replace('"tube furnace, 1100 degC"', f"'''{evil}'''")
    (tmp_path / "lab.toml").write_text(text)
    assert "os.abort" in image.describe(str(tmp_path / "lab.toml"))
