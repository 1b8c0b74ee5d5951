"""A node that reaches its own things and the library's by names that are put together answers the same everywhere."""

import pytest

from host_tests import harness
from host_tests.harness import split

DYNAMIC = harness.NODES / "dynamic.py"


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("_by_getattr", 2),
        ("_by_tuple", 4),
        ("_by_keywords", 2),
        ("_by_dir", 2),
        ("_by_globals", "two"),
        ("_of_library", "blob matrix scaled"),
        ("_text", "MEAS:VOLT:DC? 10, 0.001\n"),
        ("_described", "what belongs to an amplifier"),
    ],
)
def test_what_is_reached_by_name_is_there(nodes, parameter, value):
    with nodes(DYNAMIC).connect() as wire:
        action, _, data = split(wire.ask("read p:" + parameter))
        assert (action, data[0]) == ("reply", value)


def test_a_text_for_an_instrument_is_what_it_is(nodes):
    with nodes(DYNAMIC).connect() as wire:
        answer = split(wire.ask('do p:_ask "of life"'))[2][0]
        assert answer.startswith("an answer ") and answer.endswith(" of life\n")


def test_its_file_runs_from_the_first_statement_on(nodes):
    assert "a first statement that is an expression" in nodes(DYNAMIC).log
