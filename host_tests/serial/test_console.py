"""SECoP on the USB console: beside mpremote and Ctrl-C, with nothing else between the messages."""

import os
import pty
import signal
import statistics
import subprocess
import sys
import time

import pytest

from host_tests import harness
from host_tests.serial.cable import Wire
from tools.emulator import ports

BENCH = harness.NODES / "bench.py"
IDENTIFICATION = "ISSE,SECoP,V2019-09-16,v1.0"
_FLOOR = 0.001  # s: less than that for an answer is luck
# what a session may hear
MESSAGES = (
    "ISSE,", "describing ", "reply ", "error_", "changed ", "done ", "checked ", "active", "inactive", "pong ", "update ",
    "helping ", "logging ", "log ",
)  # fmt: skip


class Usb:
    """A board at a USB cable. What its node prints comes on the same cable as SECoP does."""

    def __init__(self, level, node, offer=1, **more):
        self.port = ports.Console()
        self.name = self.port.name
        self.node = harness.NodeProcess(level, node, usb=self.port, SECNODE_OFFER_S=str(offer), **more)

    def connect(self):
        return Wire(self.name).begin()

    def ended(self, seconds=10):
        """The exit code of the node; -9 for a reset."""
        return self.node.process.wait(seconds)

    def stop(self):
        self.node.stop()
        self.port.close()


@pytest.fixture
def usb(level):
    plugged = []

    def plug(node=BENCH, *args, **more):
        plugged.append(Usb(level, node, *args, **more))
        return plugged[-1]

    yield plug
    for board in plugged:
        board.stop()


def test_a_session(usb):
    """Closed at first; then whatever the firmware has to say, messages are all that comes."""
    board = usb()
    with Wire(board.name) as wire:
        assert wire.ask("ping 1") == "error_closed"
        assert wire.ask("rubbish before*IDN?") == IDENTIFICATION
        got = []
        wire.send("activate")
        wire.send('logging  "debug"')
        for i, request in enumerate(("describe", "change faulty:_fault 3", "do calc:_nothing", "help", "x" * 3000, b"\xff")):
            wire.send(request)  # one of them is a driver that raises what it must not
            wire.send(f"ping {i}")
            line, before = wire.until(f"pong {i} ")
            got += [line, *before]
        got += wire.lines(1)
        assert not [line for line in got if not line.startswith(MESSAGES)]
        assert any(line.startswith('error_update faulty:value ["InternalError"') for line in got)
        for _ in range(10):  # a message that finds no room is dropped: it may have come just with an answer
            if any(line.startswith("log faulty:error") for line in got):
                break
            for fault in (0, 3):
                wire.ask(f"change faulty:_fault {fault}")
                got += wire.lines(0.5)
        else:
            raise AssertionError(got)


def test_ctrl_c_ends_the_node_and_tells_what_it_had_to_say(usb):
    board = usb(offer=20)
    with board.connect() as wire:
        wire.ask("change faulty:_fault 3")
        wire.lines(0.3)
        wire.send("ping half a li\x03")
        text = "\n".join(wire.until("Enter: the REPL.")[1])
        assert harness.mentions(text, "test.secnode.bench", "console")
        assert "Traceback" in text and "outputs" in text
        wire.socket.sendall(b"\r")  # by which mpremote begins as well
        assert board.ended() == 0


@pytest.mark.parametrize("taking", [b"\r\x01", b"\x01", b"\x03", b"\x04", b"\n \r"])
def test_what_takes_the_console(usb, taking):
    board = usb("outside", offer=20)
    with board.connect() as wire:
        wire.send(b"\x03")
        wire.until("Enter: the REPL.")
        wire.socket.sendall(taking)
        assert board.ended() == 0


def test_the_node_starts_again_where_nobody_takes_the_console(usb):
    """A stray byte 3 does not keep it down, nor does a client that goes on asking."""
    board = usb("outside", offer=1)
    with board.connect() as wire:
        wire.send(b"noise\x03")
        wire.until("Enter: the REPL.")
        wire.send("*IDN?")
        wire.send("read outside:value")
        assert board.ended() == -9
        assert board.node.reset.exists()
        board.node.start()
        with board.connect() as again:
            assert again.ask("read outside:value").startswith("reply")


def test_outputs_are_low_and_stay_so(usb):
    """The heater was on; after Ctrl-C, and after the start that follows, it is off and nothing is BUSY."""
    board = usb("example_heater", offer=1, speed=20)
    with board.connect() as wire:
        assert wire.ask("change heater:target 100").startswith("changed")
        assert harness.split(wire.ask("read heater:status"))[2][0][0] == 300
        wire.send(b"\x03")
        assert "outputs" in "".join(wire.until("Enter: the REPL.")[1])
        assert board.ended() == -9
        board.node.start()
    with board.connect() as wire:
        assert harness.split(wire.ask("read heater:status"))[2][0][0] == 100


def test_a_maintenance_start(usb, tmp_path):
    """No node, no heater, no watchdog, until somebody took the console; it counts once."""
    flag = tmp_path / "maintenance"
    flag.touch()
    board = usb("outside", ready=False, SECNODE_MAINTENANCE=str(flag), SECNODE_MAINTENANCE_S="30")
    with Wire(board.name) as wire:
        wire.until("Maintenance: no node, no heater, no watchdog.")
        assert not flag.exists()
        with pytest.raises(ConnectionRefusedError):
            board.node.connect()
        time.sleep(1)
        wire.send("ping 1")
        assert wire.lines(0.5)[1:] == [] and board.node.process.poll() is None
        wire.socket.sendall(b"\r")
        assert board.ended() == 0
    board.node._ready = True
    board.node.start()
    with board.connect() as wire:
        assert wire.ask("read outside:value").startswith("reply")


def test_a_maintenance_start_that_nobody_uses(usb, tmp_path):
    flag = tmp_path / "maintenance"
    flag.touch()
    board = usb("outside", SECNODE_MAINTENANCE=str(flag), SECNODE_MAINTENANCE_S="1")
    with board.connect() as wire:
        assert wire.ask("read outside:value").startswith("reply")


def test_a_host_that_holds_the_port_and_does_not_read(usb):
    """It stalls nobody, and when it reads again it gets the newest values."""
    board = usb(harness.NODES / "ten.py")

    def pings(wire):
        found = []
        for i in range(100):
            begin = time.monotonic()
            wire.ask(f"ping {i}")
            found.append(time.monotonic() - begin)
        return statistics.median(found), max(found)

    with board.node.connect() as other, board.connect() as wire:
        quiet, _ = pings(other)
        wire.send("activate")
        wire.send("describe")
        time.sleep(2.5)  # longer than it takes to fill all there is between them
        stalled, longest = pings(other)
        assert stalled < 20 * max(quiet, _FLOOR) and longest < 0.5
        old = time.time()
        wire.send("ping x")
        _, before = wire.until("pong x ")
        assert wire.until("update count0:value")
        newest = [harness.split(line) for line in wire.lines(0.5) if line.startswith("update count0:value")]
        assert newest[-1][2][1]["t"] > old
        assert len(before) < 5000


def test_miniterm(usb):
    """What comes with pyserial, typed at by hand: line ends, echo, and Ctrl-] as its own end."""
    board = usb("outside")
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-m", "serial.tools.miniterm", "-e", board.name, "115200"])
    shown = b""
    try:
        for typed, answer in ((b"*IDN?\r", b"ISSE,SECoP"), (b"read outside\r", b"reply outside ["), (b"\r", b"helping 11")):
            os.write(terminal, typed)
            deadline = time.monotonic() + 10
            while answer not in shown:
                assert time.monotonic() < deadline, shown
                shown += os.read(terminal, 4096)
        os.write(terminal, b"\x1d")
        while True:
            shown += os.read(terminal, 4096)
    except OSError:
        pass  # it has ended
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert b"Traceback" not in shown


def test_make_run_serves_both_and_prints_how_to_talk(level, tmp_path):
    """SERIAL=both; frappy's form of the address, and Ctrl-C ends it for good."""
    python = "python3" if level == "cpython" else "micropython"
    port = harness.free_port()
    process = subprocess.Popen(
        ["make", "run", "NODE=outside", f"PORT={port}", f"PYTHON={python}", "SERIAL=both", "BAUDRATE=57600"],
        cwd=harness.ROOT, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        said = ""
        while "outputs off" not in said:
            said += process.stdout.readline()
        uart = said.split("serial://")[1].split("?")[0]
        assert f"serial://{uart}?baudrate=57600" in said and f"secnode talk {uart}" in said
        console = said.split("its USB console  ")[1].split(":")[0]
        for name in (uart, console):
            with Wire(name) as wire:
                assert wire.begin().ask("read outside:value").startswith("reply")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(20)
