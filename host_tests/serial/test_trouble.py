"""What happens to a serial line: restarts, noise, a wrong rate, breaks, a pulled cable, silence. The session comes back."""

import os
import random
import time

import pytest

from host_tests import harness
from host_tests.serial.cable import Wire, noise

_T = r'\{"t": \d{10}\.\d{3}\}'
GREETING = ["", "error_closed"]


def test_closed_until_it_is_asked_who_it_is(lay):
    """As the specification has it: whatever is said before, and again after a restart (issue 66 of SECoP)."""
    line = lay("outside")
    with Wire(line.name) as wire:
        for request in ("ping 1", "read outside:value", "describe", "", "nonsense", "x" * 3000, "activate", b"\xff\xfe"):
            wire.send(request)
            assert wire.until("error_closed")[1] in ([], [""]), request  # the empty one ended what was before the start
        wire.begin()
        assert wire.ask("read outside:value").startswith("reply")
        wire.send("activate")
        wire.until("active")
        line.node.stop()
        rest = wire.lines(0.5)
        line.node.start()
        # without being asked: who is active would wait for ever
        assert [text for text in wire.lines(1) if text not in rest] == GREETING
        assert wire.ask("change outside:value 3") == "error_closed"
        assert wire.ask("*IDN?") == "ISSE,SECoP,V2019-09-16,v1.0"
        assert wire.lines(1.5) == []  # nothing is active any more
        assert wire.ask("read outside:value").startswith("reply")


def test_tcp_is_not_closed(lay):
    """On TCP a restart closes the connection: nobody has to be told."""
    with lay("outside").node.connect() as wire:
        assert wire.ask("ping 1").startswith("pong 1 ")


@pytest.mark.parametrize(
    "before",
    [
        b"change heater:tar", b"x" * 700, b"\x00", b"\x00" * 40 + b"\xff" * 3, b"\r", b"*IDN", b"*IDN?*IDN?",
        b'change x:y "', b"\xc3", b"ping \x01",
    ],
)  # fmt: skip
def test_a_client_that_comes_in_the_middle_of_a_line(bench, before):
    """What another one did not end, or noise, does not hide who asks. The answer is the first line it gets."""
    with bench.connect() as wire:
        wire.socket.sendall(before)
        time.sleep(0.05)
    with Wire(bench.name) as wire:
        wire.send("*IDN?")
        assert wire.line() == "ISSE,SECoP,V2019-09-16,v1.0"
        assert wire.ask("ping 1").startswith("pong 1 ")


@pytest.mark.parametrize("length", [1019, 1020, 1021, 1022, 1023, 1024, 1025, 1026, 1030, 5000])
def test_rubbish_without_end(bench, length):
    """Not even hours of it."""
    with bench.connect() as wire:
        wire.socket.sendall(bytes(random.Random(length).choice(b"\x00\x80abc ") for _ in range(length)))
    with Wire(bench.name) as wire:
        wire.send("*IDN?")
        assert wire.line() == "ISSE,SECoP,V2019-09-16,v1.0"
        assert wire.ask("ping 1").startswith("pong 1 ")


def test_noise_while_requests_are_made(bench):
    """One of ten pieces is damaged for a second: what is answered is an answer, and afterwards all is as before."""
    with bench.connect() as wire:
        wire.send("activate ticker")
        wire.until("active ticker")
        bench.cable.disturb = noise(2, 0.1, b"\x00\xff\n\r ~")
        answered = 0
        for i in range(40):
            wire.send(f"read gate:value {i}")
            answered += any(line.startswith("reply gate:value [") for line in wire.lines(0.05))
        bench.cable.disturb = None
        wire.send("")
        wire.lines(0.3)
        assert answered > 10
        assert wire.ask("ping after").startswith("pong after ")
        wire.until("update ticker:value [", timeout=5)  # still active: no *IDN? was among the noise


def test_a_wrong_baud_rate(bench):
    """Both sides hear rubbish for a while; then the rate is put right."""
    with Wire(bench.name) as wire:
        bench.cable.disturb = lambda piece: os.urandom(len(piece))
        for _ in range(20):
            wire.send("*IDN?")
        time.sleep(0.3)
        bench.cable.disturb = None
        wire.send("")
        wire.begin()
        assert wire.ask("ping 1").startswith("pong 1 ")


def test_a_break(bench):
    with bench.connect() as wire:
        wire.send("activate ticker")
        wire.until("active ticker")
        bench.cable.put(b"\x00")
        wire.send("ping 1")
        assert harness.error_class(wire.ask("")) == "ProtocolError"  # the break is part of the line that follows
        assert wire.until("helping 1 ")
        wire.lines(0.2)
        assert wire.ask("ping 2").startswith("pong 2 ")
        wire.until("update ticker:value [", timeout=5)


def test_a_cable_that_is_pulled_and_put_back(bench):
    """Neither side has to start anew: what was active still is, and what comes then is new."""
    with bench.connect() as wire:
        wire.send("activate ticker")
        wire.until("active ticker")
        bench.cable.pulled = True
        wire.send("ping lost")
        wire.lines(1.5)
        assert wire.lines(0.3) == []
        bench.cable.pulled = False
        back = time.time()
        wire.until("update ticker:value [", timeout=5)  # it may have begun before
        line, _ = wire.until("update ticker:value [", timeout=5)
        assert harness.split(line)[2][1]["t"] > back - 0.2
        assert wire.ask("ping 2").startswith("pong 2 ")


def test_a_delayed_line(lay):
    line = lay("outside")
    line.cable.delay = 0.3
    with line.connect() as wire:
        begin = time.monotonic()
        assert wire.ask("ping 1").startswith("pong 1 ")
        assert time.monotonic() - begin > 0.55


def test_the_session_stays_in_bounds_after_all_that(bench):
    """Nothing of it was a fault of the firmware."""
    assert "Traceback" not in bench.node.log


# ---- in the session's own time: host_tests/hostile/places.py

HOUR = 3600000


def happen(places, *events):
    clients, said = places.ask("happen", {}, 2, [["lay", "a"], *events])
    return clients["a"][0].split("\n")[:-1], said


def test_active_after_a_silent_hour(places):
    """Nobody sees whether a serial client is still there, and a good one has nothing to say for hours: it stays active."""
    got, said = happen(
        places, ["send", "a", "*IDN?\nactivate\n"], ["wait", HOUR], ["change", 7], ["wait", 23 * HOUR], ["change", 8],
        ["send", "a", "ping 1\n"],
    )  # fmt: skip
    values = [float(line.split("[")[1].split(",")[0]) for line in got if line.startswith("update lamp:value")]
    assert values == [0, 7, 8]
    assert got[-1].startswith("pong 1 ") and said == []


def test_one_that_takes_nothing_is_not_given_up_and_gets_the_newest(places):
    """The line can't be closed. Nothing queues meanwhile."""
    changes = [event for i in range(50) for event in (["change", i], ["wait", 60000])]
    got, said = happen(
        places, ["send", "a", "*IDN?\nactivate\n"], ["stall", "a"], *changes, ["unstall", "a"], ["send", "a", "ping 1\n"]
    )
    values = [line.split("[")[1].split(",")[0] for line in got if line.startswith("update lamp:value")]
    assert values[0] == "0.0" and values[-1] == "49.0" and len(values) <= 4
    assert any(line.startswith("pong 1 ") for line in got) and said == []


def test_side_effects_without_room_leave_in_the_order_of_the_parameters(places):
    """Whatever was sent last of those that were owed before."""
    got, said = happen(
        places, ["send", "a", "*IDN?\nactivate\n"],
        ["stall", "a"], ["change", 1], ["change", 2], ["unstall", "a"],  # lamp:value was the last one owed
        ["stall", "a"], ["send", "a", "change lamp:target 5\n"], ["change", 7], ["change", 8], ["wait", 6000], ["unstall", "a"],
        ["settle", 20],
    )  # fmt: skip
    lines = [line.split(",")[0] for line in got]
    owed = ["update lamp:value [7.0", "update lamp:value [8.0", "update lamp:target [5.0", "changed lamp:target [5.0"]
    assert lines[-4:] == owed and said == []
