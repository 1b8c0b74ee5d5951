"""The commands that make the pictures of docs/ work, and what is in them can be read."""

import re
import struct

import pytest

from host_tests.docs import pictures
from host_tests.hostile import browser as chromium


@pytest.fixture
def seen():
    """Chromium is there."""
    pytest.importorskip("playwright.sync_api")
    chromium.program()


def size(path):
    """(width, height) of a PNG."""
    head = path.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    return struct.unpack(">II", head[16:24])


def test_each_picture_of_the_pages_has_a_command():
    """Those of an oven are `make report`'s."""
    made = {*pictures.PICTURES, "step", "ramp", "autotune"}
    assert {path.stem for path in pictures.FOLDER.glob("*.png")} == made


def test_the_panel(seen, tmp_path):
    pictures.panel(tmp_path / "panel.png", warm=1)
    assert size(tmp_path / "panel.png") == size(pictures.FOLDER / "panel.png")


def test_the_monitor_prints_nothing_over_anything(seen, tmp_path):
    drawing = pictures.monitor(tmp_path / "monitor.png", warm=2)
    assert size(tmp_path / "monitor.png") == size(pictures.FOLDER / "monitor.png")
    lines = {}
    for x, y, length, text in re.findall(
        r'<text [^>]*?x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"[^>]*>([^<]*)</text>', drawing
    ):
        lines.setdefault(float(y), []).append((float(x), float(x) + float(length), text))
    assert any("heater:status" in text.replace("&#160;", " ") for line in lines.values() for _, _, text in line)
    for line in lines.values():
        line.sort()
        for (_, end, before), (begin, _, after) in zip(line, line[1:], strict=False):
            assert end <= begin + 0.2, f"{after!r} stands on {before!r}"


def test_what_grows_has_a_title_for_each_panel_and_named_axes(tmp_path):
    drawn, fits = pictures.growth(tmp_path / "growth.png")
    assert size(tmp_path / "growth.png") == size(pictures.FOLDER / "growth.png")
    assert len(drawn) == 8 and len({title for title, _, _ in drawn}) == 8
    assert all(title and x and y for title, x, y in drawn)
    assert fits, "a title goes beyond its panel"
