"""The tests of host_tests/wire as they stand, over a board's USB and UART. Here stands why some of them are left out."""

import sys
from pathlib import Path

import pytest

from host_tests import harness
from host_tests.rp2040 import flashed
from tools.emulator import steps

_HERE = Path(__file__).parent
_THREE = "it takes three clients, and there are two lines"
_LONG = "it sends for minutes at the rate of a line"
_TCP = "it is about TCP"
_AHEAD = "it sends more ahead than a UART's buffer of 1024 bytes holds: nothing on that line can stop it"
_LEFT_OUT = {
    "test_description_while_others_are_served": _LONG,
    "test_latest_value_wins": _TCP,
    "test_a_stalled_client_disturbs_nobody": _TCP,
    "test_a_client_that_asks_without_end_gets_long_updates_too": _LONG,
    "test_neither_long_updates_nor_answers_starve_the_other": _LONG,
    "test_a_change_by_one_client_is_told_to_the_others": _THREE,
    "test_without_reading_for_a_while": _LONG,
    "test_many_in_one_packet": _LONG,
    "test_long_lines_between_short_ones": _AHEAD,
    "test_half_close": _TCP,
    "test_a_line_that_was_not_ended_is_no_request": _TCP,
    "test_failure_and_recovery": "the order of updates that had to wait is free, and a line at 115200 baud makes them wait",
    "test_dropped_messages_are_counted": _TCP,
}


def pytest_collection_modifyitems(items):
    for item in (item for item in items if item.path.is_relative_to(_HERE)):
        why = _LONG if "[100000-" in item.name else _LEFT_OUT.get(getattr(item, "originalname", None))
        if why:
            item.add_marker(pytest.mark.skip(why))


@pytest.fixture
def bench(nodes):
    node = nodes(harness.NODES / "bench.py")
    if not node.epoch:
        node.set_clock()
    return node


@pytest.fixture
def wire(bench, request):
    # byte 3 would interrupt the node at its USB
    ways = ("uart",) if request.module.__name__.endswith("bad_input") else ("usb", "uart")
    with bench.connect(ways=ways) as wire:
        yield wire


@pytest.fixture(autouse=True)
def in_the_boards_time(request, monkeypatch):
    """The tests' clock is the chip's, of the board they connected to last."""
    original = sys.modules[request.module.__name__.replace(".rp2040", "")]
    monkeypatch.setattr(original, "time", _Clock(), raising=False)


class _Clock(steps.Clock):
    def __init__(self):
        pass

    @property
    def _board(self):
        return flashed.Node.last.board

    def time(self):
        return (flashed.Node.last.epoch or 0) + self.monotonic()
