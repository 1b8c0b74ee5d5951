"""Who knows docs/instruments.md alone makes a node for an instrument: the text itself is run."""

import re

import pytest

from host_tests import harness
from host_tests.instruments.meter import Meter
from tools.emulator import imagined
from tools.image import image

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


def test_the_stand_in_of_the_document_answers(start_node, tmp_path):
    """And the node of the document is tried with it, as `secnode run --instrument` does."""
    (block,) = [block for block in BLOCKS if "(Lines)" in block]
    (tmp_path / "mymeter.py").write_text(block)
    (tmp_path / "meter.py").write_text(BLOCKS[0])
    instrument = imagined.own(f"{tmp_path / 'mymeter.py'}:MyMeter")
    try:
        with start_node(tmp_path / "meter.py", lines=instrument.where()[0]).connect() as wire:
            assert harness.value(wire, "voltage:value") == pytest.approx(12.345, rel=1e-6)
            assert wire.ask("change range:target 3").startswith("changed range:target [3,")
    finally:
        instrument.close()


def test_the_node_of_the_document_lives_without_the_instrument(start_node, tmp_path):
    file = tmp_path / "meter.py"
    file.write_text(BLOCKS[0])
    instrument = imagined.behind(str(file), BLOCKS[0], image.build(str(file)))
    try:
        with start_node(file, lines=instrument.where()[0]).connect() as wire:
            assert harness.value(wire, "voltage:value") == 1
            assert wire.ask("change range:target 3").startswith("changed range:target [3,")
    finally:
        instrument.close()
