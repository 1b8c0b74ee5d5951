"""What won't fit a board is told when the file is read: heap, and the time that polling takes."""

import re

import pytest

from host_tests.harness import mentions
from tools.image import boards, heap, image
from tools.problem import Problem

HEAD = 'board = "RPI_PICO_W"\nequipment_id = "mylab_many"\ndescription = "many"\n'
MODULE = '[modules.m{}]\ndriver = "sht4x"\nbus = "i2c0"\nquantity = "humidity"\n'


def test_heap_that_the_board_has_not_is_a_mistake(file):
    path = file(HEAD + "".join(MODULE.format(i) for i in range(110)))
    with pytest.raises(Problem) as e:
        image.describe(str(path))
    assert re.fullmatch(rf"{path}:1:9: .*\b\d+ KiB .*\bRPI_PICO_W .*\b190 .*", str(e.value))


def test_heap_that_only_flash_saves_is_said(file, capsys):
    path = file(HEAD + "".join(MODULE.format(i) for i in range(60)))
    image.describe(str(path), remarks=("heap: ",))
    assert mentions(capsys.readouterr().err, "`secnode micropython --frozen`")
    image.describe("oven", "RPI_PICO", remarks=("heap: ",))
    said = capsys.readouterr().err
    assert said.startswith("heap: some 1") and "--frozen" not in said
    image.describe("oven", remarks=("heap: ",))
    assert capsys.readouterr().err == ""  # a PC


@pytest.mark.parametrize(
    ("modules", "accessibles", "code", "frozen", "loaded"),
    # KiB as the bench had them (docs/performance.md), of outside, example_heater, oven, ten_chips and outputs
    [
        (1, 2, 5111, 37.8, 96.9),
        (2, 10, 37901, 46.6, 115.6),
        (3, 36, 70461, 59.0, 139.7),
        (12, 25, 32575, 61.7, 134.5),
        (4, 58, 66203, 65.5, 145.1),
    ],
)
def test_the_reckoning_is_as_it_was_measured(modules, accessibles, code, frozen, loaded):
    shares = [accessibles // modules + (i < accessibles % modules) for i in range(modules)]
    report = {"modules": {str(i): {"accessibles": dict.fromkeys(range(n))} for i, n in enumerate(shares)}}
    needed = heap.needs(report, code)
    assert needed[0] - 5000 / 1024 == pytest.approx(frozen, abs=1.2)
    assert needed[1] - 10000 / 1024 == pytest.approx(loaded, abs=1.2)


def test_each_board_says_its_heap():
    for name in boards.names():
        assert 100 < boards.heap(boards.load(name)) < 8000, name


def test_polling_that_takes_all_the_time_is_a_mistake(file):
    path = file(HEAD + MODULE.format(0) + "pollinterval = 0.001\n")
    with pytest.raises(Problem, match=r"\d+ % .*pollinterval"):
        image.describe(str(path))
