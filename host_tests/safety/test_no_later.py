"""No cell of the fault table is later or hotter than it was (before.md), but for those that are named here, with the reason."""

import re
from pathlib import Path

import pytest

from host_tests import harness
from tools.proof import faults

_S = 1.1  # s, and
_SHARE = 0.03  # of the time: a look of the guard, a mean of a second, come at another moment
_K = 1.5

# what takes longer on purpose: equal codes are asked about first; a fall may be a sample changed, and gets less power first
LATER = {
    *[("sensor_stuck", phase) for phase in ("start", "heating", "holding", "ramping", "autotuning")],
    *[("sensor_off", phase) for phase in ("start", "heating", "holding", "ramping", "cooling", "autotuning")],
}
# how hot these may get, in K to the maximum: below it, and the heater had no more power than before the fall
HOTTER = {("sensor_off", phase): -40 for phase in ("start", "heating", "holding", "ramping", "cooling", "autotuning")}
HOTTER |= {("sensor_stuck", phase): -40 for phase in ("start", "heating", "holding", "ramping", "autotuning")}


def cells(path):
    """{(fault, phase): [off, told, hottest]}, None for no number."""
    names = {text[0].upper() + text[1:]: fault for fault, text in faults.FAULTS.items()}
    found, fault = {}, None
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("## "):
            fault = names.get(line[3:])  # None: of another node
        words = [word.strip() for word in line.strip("|").split("|")]
        if fault and len(words) == 7 and words[0] in faults.PHASES:
            found[fault, words[0]] = [_number(words[2]), _number(words[3]), _number(words[4])]
    return found


def _number(text):
    match = re.match(r"[+-]?\d+(\.\d+)?", text)
    return float(match[0]) if match else None


BEFORE = cells(Path(__file__).with_name("before.md"))
NOW = cells(harness.ROOT / "docs" / "fault-table.md")


@pytest.mark.parametrize("cell", BEFORE, ids="-".join)
def test_no_cell_is_later_or_hotter(cell):
    off, told, hottest = BEFORE[cell]
    now_off, now_told, now_hottest = NOW[cell]
    assert now_hottest <= HOTTER.get(cell, hottest + _K)
    if cell not in LATER:
        assert (now_off is None) == (off is None) and (now_told is None) == (told is None)
        for before, now in ((off, now_off), (told, now_told)):
            assert before is None or now <= before + max(_S, _SHARE * before)


def test_the_whole_of_both_tables_is_read():
    assert len(BEFORE) == 38 * 7
    assert len(NOW) == len(faults.FAULTS) * len(faults.PHASES)
