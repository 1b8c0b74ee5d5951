"""Whatever a client or the node sends, the bridge lives on, the others are served, and nothing false is passed on."""

import asyncio
import contextlib
import time

import pytest

from host_tests.harness import error_class, split
from tools import bridge as tool
from tools.common import upstream

bridges = bridged.bridges
own_bridge = bridged.own_bridge
bench = bridged.bench


@pytest.fixture
def wire(bench):
    with bench.connect() as wire:
        yield wire

NO_REQUESTS = [
    "update gate:value", "update gate:target [9, {}]", "error_update gate:value [1]", "closed", "inactive", "active",
    "reply gate:value", "changed gate:target 1", "done motor:stop", "pong bridge", "describing .", "helping 1",
    "checked gate:target", "log gate:error", "log", "error", "error_closed", "error_read gate:value", "ISSE,SECoP,V1,v1",
    " ping", "read-", "x*IDN?",
]  # fmt: skip


@pytest.mark.parametrize("line", NO_REQUESTS)
def test_what_can_be_no_request_does_not_reach_the_node(bench, line):
    with bench.connect() as wire, bench.connect() as other:
        other.send("activate gate")
        other.until("active gate")
        begun = time.monotonic()
        wire.send(line)
        answer = wire.line()  # ask() would take some of them for events
        assert error_class(answer) == "ProtocolError" and answer.startswith("error_" + line.split(" ")[0])
        assert other.ask("ping 2").startswith("pong 2 ") and time.monotonic() - begun < 5
        assert not [told for told in other.lines(0.1) if told.startswith("error_")]


def test_a_question_that_ends_like_identification(bench):
    """A serial line would begin anew at it, and nobody would hear of new values any more."""
    with bench.connect() as wire, bench.connect() as other:
        other.send("activate ticker")
        other.until("active ticker")
        assert wire.ask("ping *IDN?").startswith("pong *IDN? ")
        assert error_class(wire.ask("change gate:target *IDN?")) == "BadJSON"
        other.until("update ticker:value", timeout=5)


def test_logging_nested_without_end(wire):
    assert error_class(wire.ask("logging  " + 900 * "[")) == "BadJSON"
    assert error_class(wire.ask("logging  " + 3000 * "[")) == "ProtocolError"
    assert wire.ask("ping 1").startswith("pong 1 ")


@pytest.mark.parametrize("begin", [b"POST / HTTP/1.1\r\n", b"\r\nGET / HTTP/1.0\n", b"\x16\x03\x01\n", 5000 * b"a" + b"\n"])
def test_a_web_page(bench, begin):
    with bench.connect() as wire:
        before = wire.ask("read gate:target")
        with bench.connect() as page:
            page.socket.sendall(begin + 10 * b"change gate:target 3\n")
            lines = []
            with pytest.raises((EOFError, ConnectionError)):
                while True:
                    lines.append(page.line())
            lines = [line for line in lines if not line.startswith("helping ")]
            assert len(lines) == 1 and error_class(lines[0]) == "ProtocolError"
        assert split(wire.ask("read gate:target"))[2][0] == split(before)[2][0]


DESCRIPTIONS = [
    '{"modules": {}}', '{"modules": {"m": 5, "n": null, "o": [], "p": {"accessibles": 7}}}',
    '{"modules": {"m": {"accessibles": {"value": 5, "x": {"datainfo": 3}, "y": {"datainfo": {"type": []}}}}}}',
    '{"modules": {}, "timeout": ' + 400 * "9" + "}", '{"modules": {}, "timeout": 1e999}', '{"modules": {}, "timeout": NaN}',
    '{"modules": {}, "timeout": -5}', '{"modules": {}, "timeout": "5"}', '{"modules": {}, "timeout": true}',
    '{"modules": {}, "equipment_id": 5}', '{"modules": {}, "equipment_id": "\\u001b]0;x\\u0007"}',
]  # fmt: skip


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


@pytest.fixture
def hurried(monkeypatch):
    """A bridge in this process, of few places and little patience: `async with hurried() as (connect, ask)`."""
    monkeypatch.setattr(tool, "_CLIENTS", 3)
    for name, seconds in (("_IDLE", 3.0), ("_QUIET", 1.0), ("_SILENT", 0.5), ("_FIRST", 0.3)):
        monkeypatch.setattr(tool, name, seconds)

    @contextlib.asynccontextmanager
    async def serve():
        node = upstream.Upstream("x", 115200)
        node.identification = b"ISSE,SECoP,V,v"
        shared = tool.Shared(node)
        server = await asyncio.start_server(shared.serve, "127.0.0.1", 0, limit=4096)
        looking = asyncio.create_task(shared.look_after())
        port = server.sockets[0].getsockname()[1]

        async def connect(words=b""):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(words)
            return reader, writer

        try:
            yield connect
        finally:
            looking.cancel()
            server.close()

    return serve


async def heard(client):
    """The next line, b"" at the end."""
    return await asyncio.wait_for(client[0].readline(), 10)


def test_silent_clients_do_not_hold_all_places(hurried):
    async def play():
        async with hurried() as connect:
            silent = [await connect() for _ in range(2)]
            talker = await connect(b"*IDN?\n")
            assert (await heard(talker)).startswith(b"ISSE")
            early = await connect(b"*IDN?\n")
            assert b"3 clients at a time" in await heard(early) and await heard(early) == b""
            await asyncio.sleep(0.6)
            # a page, or one that says nothing, gets no place; who speaks SECoP does
            assert b"3 clients at a time" in await heard(await connect(b"GET / HTTP/1.1\r\n\r\n"))
            new = await connect(b"*IDN?\n*IDN?\n")
            assert (await heard(new)).startswith(b"ISSE") and (await heard(new)).startswith(b"ISSE")
            ended = [await asyncio.wait_for(one[0].read(), 10) if i == 0 else b"" for i, one in enumerate(silent)]
            assert ended[0] == b""
            talker[1].write(b"*IDN?\n")
            assert (await heard(talker)).startswith(b"ISSE")

    asyncio.run(play())


def test_a_client_that_vanished_is_found(hurried):
    async def play():
        async with hurried() as connect:
            gone = await connect(b"*IDN?\n")
            assert (await heard(gone)).startswith(b"ISSE")
            begun = time.monotonic()
            assert await heard(gone) == b"" and time.monotonic() - begun > 2

    asyncio.run(play())
