"""Whatever a client sends, the bridge lives on, the others are served, and nothing false is passed on."""

import asyncio
import contextlib
import socket
import time

import pytest

from host_tests.harness import error_class
from host_tests.serial import bridged
from host_tests.wire import test_bad_input
from tools.client import upstream
from tools.verbs import bridge as tool

bridges = bridged.bridges
bench = bridged.bench


@pytest.fixture
def wire(bench):
    with bench.connect() as wire:
        yield wire


# ---- what is wrong is answered as the node does it

test_malformed = test_bad_input.test_malformed
test_no_text = test_bad_input.test_no_text
test_no_text_in_the_action_or_specifier = test_bad_input.test_no_text_in_the_action_or_specifier
test_no_json = test_bad_input.test_no_json
test_not_there_or_not_allowed = test_bad_input.test_not_there_or_not_allowed
test_longest_line = test_bad_input.test_longest_line
test_long_lines_between_short_ones = test_bad_input.test_long_lines_between_short_ones
test_a_long_action = test_bad_input.test_a_long_action
test_rubbish = test_bad_input.test_noise


# ---- what clients must not be able to do

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

        async def connect(words=b"", holds=None):
            client = socket.socket()
            if holds:  # bytes in the kernel, which tells of room when there is a good part of that
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, holds)
            client.connect(("127.0.0.1", port))
            reader, writer = await asyncio.open_connection(sock=client)
            writer.write(words)
            return reader, writer

        try:
            connect.shared = shared
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


def test_one_that_takes_nothing_loses_its_place(hurried, monkeypatch):
    """However little waits for it."""
    monkeypatch.setattr(tool, "_STALL", 1.0)

    async def play():
        async with hurried() as connect:
            connect.shared.node.description = 20000 * b"x"
            reader, writer = await connect()
            reader._transport.pause_reading()
            deadline = time.monotonic() + 60
            asked = 0
            while not (clients := list(connect.shared.clients)) or not clients[0]._writer.transport.get_write_buffer_size():
                assert time.monotonic() < deadline
                if clients and clients[0]._sent != asked:  # one after the other: as soon as it does not take one
                    asked = clients[0]._sent
                    writer.write(b"describe\n")
                await asyncio.sleep(0.001)
            assert clients[0]._writer.transport.get_write_buffer_size() < 65536
            while connect.shared.clients:
                assert time.monotonic() < deadline, "it has its place for good"
                await asyncio.sleep(0.1)

    asyncio.run(play())


def test_one_that_takes_little_at_a_time_is_kept(hurried, monkeypatch):
    """For longer than one that takes nothing is, and never all that waits."""
    monkeypatch.setattr(tool, "_STALL", 3.0)

    async def play():
        async with hurried() as connect:
            connect.shared.node.description = 10_000_000 * b"x"
            reader, _ = await connect(b"describe\n", holds=8192)
            begun = time.monotonic()
            while time.monotonic() - begun < 9:
                assert len(await reader.readexactly(5000)) == 5000
                await asyncio.sleep(0.1)
            assert [client._writer.transport.get_write_buffer_size() for client in connect.shared.clients] > [0]

    asyncio.run(play())


def test_a_fault_of_one_client_is_its_own(hurried, capfd):
    async def play():
        async with hurried() as connect:
            connect.shared.node.description = None  # which no line is made of
            one, other = await connect(b"describe\n*IDN?\n"), await connect(b"*IDN?\n")
            assert (await heard(one)).startswith(b'error_describe  ["InternalError"')
            assert (await heard(one)).startswith(b"ISSE") and (await heard(other)).startswith(b"ISSE")

    asyncio.run(play())
    assert f"{upstream.FAULT}: TypeError" in capfd.readouterr().err


def test_who_wants_less_does_not_undo_what_another_one_wants():
    """One leaves, and another one asks for the same at that moment."""
    sent = []

    async def play():
        node = upstream.Upstream("x", 115200)
        node.modules = {"a"}
        node._set_levels = {"a": 3}
        node._here.set()

        async def ask(raw, action, specifier):
            sent.append(raw)
            await asyncio.sleep(0.01)
            return raw

        node.ask = ask
        node.levels = dict
        less = asyncio.create_task(node.set_levels())
        await asyncio.sleep(0)
        node.levels = lambda: {"a": 3}
        await node.set_levels()
        await less

    asyncio.run(play())
    assert sent[-1] == b'logging a "debug"'
