"""The tests of host_tests/wire as they stand, over a board's USB and UART; or over TCP, those that want it.

Here stands which do, and why some are left out.
"""

import sys
from pathlib import Path

import pytest

from host_tests import harness
from host_tests.rp2040 import flashed
from tools.emulator import steps

_HERE = Path(__file__).parent
_LONG = "it is busy for minutes of the chip's time"
# MicroPython's lwIP has 16 buffers for what has come and was not read (docs/rp2040.md): where they are full nothing may get in
_FULL = "clients that send far ahead and read nothing fill lwIP's buffers: others wait until they are given up"
_LEFT_OUT = {
    "test_neither_long_updates_nor_answers_starve_the_other": "all is asked before the last change has come",
    "test_a_stalled_client_disturbs_nobody": _FULL,
    "test_dropped_messages_are_counted": "it starts a node on this PC",
    "test_latest_value_wins": _LONG,
    "test_a_client_that_asks_without_end_gets_long_updates_too": _LONG,
}
# what takes three clients, or a line that stops who sends; what takes minutes at 115200 baud
_OVER_TCP = {
    "test_a_change_by_one_client_is_told_to_the_others",
    "test_without_reading_for_a_while", "test_many_in_one_packet", "test_long_lines_between_short_ones", "test_half_close",
    "test_a_line_that_was_not_ended_is_no_request", "test_failure_and_recovery",
    "test_two_clients_at_once", "test_description_while_others_are_served",
}  # fmt: skip


def pytest_collection_modifyitems(items):
    for item in (item for item in items if item.path.is_relative_to(_HERE)):
        why = _LONG if "[100000-" in item.name else _LEFT_OUT.get(getattr(item, "originalname", None))
        if why:
            item.add_marker(pytest.mark.skip(why))
    # boards are kept for all tests: those with a network after the others, so that two of them are not on at once for long
    items.sort(key=lambda item: getattr(item, "originalname", None) in _OVER_TCP)


@pytest.fixture
def bench(nodes, request):
    node = nodes(harness.NODES / "bench.py", network=request.node.originalname in _OVER_TCP)
    if not node.epoch:
        node.set_clock()
    return node


@pytest.fixture
def wire(bench, request):
    # byte 3 would interrupt the node at its USB
    ways = ("uart",) if request.module.__name__.endswith("bad_input") and not bench.network else None
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
