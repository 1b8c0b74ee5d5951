"""Every message and the exact form of its answer."""

import json
import re
import subprocess
import sys

import pytest

from host_tests import harness
from host_tests.harness import split

from .conftest import BENCH

_T = r'\{"t": \d{10}\.\d{3}\}'
_UPDATES = ("update ", "error_update ")


@pytest.mark.parametrize(
    ("request_line", "answer"),
    [
        ("*IDN?", r"ISSE,SECoP,V2019-09-16,v1\.0"),
        ("read faulty:_fault", rf"reply faulty:_fault \[0, {_T}\]"),
        ("change types:_int 5", rf"changed types:_int \[5, {_T}\]"),
        ("do calc:_nothing", rf"done calc:_nothing \[null, {_T}\]"),
        ('do echo:communicate "hi"', rf'done echo:communicate \["HI", {_T}\]'),
        ("check gate:target 3", r"checked gate:target \[3, \{\}\]"),
        ("ping 123", rf"pong 123 \[null, {_T}\]"),
        # without a token its place is empty: two spaces
        ("ping", rf"pong  \[null, {_T}\]"),
        ("activate", "active"),
        ("activate gate", "active gate"),
        ("deactivate", "inactive"),
        ("deactivate gate", "inactive gate"),
        ("nonsense", r'error_nonsense  \["ProtocolError", ".+", \{\}\]'),
        ("meas:volt? ", r'error_meas:volt\?  \["ProtocolError", ".+", \{\}\]'),
        ("read gate:nothing", r'error_read gate:nothing \["NoSuchParameter", ".+", \{\}\]'),
    ],
)
def test_exact_form(wire, request_line, answer):
    line = wire.ask(request_line)
    assert re.fullmatch(answer, line), line


@pytest.mark.parametrize(
    ("request_line", "begin"),
    [
        # data where the message has none
        ("*IDN? now please", "ISSE,SECoP,"),
        ("describe . please", "describing . {"),
        ("describe gate", "describing . {"),
        ("read gate:value 5", "reply gate:value ["),
        ("read gate:value {not JSON", "reply gate:value ["),
        ("ping token some more", "pong token [null, "),
        ("activate gate 5", "active gate"),
        ("deactivate gate 5", "inactive gate"),
        ("help me please", "helping "),
        # further parts of a specifier; it is repeated as sent all the same
        ("read gate:value:really", "reply gate:value:really ["),
        ("change gate:target:really 1", "changed gate:target:really [1, "),
        ("do calc:_nothing:really", "done calc:_nothing:really [null, "),
        ("check gate:target:really 1", "checked gate:target:really [1, {}]"),
        ("activate gate:value", "active gate:value"),
        ("deactivate gate:value", "inactive gate:value"),
        # a module alone stands for its value, or its target
        ("read gate", "reply gate ["),
        ("change gate 2", "changed gate [2, "),
        # an enum's member by its name, no argument as null
        ('change types:_enum "AUTO"', "changed types:_enum [5, "),
        ("do calc:_nothing null", "done calc:_nothing [null, "),
        ("do motor:stop null", "done motor:stop [null, "),
        ("do motor:stop ", "done motor:stop [null, "),
        # line ends of both kinds, space inside JSON
        ("read gate:value\r", "reply gate:value ["),
        ("ping 5\r", "pong 5 ["),
        ("change types:_array   [ 1 , 2 ]  ", "changed types:_array [[1, 2], "),
    ],
)
def test_leniency(wire, request_line, begin):
    assert wire.ask(request_line).startswith(begin)


@pytest.mark.parametrize("request_line", ["help", "", "\r", "help ."])
def test_help(wire, request_line):
    """Lines that a client can parse as any other ones."""
    wire.send(request_line)
    wire.send("ping end")
    _, lines = wire.until("pong end ")
    assert lines
    for line in lines:
        action, _, text = split(line)
        assert action == "helping"
        assert isinstance(text, str)


def test_activate_tells_everything_once_and_then_says_so(wire):
    description = split(wire.ask("describe"))[2]
    wire.send("activate")
    _, updates = wire.until("active")
    told = [split(line)[1] for line in updates]
    assert all(line.startswith(_UPDATES) for line in updates)
    wanted = {
        f"{module}:{name}"
        for module, m in description["modules"].items()
        for name, a in m["accessibles"].items()
        if a["datainfo"]["type"] != "command" and "constant" not in a
    }
    assert set(told) == wanted
    assert "types:_constant" not in wanted


@pytest.mark.parametrize("specifier", ["gate", "gate:target"])
def test_activate_a_module(wire, specifier):
    wire.send(f"activate {specifier}")
    answer, updates = wire.until("active")
    assert answer == f"active {specifier}"
    assert {split(line)[1] for line in updates} == {"gate:value", "gate:status", "gate:target", "gate:_locked"}


def test_activating_twice_tells_everything_again(wire):
    for _ in range(2):
        wire.send("activate types")
        _, updates = wire.until("active types")
        assert len({split(line)[1] for line in updates}) == 15


def test_identification_makes_the_connection_fresh(wire):
    wire.send("activate")
    wire.until("active")
    wire.send("*IDN?")
    wire.until("ISSE")
    assert wire.lines(0.5) == []  # ticker would have had five updates by now


def test_deactivating_one_module_leaves_the_others(wire):
    wire.send("activate")
    wire.until("active")
    wire.send("deactivate ticker")
    wire.until("inactive ticker")
    specifiers = {split(line)[1] for line in wire.lines(1.5)}
    assert "slow:value" in specifiers
    assert not any(s.startswith("ticker:") for s in specifiers)


@pytest.mark.parametrize("node", ["example_heater", BENCH])
def test_description_is_the_one_of_the_pc(nodes, node):
    command = [sys.executable, "-m", "tools", "describe", str(node)]
    expected = subprocess.run(command, cwd=harness.ROOT, capture_output=True, text=True, check=True).stdout
    running = nodes(node, speed=20, clients=3)
    with running.connect() as wire, running.connect() as other:
        lines = [wire.ask("describe"), wire.ask("describe ."), other.ask("describe")]
    assert lines == ["describing . " + expected.rstrip("\n")] * 3


def test_description_while_others_are_served(bench):
    """The description is longer than a client's buffer; who reads it slowly keeps nobody waiting."""
    with bench.connect() as slow, bench.connect() as other:
        slow.socket.sendall(b"describe\n" * 20)
        assert other.ask("ping a").startswith("pong a ")
        other.send("activate gate")
        other.until("active gate")
        assert json.loads(other.ask("describe")[len("describing . ") :])["equipment_id"] == "test.secnode.bench"
        assert other.ask("change gate:target 3").startswith("changed ")
        answers = {slow.line() for _ in range(20)}
        assert len(answers) == 1
        assert slow.ask("ping b").startswith("pong b ")


def effects(lines, *specifiers):
    """(specifier, value) of the updates of some parameters."""
    return [(s, data[0]) for action, s, data in map(split, lines) if action == "update" and s in specifiers]


def test_side_effects_come_before_the_reply(bench):
    """Whoever waits for a module looks at its status after the reply: it has to be BUSY by then."""
    with bench.connect() as asking, bench.connect() as watching:
        for client in (asking, watching):
            client.send("activate motor")
            client.until("active motor")
        for target in (27, -27, 9, 0):
            asking.send(f"change motor:target {target}")
            _, before = asking.until("changed motor:target ")
            told = effects(before, "motor:status", "motor:target")
            assert ("motor:target", target) == told[-1]
            assert ("motor:status", [300, "turning"]) == told[-2]
            # the other client has been told as well, in the same order, by the time the reply is there
            watching.send("ping x")
            _, seen = watching.until("pong x ")
            told = effects(seen, "motor:status", "motor:target")
            if getattr(bench, "level", None) == "rp2040" and ("motor:target", target) not in told:
                # on its UART a reply may overtake what nobody asked for
                line, before = watching.until("update motor:target ")
                told += effects([*before, line], "motor:status", "motor:target")
            assert told.index(("motor:status", [300, "turning"])) < told.index(("motor:target", target))
            arrive(asking)
            # on a slow way it may have heard of that before its pong
            if [status[0] for specifier, status in told if specifier == "motor:status"][-1] != 100:
                arrive(watching)


def arrive(client):
    while split(client.until("update motor:status ")[0])[2][0][0] != 100:
        pass


def test_side_effects_of_a_command(bench):
    with bench.connect() as asking, bench.connect() as watching:
        for client in (asking, watching):
            client.send("activate motor")
            client.until("active motor")
        assert asking.ask("change motor:target 180").startswith("changed ")
        asking.send("do motor:stop")
        _, before = asking.until("done motor:stop ")
        (_, stopped) = effects(before, "motor:target")[-1]
        assert stopped < 180
        watching.send("ping x")
        _, seen = watching.until("pong x ")
        assert effects(seen, "motor:target")[-1] == ("motor:target", stopped)


def test_who_is_not_active_gets_replies_alone(wire):
    wire.send("change motor:target 9")
    wire.send("ping x")
    assert wire.line().startswith("changed motor:target [9")
    assert wire.line().startswith("pong x ")
    assert wire.lines(0.3) == []
