"""`secnode bridge`: many clients on one serial line, each of which sees what a node of its own would show."""

import asyncio
import contextlib
import json
import subprocess
import sys
import time

import pytest

from host_tests import harness
from host_tests.clients import test_frappy, test_ophyd
from host_tests.harness import error_class, split
from host_tests.serial.cable import noise
from host_tests.serial.conftest import Laid
from host_tests.wire import test_logging, test_messages, test_transcripts
from tools import bridge as tool
from tools.common import ports, upstream

BENCH = harness.NODES / "bench.py"


class Bridge:
    """A node at the end of a cable, and a bridge to it; as a harness.NodeProcess for those who come by TCP."""

    def __init__(self, level, node, speed=1, **more):
        self.laid = Laid(level, node, speed, **more)
        self.cable = self.laid.cable
        self.port = harness.free_port()
        self.uri = f"127.0.0.1:{self.port}"
        self.process = start(self.cable.name, self.port)
        self.process.stdout.readline()

    @property
    def log(self):
        return self.laid.node.log

    def connect(self, timeout=10):
        return harness.Wire(("127.0.0.1", self.port), timeout)

    def stop(self):
        self.process.terminate()
        self.said = self.process.communicate(timeout=10)[0]
        self.laid.stop()


def start(*words):
    command = [sys.executable, "-u", "-m", "tools", "bridge", *map(str, words[:1]), "--port", *map(str, words[1:])]
    return subprocess.Popen(command, cwd=harness.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture(scope="module")
def bridges():
    """bridges(node, speed): one and the same for the same wish. What the bridge does has nothing to do with the level."""
    running = {}

    def lay(node, speed=1):
        if (node, speed) not in running:
            running[node, speed] = Bridge("micropython", node, speed)
        return running[node, speed]

    yield lay
    for bridge in running.values():
        bridge.stop()
        assert "Traceback" not in bridge.said


@pytest.fixture
def own_bridge():
    """A bridge and a node that belong to one test alone."""
    running = []

    def lay(node, speed=1, **more):
        running.append(Bridge("micropython", node, speed, **more))
        return running[-1]

    yield lay
    for bridge in running:
        bridge.stop()
        assert "Traceback" not in bridge.said, bridge.said


@pytest.fixture
def bench(bridges):
    return bridges(BENCH)


@pytest.fixture
def wire(bench):
    with bench.connect() as wire:
        yield wire


@pytest.fixture
def nodes(bridges):
    return lambda node, speed=1, clients=None: bridges(node, speed)


# ---- what is on the wire: the wire tests, also those with several clients

test_exact_form = test_messages.test_exact_form
test_leniency = test_messages.test_leniency
test_help = test_messages.test_help
test_activate_tells_everything_once_and_then_says_so = test_messages.test_activate_tells_everything_once_and_then_says_so
test_activate_a_module = test_messages.test_activate_a_module
test_activating_twice_tells_everything_again = test_messages.test_activating_twice_tells_everything_again
test_identification_makes_the_connection_fresh = test_messages.test_identification_makes_the_connection_fresh
test_deactivating_one_module_leaves_the_others = test_messages.test_deactivating_one_module_leaves_the_others
test_description_while_others_are_served = test_messages.test_description_while_others_are_served
test_side_effects_come_before_the_reply = test_messages.test_side_effects_come_before_the_reply
test_side_effects_of_a_command = test_messages.test_side_effects_of_a_command
test_who_is_not_active_gets_replies_alone = test_messages.test_who_is_not_active_gets_replies_alone
test_logging_forms = test_logging.test_forms
test_logging_messages_of_a_module = test_logging.test_messages_of_a_module
test_logging_levels = test_logging.test_levels


@pytest.mark.parametrize(("node", "script"), list(test_transcripts.sections()))
def test_transcript(bridges, node, script):
    with bridges(node, speed=20).connect() as wire:
        test_transcripts.play(wire, script)


def test_a_line_of_rubbish_does_not_reach_the_node(wire):
    for sent, action in ((b"ping \x03", "ping"), (b"\xff\xfe", "??"), (b"read a\x00b:c", "read"), (b"x" * 9000, "x" * 100)):
        wire.send(sent)
        line = wire.line()
        assert error_class(line) == "ProtocolError" and line.startswith(f"error_{action} "), line
    assert wire.ask("ping 1").startswith("pong 1 ")


def test_each_client_has_its_own_level_of_logging(bench):
    with bench.connect() as one, bench.connect() as two:
        assert one.ask('logging types "debug"') == 'logging types "debug"'
        assert two.ask('logging types "info"') == 'logging types "info"'
        one.send("change types:_int 7")
        _, before = one.until("changed types:_int")
        assert [line for line in before if line.startswith("log types:debug ")]
        assert two.lines(0.2) == []
        assert two.ask('logging types "debug"') == 'logging types "debug"'
        one.ask("*IDN?")
        two.send("change types:_int 8")
        _, before = two.until("changed types:_int")
        assert [line for line in before if line.startswith("log types:debug ")]
        assert one.lines(0.2) == []


def test_many_clients_at_once(bench):
    """Each gets the answers to its own questions, in its order; who is active gets the updates."""
    wires = [bench.connect() for _ in range(12)]
    try:
        for wire in wires[:3]:
            wire.send("activate gate")
            wire.until("active gate")
        for i in range(10):
            for j, wire in enumerate(wires):
                wire.send(f"ping {i}_{j}")
                wire.send(f"change gate:target {(i + j) % 5}")
        for j, wire in enumerate(wires):
            answers = []
            while len(answers) < 20:
                line = wire.line()
                if line.startswith("update "):
                    assert j < 3 and line.startswith("update gate:")
                else:
                    answers.append(line)
            assert [line.split()[1] for line in answers[::2]] == [f"{i}_{j}" for i in range(10)]
            assert [split(line)[2][0] for line in answers[1::2]] == [(i + j) % 5 for i in range(10)]
    finally:
        for wire in wires:
            wire.close()


def test_a_client_that_reads_nothing_holds_nobody_up(bench):
    with bench.connect() as slow, bench.connect() as other:
        slow.send("activate")
        slow.socket.sendall(b"describe\n" * 300)
        for i in range(20):
            assert other.ask(f"ping {i}").startswith(f"pong {i} ")
        answers = [slow.until("describing ")[0] for _ in range(300)]
        assert len(set(answers)) == 1
        assert slow.ask("ping x").startswith("pong x ")


# ---- clients

connect = test_frappy.connect
test_frappy_every_parameter = test_frappy.test_every_parameter_is_there_after_connect
test_frappy_drive = test_frappy.test_drive_until_it_arrived
test_frappy_stop = test_frappy.test_stop
test_frappy_cli = test_frappy.test_frappy_cli
session = test_ophyd.session
test_ophyd_reads_all = test_ophyd.test_reads_all_of_the_heater
test_ophyd_set = test_ophyd.test_set_waits_until_it_arrived
test_ophyd_command = test_ophyd.test_command_with_argument


@pytest.fixture
def heater(bridges):
    return bridges("example_heater", speed=20)


def test_frappy_goes_on_after_the_node_started_anew(own_bridge, connect):
    """Its connection stays, and so does what it activated: it need not know that there is a serial line."""
    bridge = own_bridge("example_heater", speed=20)
    client = connect(bridge)
    client.setParameter("heater", "_maxheaterpower" if "_maxheaterpower" in client.identifier else "maxheaterpower", 33)
    bridge.laid.node.stop()
    bridge.laid.node.start()
    assert client.getParameter("heater", "target")[2] is None
    client.setParameter("heater", "target", 31)
    test_frappy.wait(lambda: client.cache["heater", "target"].value == 31)
    assert client.states.count("connected") == 1


# ---- when the line breaks


def test_a_cable_that_is_pulled_and_put_back(own_bridge):
    """For some seconds requests wait; after that everybody is told, and when it is back, too."""
    bridge = own_bridge("outside")
    with bridge.connect() as active, bridge.connect() as other:
        active.send("activate")
        active.until("active")
        bridge.cable.pulled = True
        begin = time.monotonic()
        other.send("read outside:value")
        answer = other.line(30)
        assert error_class(answer) == "CommunicationFailed" and time.monotonic() - begin < 25
        line, _ = active.until("error_update outside:value ", timeout=30)
        assert error_class(line.replace("error_update", "error_read")) == "CommunicationFailed"
        assert split(line)[2][2]["t"] == pytest.approx(time.time(), abs=20)
        # what does not need the node is answered all the same
        assert other.ask("*IDN?").startswith("ISSE,")
        assert json.loads(other.ask("describe")[len("describing . ") :])["equipment_id"] == "introduction_node"
        assert error_class(other.ask("ping 1", timeout=20)) == "CommunicationFailed"
        bridge.cable.pulled = False
        active.until("update outside:value ", timeout=20)
        assert other.ask("ping 2").startswith("pong 2 ")
        assert other.lines(1.2) == []  # still not active


class Plugged:
    """A board at a port that comes and goes, and a bridge to it."""

    def __init__(self, cable, node):
        self._cable = cable
        self.plug(node)
        self._port = harness.free_port()
        self._process = start(cable, self._port)

    def plug(self, node):
        self._laid = Laid("micropython", node)
        self._cable.symlink_to(self._laid.name)

    def unplug(self):
        self._cable.unlink()
        self._laid.stop()

    def said(self):
        """The next line that the bridge prints."""
        return self._process.stdout.readline()

    def connect(self):
        return harness.Wire(("127.0.0.1", self._port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(10)
        self._process.stdout.close()
        self._laid.stop()


def test_a_port_that_vanishes_and_comes_back(own_bridge, tmp_path):
    """A USB board that is unplugged: its port goes. It may come back as another terminal under the same name."""
    with Plugged(tmp_path / "ttyACM0", "outside") as plugged:
        assert "introduction_node" in plugged.said()
        with plugged.connect() as wire:
            wire.send("activate")
            wire.until("active")
            plugged.unplug()
            assert "is away" in plugged.said()
            plugged.plug("outside")
            assert "is there again" in plugged.said()
            wire.until("update outside:value ", timeout=10)
            assert wire.ask("read outside:value").startswith("reply outside:value ")


def test_another_node_at_the_same_port(own_bridge, tmp_path):
    """Its description is another one: clients are closed, and read it when they come again."""
    with Plugged(tmp_path / "ttyACM0", "outside") as plugged:
        plugged.said()
        with plugged.connect() as wire:
            wire.ask("ping 1")
            plugged.unplug()
            plugged.plug("vector_magnet")
            with pytest.raises((EOFError, ConnectionError)):
                wire.lines(20)
        with plugged.connect() as wire:
            assert '"mf"' in wire.ask("describe")
            assert wire.ask("read mf:status").startswith("reply mf:status")


def test_noise(own_bridge):
    """What noise makes of a line is an error to whoever asked, or nothing; it is never taken for something else."""
    bridge = own_bridge("outside")
    with bridge.connect() as wire:
        wire.send("activate")
        wire.until("active")
        bridge.cable.disturb = noise(3, 0.05, b"~\x00\xff")
        good = 0
        for i in range(30):
            answer = wire.ask(f"ping {i}", timeout=40)
            assert answer.startswith((f"pong {i} ", f"error_ping {i} ")), answer
            good += answer.startswith("pong")
        bridge.cable.disturb = None
        assert good > 5
        assert wire.ask("ping x", timeout=40).startswith("pong x ")
        for line in wire.lines(1.5):
            assert split(line)[1].startswith("outside:") and line.startswith(("update ", "error_update ")), line


# ---- by hand


def run(*words):
    command = [sys.executable, "-m", "tools", "bridge", *map(str, words)]
    return subprocess.run(command, cwd=harness.ROOT, capture_output=True, text=True, timeout=60)


def told(done):
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done
    return done.stderr


def test_what_is_wrong_is_told_in_a_line(tmp_path):
    port = harness.free_port()
    assert "there is no port /dev/ttyNOPE: is the cable in?" in told(run("/dev/ttyNOPE", "--port", port))
    assert "is no serial port" in told(run("/dev/null", "--port", port))
    assert "--port has to be a whole number" in told(run("/dev/ttyNOPE", "--port", "http"))
    assert "the baud rate has to be" in told(run("/dev/ttyNOPE", "--baudrate", "fast", "--port", port))
    assert "is no address of this machine" in told(run("/dev/ttyNOPE", "--host", "nowhere.invalid", "--port", port))


def test_a_port_where_nobody_answers():
    silent = ports.Port()
    try:
        said = told(run(silent.name, "--port", harness.free_port()))
        assert f"no SEC node answers at {silent.name}, 115200 baud" in said
    finally:
        silent.close()


def test_a_port_that_is_taken(bench):
    assert "another program has" in told(run(bench.cable.name, "--port", harness.free_port()))
    assert f"port {bench.port} is taken" in told(run(bench.cable.name, "--port", bench.port))


def test_no_permission(monkeypatch):
    """Said by the group that has it, as on most Linux machines."""
    import serial

    from tools.common import serial_port
    from tools.common.problem import Problem

    def refuse(*args, **kwds):
        raise serial.SerialException(13, "could not open port /dev/null: [Errno 13] Permission denied: '/dev/null'")

    monkeypatch.setattr(serial, "Serial", refuse)
    with pytest.raises(Problem, match="/dev/null is not open to you: it belongs to the group root.*usermod -aG root"):
        serial_port.open_port("/dev/null", 115200)


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
