"""The tables that are made of declarations are of the present ones."""

import re

import pytest

from host_tests.docs import made
from host_tests.docs.test_docs import name
from tools.image import compose
from tools.image.compose import catalogue


@pytest.mark.parametrize("path", made.pages(), ids=name)
def test_the_tables_are_of_the_present_declarations(path):
    assert path.read_text("utf-8") == made.pages()[path], "`python -m host_tests.docs.made` writes it anew"


def test_every_chip_is_in_the_readme():
    text = made.connectable()
    for file, declared, _ in made.drivers():
        if "bus" in declared:
            assert made.chip(declared["title"]) in text, file


def test_what_the_page_on_toml_files_names_can_be_composed():
    section = made.COMPOSE.read_text("utf-8").partition("### Modules")[2]
    table = section.partition("|---|---|\n")[2].partition("\n\n")[0]
    named = {driver for row in table.splitlines() for driver in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert "sht4x" in named and named <= set(catalogue.things()), named - set(catalogue.things())


@pytest.mark.parametrize("kind", ["K", "N"])
def test_a_chip_for_one_type_of_thermocouple_is_told_its_type(tmp_path, kind):
    path = tmp_path / "t.toml"
    lines = 'driver = "max31855"', 'bus = "spi0"', "cs = 17", f'type = "{kind}"'
    path.write_text('board = "RPI_PICO"\nequipment_id = "a_b"\ndescription = "x"\n[modules.t]\n' + "\n".join(lines))
    text = compose.load(str(path)).source
    assert f"from drivers.type_{kind.lower()} import {kind}" in text and f"couple={kind})" in text
