"""Updates: who gets them, when, and what happens to those who do not read them."""

import socket
import time

import pytest

from host_tests.harness import split

_INTERVAL = 0.1  # s, ticker's


def activate(wire, specifier=""):
    """Activate, and leave the first updates behind."""
    request = f"activate {specifier}".rstrip()
    wire.send(request)
    wire.until(request.replace("activate", "active"))


@pytest.fixture
def ticking(bench):
    """A client that activated ticker, which is polled every 0.1 s."""
    with bench.connect() as wire:
        assert wire.ask(f"change ticker:pollinterval {_INTERVAL}").startswith("changed ")
        activate(wire, "ticker")
        yield wire


def test_at_least_once_and_at_most_once_a_poll(ticking):
    updates = [split(line) for line in ticking.lines(1.5)]
    values = [data for action, specifier, data in updates if specifier == "ticker:value"]
    # half of them: this machine may be busy
    assert len(values) >= 7
    spent = values[-1][1]["t"] - values[0][1]["t"]
    assert len(values) <= spent / _INTERVAL * 1.2 + 2
    # it counts its polls: each of them told, none of them twice
    counts = [value for value, _ in values]
    assert counts == list(range(counts[0], counts[0] + len(counts)))


def test_a_value_that_stays_the_same_is_told_as_well(bench):
    with bench.connect() as wire:
        activate(wire, "faulty")
        values = [data[0] for _, specifier, data in map(split, wire.lines(0.7)) if specifier == "faulty:value"]
        assert len(values) >= 3
        assert set(values) == {21}


def test_pollinterval_takes_effect(ticking):
    assert ticking.ask("change ticker:pollinterval 60").startswith("changed ")
    ticking.lines(0.7)  # the present wait runs out
    assert ticking.lines(0.7) == []
    assert ticking.ask(f"change ticker:pollinterval {_INTERVAL}").startswith("changed ")
    ticking.until("update ticker:value ", timeout=5)


def test_nothing_after_deactivate(ticking):
    ticking.until("update ticker:value ")
    ticking.send("deactivate ticker")
    ticking.until("inactive ticker")
    assert ticking.lines(0.6) == []


def test_nothing_without_activate(wire):
    assert wire.lines(0.6) == []


def test_only_the_module_that_was_activated(ticking):
    ticking.send("activate gate")
    ticking.until("active gate")
    assert {split(line)[1].split(":")[0] for line in ticking.lines(0.6)} <= {"ticker", "gate"}


def test_a_change_by_one_client_is_told_to_the_others(bench):
    with bench.connect() as asking, bench.connect() as watching, bench.connect() as elsewhere:
        activate(watching, "types")
        activate(elsewhere, "motor")
        for value in ("5", "6", "6"):
            assert asking.ask("change types:_int " + value).startswith("changed ")
            line, _ = watching.until("update types:_int ")
            assert split(line)[2][0] == int(value)
        assert elsewhere.lines(0.3) == []


def test_a_read_that_brings_something_new_is_told_to_the_others(bench):
    """Nobody polls this parameter: who is active would never hear of it otherwise."""
    with bench.connect() as asking, bench.connect() as watching:
        activate(watching, "ticker")
        value = split(asking.ask("read ticker:_asked"))[2][0]
        line, _ = watching.until("update ticker:_asked ", timeout=3)
        assert split(line)[2][0] == value


def test_failure_and_recovery(bench):
    with bench.connect() as asking, bench.connect() as watching:
        activate(watching, "faulty")
        try:
            assert asking.ask('change faulty:_fault "HARDWARE"').startswith("changed ")
            line, before = watching.until("error_update faulty:value ")
            name, text, info = split(line)[2]
            assert (name, text) == ("HardwareError", "the sensor is broken")
            assert abs(info["t"] - time.time()) < 10
            # the status first: who hears of the failure knows why already
            assert any(line.startswith("update faulty:status [[400, ") for line in before)
            # then as often as a value would be told
            for _ in range(3):
                watching.until("error_update faulty:value ", timeout=5)
            with bench.connect() as late:
                late.send("activate faulty")
                _, first = late.until("active")
                assert any(line.startswith("error_update faulty:value ") for line in first)
        finally:
            asking.ask('change faulty:_fault "NONE"')
        _, before = watching.until("update faulty:value [21")
        assert any(line.startswith("update faulty:status [[100, ") for line in before)


def stalled_client(bench):
    """A client that asks for far more than fits between it and the node, and reads nothing."""
    wire = bench.connect()
    activate(wire, "types")
    wire.socket.sendall(b"describe\n" * 600)
    return wire


def until_nothing_fits(wire):
    """Wait until a client that reads nothing was sent nothing more for a while."""
    unread, since = -1, time.monotonic()
    while time.monotonic() < since + 1:
        time.sleep(0.05)
        now = wire.unread()
        if now != unread:
            unread, since = now, time.monotonic()


def test_latest_value_wins(bench):
    """What a client does not read is not kept for it: afterwards it gets what is true by then."""
    with stalled_client(bench) as slow, bench.connect() as other:
        until_nothing_fits(slow)
        for i in range(301):
            assert other.ask(f"change types:_double {i}").startswith("changed ")
        slow.send("ping end")
        _, lines = slow.until("pong end ", timeout=60)
        updates = [line for line in lines if line.startswith("update ")]
        answers = [line for line in lines if line.startswith("describing ")]
        assert len(updates) + len(answers) == len(lines)
        assert len(answers) == 600
        assert len(set(answers)) == 1
        values = [split(line)[2][0] for line in updates if line.startswith("update types:_double ")]
        assert values[-1] == 300
        assert len(values) < 30


def test_a_stalled_client_disturbs_nobody(bench):
    with stalled_client(bench), stalled_client(bench), bench.connect() as other:
        other.send("activate ticker")
        other.until("active ticker")
        for i in range(8):
            assert other.ask(f"ping {i}").startswith(f"pong {i} ")
            other.until("update ticker:value ", timeout=5)
        assert other.ask("describe").startswith("describing ")


def test_slow_hardware_keeps_nobody_waiting(bench):
    """While one read is on, others are served, and a second read of the value may get the cached one."""
    with bench.connect() as one, bench.connect() as other:
        for _ in range(3):
            one.send("read slow:value")
            begin = time.monotonic()
            answered = 0
            while time.monotonic() - begin < 0.2:
                assert other.ask("ping x").startswith("pong x ")
                answered += 1
            assert answered > 3
            assert one.line().startswith("reply slow:value [4.2, ")


def test_a_client_that_asks_without_end_gets_long_updates_too(bench):
    """One that does not fit into the output buffer takes turns with the answers, which keep it full."""
    text = 900 * "x"
    with bench.connect() as busy, bench.connect() as other:
        activate(busy, "types")
        for round in range(5):
            busy.socket.sendall(b"ping x\n" * 3000)
            assert other.ask(f'change types:_text "{round}{text}"').startswith("changed ")
            busy.send("ping end")
            _, before = busy.until("pong end ", timeout=30)
            found = [i for i, line in enumerate(before) if line.startswith(f'update types:_text ["{round}x')]
            assert len(found) == 1, "the update has to leave while there are still answers"
            assert sum(line.startswith("pong x ") for line in before) == 3000


def test_neither_long_updates_nor_answers_starve_the_other(bench):
    """Both without end, to a client that takes little at a time."""
    with bench.connect() as busy, bench.connect() as other:
        busy.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        activate(busy, "types")
        busy.socket.sendall(b"read types:_double\n" * 1500)
        for i in range(60):
            other.send(f'change types:_text "{i:03}{"y" * 900}"')
        busy.send("ping end")
        _, lines = busy.until("pong end ", timeout=60)
        assert sum(line.startswith("reply types:_double ") for line in lines) == 1500
        values = [split(line)[2][0][:3] for line in lines if line.startswith("update types:_text ")]
        assert values == sorted(values) and values[-1] == "059"
        for _ in range(60):
            assert other.line().startswith("changed ")
