"""`secnode bridge`: many clients on one serial line, each of which sees what a node of its own would show."""

import json
import signal
import subprocess
import sys
import time

import pytest

from host_tests import harness
from host_tests.clients import test_frappy, test_ophyd
from host_tests.harness import error_class, mentions, split
from host_tests.serial import bridged
from host_tests.serial.cable import noise
from host_tests.serial.conftest import Laid
from host_tests.wire import test_logging, test_messages, test_transcripts
from tools.emulator import ports

bridges = bridged.bridges
own_bridge = bridged.own_bridge
bench = bridged.bench


@pytest.fixture
def wire(bench):
    with bench.connect() as wire:
        wire.lossy = True  # for test_logging
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
    for sent, action in ((b"ping \x03", "ping"), (b"\xff\xfe", "??"), (b"read a\x00b:c", "read"), (b"x" * 9000, "x" * 128)):
        wire.send(sent)
        line = wire.line()
        assert error_class(line) == "ProtocolError" and line.startswith(f"error_{action} "), line
    assert wire.ask("ping 1").startswith("pong 1 ")


def hears(wire, n):
    """Whether a client is told what is logged of a change; a node leaves out what finds no room, so after some tries."""
    for _ in range(10):
        wire.send(f"change types:_int {n}")
        _, before = wire.until("changed types:_int")
        if [line for line in before if line.startswith("log types:debug ")]:
            return True
    return False


def test_each_client_has_its_own_level_of_logging(bench):
    with bench.connect() as one, bench.connect() as two:
        assert one.ask('logging types "debug"') == 'logging types "debug"'
        assert two.ask('logging types "info"') == 'logging types "info"'
        assert hears(one, 7)
        assert two.lines(0.2) == []
        assert two.ask('logging types "debug"') == 'logging types "debug"'
        one.ask("*IDN?")
        assert hears(two, 8)
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
    # a request that was on its way may end in CommunicationFailed: the node has started anew
    harness.wait(lambda: client.getParameter("heater", "target")[2] is None)
    client.setParameter("heater", "target", 31)
    harness.wait(lambda: client.cache["heater", "target"].value == 31)
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
        self._process = bridged.start(cable, self._port)

    def plug(self, node):
        self._laid = Laid("micropython", node)
        self._cable.symlink_to(self._laid.name)

    def unplug(self):
        self._cable.unlink()
        self._laid.stop()

    def said(self):
        """The next line that the bridge prints."""
        return self._process.stdout.readline()

    def end(self, signals):
        """What it says until its end, which these signals bring about."""
        for number in signals:
            self._process.send_signal(number)
            time.sleep(0.05)
        said = self._process.stdout.read()
        assert self._process.wait(20) in (0, 130, -signal.SIGTERM, 143), said
        return said

    def deafen(self):
        """Nobody reads any more what the bridge prints."""
        self._process.stdout.close()

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
            assert mentions(plugged.said(), "introduction_node")
            wire.until("update outside:value ", timeout=10)
            assert wire.ask("read outside:value").startswith("reply outside:value ")


def test_where_nobody_reads_what_it_says(tmp_path):
    """`secnode bridge ... | head -1`: the clients are served all the same."""
    with Plugged(tmp_path / "ttyACM0", "outside") as plugged:
        plugged.said()
        plugged.deafen()
        with plugged.connect() as wire:
            wire.send("activate")
            wire.until("active")
            plugged.unplug()
            wire.until("error_update outside:value ", timeout=30)
            plugged.plug("outside")
            wire.until("update outside:value ", timeout=30)
            assert wire.ask("read outside:value").startswith("reply outside:value ")


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGINT, signal.SIGINT], [signal.SIGTERM]])
def test_the_end_while_clients_are_there(tmp_path, signals):
    with Plugged(tmp_path / "ttyACM0", "outside") as plugged:
        plugged.said()
        with plugged.connect() as wire, plugged.connect() as other:
            wire.send("activate")
            wire.until("active")
            other.send("ping 1")
            said = plugged.end(signals)
            assert "Traceback" not in said and "Error" not in said, said


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
    assert mentions(told(run("/dev/ttyNOPE", "--port", port)), "/dev/ttyNOPE", "cable")
    assert mentions(told(run("/dev/null", "--port", port)), "/dev/null", "serial port")
    assert mentions(told(run("/dev/ttyNOPE", "--port", "http")), "--port", "'http'")
    assert mentions(told(run("/dev/ttyNOPE", "--baudrate", "fast", "--port", port)), "baud rate", "'fast'")
    assert mentions(told(run("/dev/ttyNOPE", "--host", "nowhere.invalid", "--port", port)), "nowhere.invalid", "127.0.0.1")


def test_a_port_where_nobody_answers():
    silent = ports.Port()
    try:
        said = told(run(silent.name, "--port", harness.free_port()))
        assert mentions(said, silent.name, "115200 baud")
    finally:
        silent.close()


def test_a_port_that_is_taken(bench):
    assert mentions(told(run(bench.cable.name, "--port", harness.free_port())), bench.cable.name, "`secnode bridge`")
    assert f"port {bench.port} " in told(run(bench.cable.name, "--port", bench.port))


def test_no_permission(monkeypatch):
    """Said by the group that has it, as on most Linux machines."""
    import serial

    from tools.client import serial_port
    from tools.problem import Problem

    def refuse(*args, **kwds):
        raise serial.SerialException(13, "could not open port /dev/null: [Errno 13] Permission denied: '/dev/null'")

    monkeypatch.setattr(serial, "Serial", refuse)
    with pytest.raises(Problem, match=r"/dev/null .*\broot\b.*usermod -aG root"):
        serial_port.open_port("/dev/null", 115200)
