"""TCP with the chip's own lwIP: what there is only over a network, and client programs that nobody here wrote.

What needs sockets of this PC runs in the wall's time; the rest in steps.
"""

import asyncio
import contextlib
import json
import logging
import subprocess
import sys

import pytest
from secop_ophyd.SECoPDevices import SECoPNodeDevice

from host_tests import harness
from host_tests.clients.test_frappy import Client
from tools.emulator import steps
from tools.verbs import discover

SECONDS = 1  # of the wall's time, for each kind of bad client


@pytest.fixture(scope="module")
def heater(nodes):
    return nodes("example_heater", network=True)


@pytest.fixture
def sockets(heater):
    """The heater's board in the wall's time, with `uri` and `port` as a node of harness has them."""
    board = heater.board
    heater.port, heater.uri = board.tcp, f"127.0.0.1:{board.tcp}"
    board.speed(1)
    yield heater
    board.speed(0)
    board.sleep(100)


def test_one_client_too_many_is_told_and_a_place_that_is_left_is_given_again(heater):
    held = [heater.connect() for _ in range(2)]
    last = steps.Cable(heater.board, "tcp3")
    last.sendall(b"ping 3\n")
    assert last.line(10).startswith(b"pong 3 ")
    one_more = steps.Cable(heater.board, "tcp4")
    assert b"this node serves 3 clients at a time" in one_more.line(10)
    with pytest.raises(EOFError):
        one_more.line(10)
    one_more.close()
    last.close()
    heater.board.sleep(200)
    with heater.connect() as wire:
        assert wire.ask("ping 4").startswith("pong 4 ")
    for wire in held:
        assert wire.ask("ping 5").startswith("pong 5 ")
        wire.close()


def test_long_answers_to_three_clients_are_whole(heater):
    """At once, in segments that lwIP cuts anywhere."""
    wires = [heater.connect() for _ in range(3)]
    for wire in wires:
        wire.socket.sendall(b"describe\n" * 5)
    found = {wire.line(30) for wire in wires for _ in range(5)}
    assert len(found) == 1
    assert json.loads(found.pop()[len("describing . ") :])["equipment_id"] == "example_org.example_heater"
    for wire in wires:
        wire.close()


def test_clients_that_fall_asleep_stop_nobody(fresh):
    """What they are sent is not acknowledged: lwIP's memory fills, and a write() that waits in C ends at the watchdog."""
    node = fresh(harness.NODES / "bench.py", network=True)
    starts = node.board.status()["starts"]
    with node.connect() as first, node.connect() as second, node.connect() as other:
        for wire in (first, second):
            wire.send("activate")
            wire.until("active")
            wire.socket.sleep(True)
        for i in range(25):
            begun = node.board.time
            assert other.ask(f"ping {i}").startswith(f"pong {i} ")
            assert node.board.time - begun < 500
            node.board.sleep(400)
        for wire in (first, second):
            wire.socket.sleep(False)
    node.board.sleep(500)
    assert node.board.status()["starts"] == starts


def test_clients_that_read_nothing_hold_a_third_one_up_for_a_while(fresh):
    """What they have asked fills lwIP's buffers too, so that no acknowledgement gets in: then one of them is closed."""
    node = fresh(harness.NODES / "bench.py", network=True)
    board = node.board
    starts = board.status()["starts"]
    with node.connect() as first, node.connect() as second, node.connect() as other:
        for wire in (first, second):
            wire.socket.sendall(b"describe\n" * 600)
        begun = board.time
        while board.time - begun < 36000:
            other.send("describe\nping x")
            other.until("describing ", 35)  # 20 s until one is closed, and 10 until lwIP forgets it
            other.until("pong x ", 25)
            board.sleep(300)
    board.sleep(500)
    assert board.status()["starts"] == starts


def test_who_listens_and_the_control_go_on_beside_clients_asleep(heater):
    """Until the node gives those up, after 20 s, and lwIP aborts their connections, 10 s later."""
    starts = heater.board.status()["starts"]
    with heater.connect() as first, heater.connect() as second, heater.connect() as listening:
        listening.send("change heater:target 40")
        listening.until("changed ")
        for wire in (first, second, listening):
            wire.send("activate")
            wire.until("active")
        for wire in (first, second):
            wire.socket.sleep(True)
        for _ in range(20):
            line, _ = listening.until("update heater:value ", 3)
            heater.board.sleep(2000)
        assert abs(json.loads(line.partition("[")[2].partition(",")[0]) - 40) < 2
        assert heater.board.status()["starts"] == starts
        with heater.connect(ways=("tcp6",)) as anew:
            assert anew.ask("change heater:target 0").startswith("changed ")


def test_a_cable_is_pulled_and_put_back(nodes):
    """With a client that gets updates and asks for more than goes between: it has all its answers when the cable is back."""
    node = nodes(harness.NODES / "bench.py", network=True)
    starts = node.board.status()["starts"]
    with node.connect() as wire:
        wire.send("activate")
        wire.until("active")
        wire.socket.sendall(b"describe\n" * 2)
        node.board.sleep(20)
        node.board.cable(False)
        node.board.sleep(3000)
        node.board.cable(True)
        for _ in range(2):
            wire.until("describing ", 60)
        wire.send("ping back")
        wire.until("pong back", 60)
    assert node.board.status()["starts"] == starts


def test_it_is_discovered(heater):
    """By the question of `secnode discover`, and by nothing else; a flood of questions gets 20 answers a second."""
    board = heater.board
    answers = steps.broadcast(board, discover.PORT, discover._QUESTION, 0.5)
    found = [discover.Found.parse(data, "192.168.7.2") for data in answers]
    assert [(node.port, node.equipment_id) for node in found] == [(10767, "example_org.example_heater")]
    for other in (b"", b"{}", b'{"SECoP":"node"}', b"\xff" * 600, discover._QUESTION[:-1]):
        assert steps.broadcast(board, discover.PORT, other, 0.3) == []
    begun = board.time
    answers = []
    while board.time - begun < 1000:
        answers += steps.broadcast(board, discover.PORT, discover._QUESTION, 0.01)
    answers += steps.heard(board, 0.3)
    assert 5 <= len(answers) <= 27
    with heater.connect() as wire:
        assert wire.ask("ping after").startswith("pong after ")


def test_usb_uart_and_tcp_at_once(heater):
    with heater.usb() as usb, heater.uart() as uart, heater.connect() as tcp:
        assert usb.ask("describe") == uart.ask("describe") == tcp.ask("describe")
        tcp.send("activate")
        tcp.until("active")
        usb.ask("change heater:target_limits [0, 100]")
        tcp.until("update heater:target_limits [[0.0, 100.0]")
        uart.ask("change heater:target_limits [0, 120]")
        tcp.until("update heater:target_limits [[0.0, 120.0]")


def test_a_reset_ends_connections_and_the_network_comes_back(fresh):
    """The chip's other life knows nothing of them, and says so."""
    node = fresh("outside", network=True)
    node.board.do("hear", port=discover.PORT)
    with node.connect() as wire:
        assert wire.ask("ping 1").startswith("pong 1 ")
        node.board.do("datagrams")
        node.board.reset()
        node.usb().close()
        said = [discover.Found.parse(data, "192.168.7.2") for data in steps.heard(node.board, 3)]
        assert [node.port for node in said] == [10767], "it announces itself when it is up"
        node.board.sleep(1000)
        wire.send("ping 2")
        with pytest.raises(EOFError):
            wire.line(30)
    with node.connect() as wire:
        assert wire.ask("ping 3").startswith("pong 3 ")


def test_frappys_client(sockets):
    client = Client(sockets)
    try:
        client.connect(try_period=10)
        assert client.properties["equipment_id"] == "example_org.example_heater"
        assert set(client.modules) == {"heater", "outside"}
        for name, module in client.modules.items():
            for parameter in module["parameters"]:
                item = client.cache[name, parameter]
                assert item.readerror is None, (name, parameter, item)
        client.setParameter("heater", "target", 40)
        assert client.getParameter("heater", "target")[0] == 40
        assert int(client.getParameter("heater", "status")[0][0]) == 300
        harness.wait(lambda: client.cache["heater", "value"].value > 30, 120)
        client.execCommand("heater", "stop")
        assert int(client.getParameter("heater", "status")[0][0]) < 300
        assert client.execCommand("heater", "examplecommand", {"a": 1, "b": 2})[0] == 3
        client.setParameter("heater", "target", 0)
    finally:
        client.disconnect()
    assert client.complaints == []


def test_ophyd(sockets, tmp_path):
    async def session():
        device = SECoPNodeDevice(sockets.uri, loglevel=logging.CRITICAL, logdir=str(tmp_path))
        try:
            await device.connect(timeout=60)
            heater = device.heater
            goal = await heater.value.get_value() + 3
            await heater.set(goal)
            await heater.stop(success=True)
            return goal, await heater.value.get_value(), await device.read()
        finally:
            await device._client.disconnect()
            SECoPNodeDevice._clients.pop(sockets.uri, None)

    goal, value, found = asyncio.run(session())
    assert value == pytest.approx(goal, abs=1)
    assert len(found) >= 2


def has_a_place(port):
    """Whether the node serves one more: it may not have seen yet that others have left."""
    with contextlib.suppress(OSError, EOFError), harness.Wire(("127.0.0.1", port), 60) as wire:
        return wire.ask("ping after", 60).startswith("pong after ")
    return False


@pytest.fixture(scope="module")
def watched(nodes):
    return nodes(harness.NODES / "watched.py", network=True)


# of host_tests/hostile/clients.py; the others take minutes of the chip's time for each second of the wall's: no_end 1 MB, leave
# 1000 connections, all_places thirty at a time, and browsers the page over and over
@pytest.mark.parametrize("kind", ["slowloris", "one_byte", "cut_describe", "flood", "unread", "half_close", "storm", "rubbish"])
def test_hostile_clients(watched, kind):
    """A good one at the USB has its answers meanwhile, and a place over TCP afterwards."""
    board = watched.board
    board.speed(1)
    command = [sys.executable, "-m", "host_tests.hostile.clients", str(board.tcp), kind, str(SECONDS)]
    with subprocess.Popen(command, cwd=harness.ROOT, stderr=subprocess.PIPE, text=True) as process:
        with harness.Wire(("127.0.0.1", board.usb), 60) as good:
            good.send("*IDN?\nping anew")
            good.until("pong anew", 60)
            n = 0
            while process.poll() is None or not n:
                n += 1
                assert good.ask(f"ping {n}", 60).startswith(f"pong {n} ")
                assert good.ask("read heater:value", 60).startswith("reply heater:value [")
                assert good.ask("change heater:target 1.5.5", 60).startswith("error_change heater:target")
        assert process.returncode == 0, process.stderr.read()
    harness.wait(lambda: has_a_place(board.tcp), 60)
    assert board.status()["starts"] == 1  # the watchdog has not reset it
    board.speed(0)
    board.sleep(100)
