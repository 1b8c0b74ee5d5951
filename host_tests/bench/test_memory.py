"""What can be counted costs no more than its budget; the rest is up to `make bench`."""

import pytest

from host_tests import harness
from host_tests.bench import chips, memory, uart
from host_tests.bench.figures import Figures
from host_tests.bench.measured import Node
from tools.build import micropython
from tools.problem import Problem


@pytest.fixture(autouse=True, scope="module")
def _board_like():
    try:
        micropython.board_like()
    except Problem as e:
        if harness.in_ci():
            raise
        pytest.skip(f"level board-like is missing here: {e}")


@pytest.mark.parametrize("name", memory.COUNTED)
def test_budget(name):
    figures = Figures("memory")
    figures.add(name, memory.COUNTED[name]())
    assert figures.is_within_budget(name), f"{name}: {figures.found[name][0]}"


@pytest.mark.parametrize("name", chips.COUNTED)
def test_budget_of_ten_chips(name):
    figures = Figures("chips")
    figures.add(name, chips.COUNTED[name]())
    assert figures.is_within_budget(name), f"{name}: {figures.found[name][0]}"


@pytest.mark.parametrize(("heap", "frozen"), [(192, False), (96, True)])
def test_ten_chips_run_with_what_a_board_has(heap, frozen):
    assert memory.works(heap, frozen, chips.TEN, chips=True, workload=chips.WORKLOAD)


def test_runs_with_64_kib():
    """The must itself: how little more would do is up to `make bench`."""
    assert memory.works(64, frozen=True)


def test_the_heap_stays_in_one_piece():
    figures = Figures("memory", more=(memory.LARGEST,))
    figures.add(memory.LARGEST, memory.soaked(20) * 100)
    assert figures.verdict(memory.LARGEST) != "missed", figures.found


@pytest.mark.parametrize("client", [Node.connect, memory.over_websocket])
def test_reads_pings_and_updates_do_not_allocate(client):
    with Node(still=True) as node, client(node) as wire:
        wire.ask("activate")
        assert node.ask("locked", 20) == 0
        wire.send("ping end")
        _, lines = wire.until("pong end ", timeout=60)
        words = [line.split(" ")[0] for line in lines]
        assert (words.count("reply"), words.count("pong"), words.count("update")) == (21, 21, 21)


@pytest.mark.parametrize("line", [uart.READ, "ping 1"])
def test_reads_and_pings_over_a_uart_do_not_allocate(line):
    """Waiting for the next request included. Of several rounds the best: when the client or the cable is late that adds."""
    with uart.node(heap=4096, still=True) as (_, wire, node):
        rounds = [node.allocated(lambda: wire.ask(line), 10)]
        while rounds[-1] > 4 and len(rounds) < 50:
            rounds.append(node.allocated(lambda: wire.ask(line), 10))
        assert rounds[-1] <= 4, rounds
