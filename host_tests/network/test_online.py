"""Nodes on a network: Wi-Fi lost and found, clocks set, and who asks finds them."""

import calendar
import errno
import fcntl
import json
import logging
import os
import re
import socket
import subprocess
import sys
import threading
import time

import pytest
from frappy.protocol.discovery import UDPListener

from host_tests import harness
from host_tests.network.conftest import DEAF, NO_NETWORK
from host_tests.network.test_time import packet
from tools import paths
from tools.verbs import discover

level = harness.level_fixture(*harness.LEVELS)

LOOPBACK = "127.255.255.255"
QUESTION = b'{"SECoP": "discover"}'
WIFI = {"wifi": {"ssid": "HOST", "password": "secnode-host"}}
CLOCKED = harness.NODES / "clocked.py"


# ---- Wi-Fi


def test_a_heater_goes_on_without_its_network(start_node):
    """The access point goes while it heats: the client is let go, the heater heats on, and both meet again."""
    node = start_node("example_heater", speed=20, settings=WIFI, SECNODE_WIFI="1")
    wire = node.connect()
    wire.ask("activate heater")
    assert wire.ask("change heater:target 60").startswith("changed")
    node.type("fault ap_gone")
    with pytest.raises((EOFError, ConnectionError)):
        while True:
            wire.line(20)
    # as long again as it takes to be at the target, and nobody who asks
    time.sleep(4)
    harness.wait(lambda: NO_NETWORK in node.log, 20)
    with node.connect(timeout=0.5) as unheard:
        unheard.send("*IDN?")
        with pytest.raises(TimeoutError):
            unheard.line(0.5)
    node.type("fault none")
    harness.wait(lambda: node.log.count("Wi-Fi is up") == 2, 20)
    with node.connect() as wire:
        assert harness.split(wire.ask("read heater:status"))[2][0] == [100, "at target"]
        assert abs(harness.split(wire.ask("read heater:value"))[2][0] - 60) < 2
    assert "HOST" not in node.log and "secnode-host" not in node.log and "Traceback" not in node.log


def test_a_client_that_is_not_heard_any_more_is_let_go(start_node):
    """The board calls itself connected and nothing gets through."""
    node = start_node("outside", speed=100, settings=WIFI, SECNODE_WIFI="1")
    harness.wait(lambda: "Wi-Fi is up" in node.log, 20)
    time.sleep(1)
    node.type("fault ap_deaf")
    harness.wait(lambda: DEAF in node.log, 20)
    node.type("fault none")
    with node.connect() as wire:
        assert wire.ask("read outside:value").startswith("reply")


# ---- the clock


def stamped(line):
    return harness.split(line)[2][1].get("t")


def test_without_a_time_it_is_set_by_a_client(start_node, tmp_path):
    """No `t` before, the right one with the very answer, and after a soft reset; none after a power cut."""
    rtc = tmp_path / "rtc"
    node = start_node(CLOCKED, SECNODE_RTC=str(rtc))
    with node.connect() as wire:
        assert stamped(wire.ask("read counter:value")) is None and stamped(wire.ask("ping")) is None
        assert harness.split(wire.ask("read clock:value"))[2] == [False, {}]
        code, text = harness.value(wire, "clock:status")
        assert code == 200 and harness.mentions(text, "clock")
        for text in ('"2026-02-30T00:00:00Z"', '"tomorrow"', '"' + "1" * 33 + '"', '"2026-11-21T11:15:00Ü"'):
            assert harness.error_class(wire.ask("do clock:_set_time " + text)) == "RangeError"
        for text in ("1795261573", "null", ""):
            assert harness.error_class(wire.ask("do clock:_set_time " + text)) == "WrongType"
        assert wire.ask('check clock:_set_time "2031-07-01T12:00:00.5Z"').startswith("checked")
        assert stamped(wire.ask("ping")) is None, "a check sets nothing"
        wire.ask("activate counter")
        begin = time.monotonic()
        wire.send('do clock:_set_time "2031-07-01T12:00:00.5Z"')
        done, before = wire.until("done")
        wanted = calendar.timegm((2031, 7, 1, 12, 0, 0)) + 0.5
        assert wanted <= stamped(done) <= wanted + 0.1 + time.monotonic() - begin
        assert not any('"t"' in line for line in before), "and updates went on while the second was awaited"
        assert stamped(wire.until("update counter:value")[0]) > wanted
        wire.ask("deactivate")
        assert harness.split(wire.ask("read clock:value"))[2][0] is True
        assert harness.split(wire.ask("read clock:status"))[2][0] == [100, ""]
    assert node.stop() == 0
    node.start()
    with node.connect() as wire:
        assert stamped(wire.ask("read counter:value")) > wanted
        assert wanted < stamped(wire.ask("ping")) < wanted + 60 + time.monotonic() - begin
    node.stop()
    rtc.unlink()
    node.start()
    with node.connect() as wire:
        assert stamped(wire.ask("ping")) is None


def test_set_again_it_follows(start_node, tmp_path):
    """A small correction never takes a parameter's time back; a large one is taken over, and told."""
    node = start_node(CLOCKED, SECNODE_RTC=str(tmp_path / "rtc"))
    with node.connect() as wire:
        times = []
        for text in ("2031-07-01T12:00:00Z", "2031-07-01T12:00:00Z"):
            times.append(stamped(wire.ask(f'do clock:_set_time "{text}"')))
            times.append(stamped(wire.ask("read counter:value")))
        assert times == sorted(times)
        late = stamped(wire.ask('do clock:_set_time "2030-07-01T12:00:00Z"'))
        assert late < times[0]
    assert re.search(r"clock .*-315\d+ s", node.log)


# ---- set by NTP


class Server:
    """An NTP server whose clock is `ahead` s of the PC's."""

    def __init__(self):
        self.ahead = 0.0
        self.asked = 0
        self.silent = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            data, peer = self._socket.recvfrom(100)
            self.asked += 1
            if not self.silent:
                now = time.time() + self.ahead
                found = bytearray.fromhex(packet(int(now), int(now % 1 * 1000)))
                found[24:32] = data[40:48]
                self._socket.sendto(found, peer)


def test_by_ntp(start_node, tmp_path):
    """No `t` before the first sync, the right one after it; later ones take no time back. Speed: an hour is 3.6 s."""
    server = Server()
    server.silent = True
    server.ahead = 86400 * 500.0
    node = start_node(
        CLOCKED, speed=1000, settings=WIFI, SECNODE_WIFI="1", SECNODE_RTC=str(tmp_path / "rtc"), SECNODE_NTP=server.address
    )
    with node.connect() as wire:
        deadline = time.monotonic() + 20
        while server.asked < 1:
            assert time.monotonic() < deadline
            assert stamped(wire.ask("read counter:value")) is None
            time.sleep(0.05)
        server.silent = False
        while stamped(wire.ask("read counter:value")) is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert abs(stamped(wire.ask("ping")) - time.time() - server.ahead) < 1
        asked = server.asked
        server.ahead -= 1.5
        times = []
        deadline = time.monotonic() + 30
        # asked again, and the clock has followed
        while server.asked == asked or abs(times[-1] - time.time() - server.ahead) > 0.5:
            assert time.monotonic() < deadline
            times.append(stamped(wire.ask("read counter:value")))
            time.sleep(0.02)
        assert times == sorted(times)
    assert re.search(r"NTP: .*clock .*pool\.ntp\.org", node.log)
    assert "secnode-host" not in node.log and "HOST" not in node.log


# ---- discovery


@pytest.fixture
def discovery_port():
    """One test at a time: all nodes of this machine hear what is sent there, and a flood swallows others' questions."""
    with open(os.path.join(os.environ["SECNODE_TESTS"], "discovery_port"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


alone = pytest.mark.usefixtures("discovery_port")


class Asker:
    """Somebody who asks, and keeps what `node` answers."""

    def __init__(self, node):
        self._port = node.port
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, data):
        self._socket.sendto(data, (LOOPBACK, 10767))

    def asked(self):
        """How often the question was asked until it was answered, and the answers: a flood of another test may swallow it."""
        for n in range(1, 5):
            self.send(QUESTION)
            found = self.answers(5, 1)
            if found:
                return n, found + self.answers(0.3)
        return n, []

    def answers(self, wait, most=1000):
        found = []
        deadline = time.monotonic() + wait
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                data = json.loads(self._socket.recv(2000))
            except TimeoutError:
                break
            if data["port"] == self._port:
                found.append(data)
                if len(found) == most:
                    break
        return found


@pytest.fixture
def node(start_node):
    return start_node("outside")


@alone
def test_a_question_is_answered_once(node):
    with Asker(node) as asker:
        n, found = asker.asked()
    assert 1 <= len(found) <= n
    for answer in found:
        assert answer == {
            "SECoP": "node", "port": node.port, "equipment_id": "introduction_node",
            "firmware": f"secnode v{paths.version()}", "description": "a basic example",
        }  # fmt: skip


@alone
def test_rubbish_is_not_answered(node):
    with Asker(node) as asker:
        for data in (b"5", b"", b"null", b"\xff" * 500, b'{"SECoP":"node"}', b"[" * 1400, QUESTION[:-1]):
            asker.send(data)
        assert asker.answers(0.5) == []
        n, found = asker.asked()
        assert 1 <= len(found) <= n
    assert "error" not in node.log


@alone
def test_a_flood_is_answered_at_a_bounded_rate(node):
    """Some 5,000 datagrams in a second: 20 answers a second at most, and clients are served meanwhile."""
    with Asker(node) as asker, node.connect() as wire:
        begin = time.monotonic()
        sent = 0
        pings = 0
        while time.monotonic() < begin + 1:
            for _ in range(100):
                asker.send(QUESTION if sent % 2 else b"rubbish")
                sent += 1
            assert wire.ask("ping flood", timeout=5).startswith("pong")
            pings += 1
        found = len(asker.answers(0.7))
        seconds = time.monotonic() - begin
        assert sent > 500 and pings > 4
        assert 2 <= found <= 20 * seconds + 2
        # what a PC's socket held back; a board's holds next to nothing
        harness.wait(lambda: not asker.answers(0.5))
        n, found = asker.asked()
        assert 1 <= len(found) <= n


class Announcements:
    """What is announced on the loopback network."""

    def __enter__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._socket.bind((LOOPBACK, 10767))
        return self

    def __exit__(self, *_):
        self._socket.close()

    def of(self, node, wait=10):
        """The next one of a node; None where there is none."""
        deadline = time.monotonic() + wait
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                data = json.loads(self._socket.recv(2000))
            except TimeoutError:
                return None
            if isinstance(data, dict) and data.get("port") == node.port:  # other tests send rubbish
                return data


@alone
def test_it_announces_itself_when_it_is_up(start_node):
    with Announcements() as announcements:
        node = start_node("example_heater")
        said = announcements.of(node)
        assert said["equipment_id"] == "example_org.example_heater" and said["SECoP"] == "node"
        assert announcements.of(node, 1) is None, "once"


@alone
def test_it_announces_each_address_it_gets(start_node):
    with Announcements() as announcements:
        node = start_node("outside", speed=20, settings=WIFI, SECNODE_WIFI="1")
        assert announcements.of(node)
        node.type("fault dhcp_renewed")
        assert announcements.of(node)
        assert announcements.of(node, 1) is None


@alone
def test_a_port_that_is_taken_is_told(level):
    """Another program has it for itself alone: the node serves all the same."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.bind((LOOPBACK, 10767))
        except OSError:
            pytest.skip("another node on this machine has the discovery port")
        node = harness.NodeProcess(level, "outside")
        try:
            assert re.search(rf"discover.*\b{errno.EADDRINUSE}\b", node.log)
            with node.connect() as wire:
                assert wire.ask("read outside:value").startswith("reply")
        finally:
            assert node.stop() == 0


# ---- secnode discover


def tool(*words):
    return subprocess.run(
        [sys.executable, "-m", "tools", "discover", *words], cwd=harness.ROOT, capture_output=True, text=True, timeout=30
    )


@alone
def test_nodes_are_listed(start_node):
    nodes = [start_node("outside"), start_node("vector_magnet")]
    done = tool("--timeout", "3")
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["address", "equipment_id", "firmware", "description"]
    for node, words in zip(nodes, ("introduction_node", "example_org.vector_magnet"), strict=True):
        line = [line for line in lines if f"127.0.0.1:{node.port} " in line]
        assert len(line) == 1 and words in line[0] and f"secnode v{paths.version()}" in line[0]
        assert line[0].index("secnode") == lines[0].index("firmware")
    found = json.loads(tool("--timeout", "3", "--json").stdout)
    assert {"address": "127.0.0.1", "port": nodes[0].port}.items() <= [n for n in found if n["port"] == nodes[0].port][
        0
    ].items()


# ---- with frappy


@alone
def test_frappys_nodes_are_found():
    listener = UDPListener("frappy_node", "a node of frappy\nwith two lines", ["tcp://12321"], logging.getLogger("frappy"))
    thread = threading.Thread(target=listener.run, daemon=True)
    thread.start()
    try:
        found = [node for node in discover.discover(3) if node.equipment_id == "frappy_node"]
    finally:
        listener.shutdown()
    assert len(found) == 1 and found[0].port == 12321 and found[0].firmware.startswith("FRAPPY")
    assert found[0].description == "a node of frappy with two lines"


@alone
def test_frappys_scan_finds_nodes(start_node):
    node = start_node("example_heater", SECNODE_HOST="0.0.0.0")
    scan = os.path.join(os.path.dirname(sys.executable), "frappy-scan")
    done = subprocess.run([sys.executable, scan], capture_output=True, text=True, timeout=30)
    if "could not send the broadcast" in done.stdout:
        pytest.skip("this machine has no network, and frappy-scan asks no other")
    said = done.stdout.split("Found ")
    ours = [part for part in said if f"Port: {node.port}\n" in part]
    assert len(ours) == 1
    assert ours[0].startswith("example_org.example_heater at ")
    with node.connect() as wire:
        description = harness.split(wire.ask("describe"))[2]["description"]
    assert "Firmware: ExampleSECoPFirmware" in ours[0] and description in ours[0]
