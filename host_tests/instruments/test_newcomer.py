"""Who knows docs/instruments.md alone makes a node for an instrument: the text itself is run."""

import re

import pytest

from host_tests import harness
from host_tests.instruments.meter import Meter

TEXT = (harness.ROOT / "docs" / "instruments.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.S)
LINES = 40


@pytest.fixture
def meter():
    meter = Meter()
    yield meter
    meter.close()


def test_the_node_of_the_document(start_node, tmp_path, meter):
    source = BLOCKS[0]
    assert "def node(board)" in source and source.count("\n") <= LINES
    file = tmp_path / "meter.py"
    file.write_text(source)
    with start_node(file, lines={1: meter.port}).connect() as wire:
        assert harness.value(wire, "voltage:value") == pytest.approx(12.345, rel=1e-6)
        assert wire.ask("change range:target 3").startswith("changed range:target [3,")
        assert meter.range == "3" and harness.value(wire, "range:value") == 3
        assert harness.error_class(wire.ask("change range:target 6")) == "RangeError"
