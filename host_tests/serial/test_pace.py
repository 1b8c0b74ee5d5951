"""More to say than the line carries: it is used well, answers come at once, values are the newest, nobody else waits."""

import statistics
import time

import pytest

from host_tests import harness
from host_tests.serial.cable import BITS

BAUDRATE = 115200
TEN = harness.NODES / "ten.py"


@pytest.fixture
def flood(lines):
    """A client of ten modules whose values change all the time."""
    line = lines(TEN)
    with line.connect() as wire:
        wire.send("activate")
        wire.until("active")
        yield line.cable, wire


def test_nine_tenths_of_the_line_are_used(flood):
    """The best of some seconds: the machine has other things to do as well."""
    cable, wire = flood
    shares = []
    while len(shares) < 12 and max(shares, default=0) < 0.9:
        begin, before = time.monotonic(), cable.bytes
        wire.lines(0.7)
        shares.append((cable.bytes - before) * BITS / BAUDRATE / (time.monotonic() - begin))
    assert max(shares) >= 0.9 and max(shares) < 1.1, shares


def test_an_answer_begins_within_two_lines(flood):
    """From the request's last byte at the node to the answer's first one on the line, in lines of updates."""
    cable, wire = flood
    rounds = []
    while len(rounds) < 10 and min(rounds, default=3) > 2:  # a machine that comes late is not the node's fault
        wire.ask("deactivate")
        wire.lines(0.2)
        wire.send("activate")
        wire.until("active")
        rounds.append(statistics.median(waits(cable, wire)))
    assert min(rounds) <= 2, rounds


def waits(cable, wire):
    waited = []
    for i in range(15):
        update = wire.until("update count")[0]
        cable.sent = []
        wire.send(f"ping {i}")
        wire.until(f"pong {i} ")
        # pieces begin wherever they do: look for the line across them
        text = b"".join(piece for _, piece in cable.sent)
        place = text.index(f"pong {i} ".encode())
        for begin, piece in cable.sent:
            if place < len(piece):
                begin += place * BITS / BAUDRATE
                break
            place -= len(piece)
        waited.append((begin - cable.reached) / ((len(update) + 1) * BITS / BAUDRATE))
    cable.sent = None
    return waited


def test_each_value_comes_and_is_the_newest(flood):
    """Counters count up every 5 ms: what is sent are not the values one after the other, but those of the moment."""
    cable, wire = flood
    wire.lines(0.2)
    told = {}
    for line in wire.lines(2):
        action, specifier, data = harness.split(line)
        if specifier.endswith(":value") and specifier.startswith("count"):
            told.setdefault(specifier, []).append((data[0], data[1]["t"]))
    assert set(told) == {f"count{i}:value" for i in range(9)}
    counts = [len(values) for values in told.values()]
    assert max(counts) <= 2 * min(counts)  # in turn
    for values in told.values():
        steps = [after[0] - before[0] for before, after in zip(values, values[1:], strict=False)]
        assert min(steps) >= 1 and statistics.median(steps) > 2
        # as old as it takes to send it, not as old as a queue
        seconds = [after[1] - before[1] for before, after in zip(values, values[1:], strict=False)]
        assert statistics.median(seconds) < 4 * 9 * 50 * BITS / BAUDRATE
    wire.send("read count0:value")
    line, before = wire.until("reply count0:value [")
    value = harness.split(line)[2][0]
    newest = [harness.split(text)[2][0] for text in before if text.startswith("update count0:value")]
    # the reply has the value of the moment of the request; where there is no room for it one update has its turn before
    assert value >= max(newest[:-1], default=0)
    # nine counters take turns: none is behind by more than a round of the line, which is full
    assert harness.split(line)[2][1]["t"] > max(values[-1][1] for values in told.values())


def test_effects_come_before_the_answer(flood):
    cable, wire = flood
    for target in (3, 4, 5):
        wire.send(f"change plain:target {target}")
        _, before = wire.until("changed plain:target ")
        mine = [harness.split(line)[1:] for line in before if " plain:" in line]
        assert [(specifier, data[0]) for specifier, data in mine] == [("plain:value", target), ("plain:target", target)]


def test_requests_without_a_break_do_not_shut_updates_out(flood):
    """Answers go first, a buffer of them at a time; then an update has its turn."""
    cable, wire = flood
    wire.socket.sendall(b"".join(b"ping %d\n" % i for i in range(60)))
    wire.until("pong 5 ")  # what was on its way before
    _, before = wire.until("pong 59 ")
    assert [line for line in before if line.startswith("update ")]
    assert [line.split()[1] for line in before if line.startswith("pong ")] == [str(i) for i in range(6, 59)]


def test_others_do_not_wait(lines):
    """A client on TCP is served as fast while the line is full as while it is silent."""
    line = lines(TEN)

    def pings(wire):
        found = []
        for i in range(60):
            begin = time.monotonic()
            wire.ask(f"ping {i}")
            found.append(time.monotonic() - begin)
        return statistics.median(found)

    with line.node.connect() as other, line.connect() as wire:
        quiet = pings(other)
        wire.send("activate")
        wire.until("active")
        # a busy PC makes some of them wait for a ms; who waited for the line would wait for half an update at least
        assert pings(other) < max(20 * quiet, 25 * BITS / BAUDRATE)
