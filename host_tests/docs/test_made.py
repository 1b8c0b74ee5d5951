"""The tables that are made of declarations are of the present ones."""

import pytest

from host_tests.docs import made
from host_tests.docs.test_docs import name


@pytest.mark.parametrize("path", made.pages(), ids=name)
def test_the_tables_are_of_the_present_declarations(path):
    assert path.read_text("utf-8") == made.pages()[path], "`python -m host_tests.docs.made` writes it anew"


def test_every_chip_is_in_the_readme():
    text = made.connectable()
    for file, declared, _ in made.drivers():
        if "bus" in declared:
            assert made.chip(declared["title"]) in text, file
