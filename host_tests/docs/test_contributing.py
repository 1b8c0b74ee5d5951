"""CONTRIBUTING.md: the files that it names are there, few, and what it says they are."""

import ast
import re

import pytest

from host_tests.harness import ROOT
from tools.image import declared

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
RECIPES = {part.partition("\n")[0]: part for part in TEXT.split("\n## ")[1:] if part.startswith("A ") and "| file |" in part}


def files(recipe):
    return re.findall(r"^\| `([^`]+)` \|", RECIPES[recipe], re.MULTILINE)


def test_what_people_add_is_there():
    assert list(RECIPES) == ["A sensor", "A board", "A transport", "A message"]


@pytest.mark.parametrize("recipe", RECIPES)
def test_each_touches_three_files_at_most_and_all_are_there(recipe):
    assert 1 <= len(files(recipe)) <= 3
    for name in files(recipe):
        assert (ROOT / name).is_file(), f"CONTRIBUTING.md names {name}: write down where that is now"


@pytest.mark.parametrize("recipe", RECIPES)
def test_each_has_its_commands(recipe):
    commands = re.findall(r"^    (make .*)$", RECIPES[recipe], re.MULTILINE)
    targets = re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert commands
    for command in commands:
        assert command.split()[1] in targets
        for place in re.findall(r"ARGS=(host_tests\S+)", command):
            assert (ROOT / place).exists(), command


def test_the_files_are_what_it_says():
    """Each is where the last thing of its kind was put."""
    message, sensor, transport = (ROOT.joinpath(files(recipe)[0]) for recipe in ("A message", "A sensor", "A transport"))
    for name in ("describe", "activate", "read", "change", "do", "check", "ping"):
        assert re.search(rf'b?"{name}[" ]', message.read_text("utf-8")), f"{message.name} does not handle {name}"
    assert re.search(r"^class ", sensor.read_text("utf-8"), re.MULTILINE)
    running = (ROOT / "firmware" / "running.py").read_text("utf-8")
    assert files("A transport")[1] == "firmware/running.py" and re.search(
        rf"from transport import .*\b{transport.stem}\b|transport\.{transport.stem}", running
    )
    (definition,) = [s for s in ast.parse(sensor.read_text("utf-8")).body if isinstance(s, ast.ClassDef)]
    assert declared.Sources(ast.Module([definition], [])).declared(definition.name).settings, (
        "settings are declared elsewhere now"
    )
