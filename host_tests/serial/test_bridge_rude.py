"""Whatever a node says, the bridge lives on, and passes on nothing but text that makes sense."""

import asyncio
import contextlib
import json
import os
import select
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tests import harness
from host_tests.harness import error_class, mentions
from host_tests.serial import bridged
from tools.client import upstream
from tools.emulator import ports

DESCRIPTIONS = [
    '{"modules": {}}',
    '{"modules": {"m": 5, "n": null, "o": [], "p": {"accessibles": 7}}}',
    '{"modules": {"m": {"accessibles": {"value": 5, "x": {"datainfo": 3}, "y": {"datainfo": {"type": []}}}}}}',
    '{"modules": {}, "timeout": ' + 400 * "9" + "}",
    '{"modules": {}, "timeout": 1e999}',
    '{"modules": {}, "timeout": NaN}',
    '{"modules": {}, "timeout": -5}',
    '{"modules": {}, "timeout": "5"}',
    '{"modules": {}, "timeout": true}',
    '{"modules": {}, "equipment_id": 5}',
    '{"modules": {}, "equipment_id": "\\u001b]0;x\\u0007"}',
]


@pytest.mark.parametrize("description", DESCRIPTIONS)
def test_a_description_that_is_malformed(description):
    """It goes to the clients as it is; the bridge takes of it what is there."""
    node = upstream.Upstream("x", 115200)

    async def exchange(raw, action, specifier, timeout):
        return b"describing . " + description.encode()

    node._exchange = exchange
    asyncio.run(node._describe())
    assert node.description.endswith(description.encode())
    assert 10 <= node._timeout <= 3600 and node.equipment_id.isprintable()


ECHOES = {"ping": b"pong ", "logging": b"logging "}


class Rude:
    """At a port, one who says what a test wants: `said` has the answers (bytes) to lines, or to their actions."""

    def __init__(self, said, structure=None):
        about = {"datainfo": {"type": "double"}}
        module = {"accessibles": {"value": about, "x": about}}
        structure = structure or json.dumps({"modules": {"m": module}, "equipment_id": "rude"})
        self._said = {
            "*IDN?": b"ISSE,SECoP,V2019-09-16,v1.0",
            "describe": b"describing . " + structure.encode(),
            "help": b'helping 1 "x"',
            "activate": b"update m:value [1, {}]\nactive",
            **said,
        }
        self._port = ports.Port()
        self.name = self._port.name
        self._over = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        came = b""
        while not self._over:
            if not select.select([self._port.end], [], [], 0.1)[0]:
                continue
            came += os.read(self._port.end, 4096)
            *lines, came = came.split(b"\n")
            for line in lines:
                words = line.decode().split(" ")
                answer = self._said.get(line.decode(), self._said.get(words[0]))
                if answer is None and words[0] in ECHOES:
                    answer = ECHOES[words[0]] + " ".join(words[1:2]).encode() + b" [null, {}]"
                if answer is not None:
                    os.write(self._port.end, answer + b"\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._over = True
        self._thread.join()
        self._port.close()


@contextlib.contextmanager
def bridge_to(rude):
    """A client's wire maker, through a bridge of its own."""
    port = harness.free_port()
    process = bridged.start(rude.name, port)
    try:
        assert "serves SECoP" in (first := process.stdout.readline()), first
        yield lambda: harness.Wire(("127.0.0.1", port))
        assert process.poll() is None
    finally:
        process.terminate()
        said = process.communicate(timeout=20)[0]
    assert "Traceback" not in said and upstream.FAULT not in said, said


RUDE = [
    b"update m:value [1, {}",
    b"update m:value " + 3000 * b"[",
    b"update m:value [\xff, {}]",
    b'update m:value ["\xff", {}]',
    b'update m:value ["\x1b]0;x\x07", {}]',
    b"update m:value",
    b"update nothing:value [1, {}]",
    b"update",
    b"error_update",
    b"error_update m:value 5",
    b"log",
    b"log m:debug 5",
    b'log m:debug "\xff"',
    b"log m:",
    b"\xff\xfe\x00",
    b"",
    b" ",
    b"error_",
    b"error",
    b"error_x y z",
    b"reply",
    b"pong",
    b"describing",
    b"ISSE",
    b"update m:value [" + 5000 * b"9" + b", {}]",
    b'update m:value [1, {"t": ' + 400 * b"9" + b"}]",
    b"helping",
    b"changed m:value [1, {}]",
    b"active",
    b"inactive",
    5000 * b"x",
]


def test_rubbish_of_a_node():
    """It answers with rubbish before each good answer, and once without a good one."""
    said = {
        "read m:value": b"\n".join(RUDE) + b"\nreply m:value [5, {}]",
        "read m:x": b'reply m:x ["\xff", {}]',
        "do m:x": b"done m:x 5",
        "change m:x 1": b'error_change m:x ["WrongType", "\x1b[2J", {}]',
    }
    with Rude(said) as rude, bridge_to(rude) as connect, connect() as one, connect() as active:
        active.send("activate")
        active.until("active")
        for _ in range(3):
            answer = one.ask("read m:value")
            assert answer.startswith(("reply m:value [5, ", 'error_read m:value ["')), answer
        for sent in ("read m:x", "do m:x", "change m:x 1"):
            assert error_class(one.ask(sent)) == "CommunicationFailed"
        assert one.ask("ping 1").startswith("pong 1 ") and active.ask("ping 2").startswith("pong 2 ")
        for line in active.lines(0.5):  # strictly UTF-8: harness.Wire
            assert line.startswith(("update m:value [", "error_update m:value [")) and line.isprintable(), line
            assert isinstance(json.loads(line.split(" ", 2)[2], parse_int=str), list)


_M = '"m": {"accessibles": {"value": {}}}'
STRUCTURES = [
    '{"modules": {"a\\ud800": {"accessibles": {"x\\ud800": {}}}, "b\\nchange c:d 1": {}, "\\u001b]0;x": {}, ' + _M + "}}",
    '{"modules": {' + _M + '}, "timeout": ' + 400 * "9" + "}",
    '{"modules": {' + _M + '}, "timeout": NaN, "x": Infinity, "timeout": 1e999}',
    '{"modules": {"m": {"accessibles": {"value": {"datainfo": {"type": "array", "members": 5}}}}, "n": 5}, "equipment_id": []}',
    '{"modules": {"m": {"accessibles": {"value": {}, "value": {}}}}, "modules": {' + _M + "}}",
]


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_description_that_is_malformed_is_served(structure):
    with Rude({}, structure) as rude, bridge_to(rude) as connect, connect() as wire:
        assert wire.ask("describe") == "describing . " + structure
        wire.send("activate m")
        assert wire.until("active m")[1] == ["update m:value [1, {}]"]
        assert wire.ask('logging  "debug"') == 'logging  "debug"'
        assert wire.ask("ping 1").startswith("pong 1 ")
        assert wire.ask("help").startswith("helping 1 ")


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (b'error_describe . ["Disabled", "not \x1b[2Jtoday", {}]', "describe"),
        (b"error_describe", "describe"),
        (b"describing . {}", "description"),
        (b"describing . " + 5000 * b"[", "description"),
        (b'describing . {"modules": {}, "equipment_id": "\xff"}', "description"),
    ],
)
def test_a_node_that_does_not_describe_itself(answer, named):
    with Rude({"describe": answer}) as rude:
        process = bridged.start(rude.name, harness.free_port())
        said = process.communicate(timeout=60)[0]
    assert (
        process.returncode == 2
        and mentions(said, rude.name, named)
        and len(said.splitlines()) == 1
        and said.strip().isprintable()
    ), said


def test_a_node_without_help():
    with (
        Rude({"help": b'error_help  ["ProtocolError", "no such action", {}]'}) as rude,
        bridge_to(rude) as connect,
        connect() as wire,
    ):
        assert error_class(wire.ask("help")) == "ProtocolError"
        assert wire.ask("ping 1").startswith("pong 1 ")


_WORDS = st.sampled_from(
    [
        b"update",
        b"error_update",
        b"log",
        b"reply",
        b"error_read",
        b"error_closed",
        b"error",
        b"describing",
        b"helping",
        b"active",
        b"pong",
        b"ISSE,SECoP,V,v",
        b"m:value",
        b"m:x",
        b"m",
        b"m:debug",
        b":",
        b"",
        b"[1, {}]",
        b'["x", {"t": NaN}]',
        b"[",
        b"{}",
        b'"text"',
        b"\xff",
        b"\x00",
        b"1e999",
        70 * b"[",
        b'["IsBusy", "x", {}]',
        b"5",
    ]
) | st.binary(max_size=8)


@given(
    lines=st.lists(st.lists(_WORDS, max_size=5).map(b" ".join), max_size=8),
    asked=st.sampled_from(["read", "do", "*IDN?", "own", "describe", ""]),
)
def test_whatever_a_node_says(lines, asked):
    """Nothing raises; what is passed on is text, and a value of a parameter that it has."""

    async def play():
        node = upstream.Upstream("x", 115200)
        node._parameters = {"m:value", "m:x"}
        passed = []
        node.on_event = lambda action, specifier, line: passed.append((action, specifier, line))
        for line in lines:
            if asked:
                node._asked = asked, "m:value", asyncio.get_running_loop().create_future()
            node._take(line)
            if asked and node._asked[2].done() and not node._asked[2].exception() and asked != "describe":
                passed.append((asked, "m:value", node._asked[2].result()))
        for action, specifier, line in passed:
            text = line.decode()
            assert min(line, default=32) >= 32
            assert action in ("log", "own", "*IDN?") or specifier in node._parameters
            if action in ("update", "error_update"):
                assert isinstance(json.loads(text.split(" ", 2)[2]), list)
        assert set(node.values) <= node._parameters

    asyncio.run(play())
