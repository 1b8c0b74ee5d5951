"""A bath by the tables of docs/instruments.md, against the one that lewis simulates: software that nobody here wrote.

lewis speaks TCP alone, which is why what stands behind a UART is ours (tools/emulator/stand_ins.py). Of its devices the Julabo
is one that a lab would put behind a board.
"""

import socket
import subprocess
import sys

import pytest

from host_tests import harness
from host_tests.harness import NODES, error_class, value, wait

SPEED = 60  # times: it warms by 5 K a minute


@pytest.fixture
def julabo():
    port = harness.free_port()
    options = f"julabo-version-1: {{bind_address: 127.0.0.1, port: {port}}}"
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        "from lewis.scripts.run import run_simulation; run_simulation()",
        "julabo",
        "-e",
        str(SPEED),
        "-o",
        "none",
        "-p",
        options,
    ]
    bath = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def is_there():
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            assert bath.poll() is None
            return False

    wait(is_there, 20)
    yield port, bath
    bath.kill()
    bath.wait()


def test_a_bath_is_brought_to_a_temperature(start_node, julabo):
    port, bath = julabo
    with start_node(NODES / "julabo.py", SECNODE_INSTRUMENT=str(port)).connect() as wire:
        assert (value(wire, "bath"), value(wire, "outside"), value(wire, "pump")) == (24, 26, 0)
        assert wire.ask("change pump:target 1").startswith("changed pump:target [1,")
        assert wire.ask("change bath:target 30").startswith("changed bath:target [30")
        assert value(wire, "bath:status")[0] == 300 and value(wire, "pump") == 1
        wait(lambda: value(wire, "bath:status")[0] == 100, 30)
        assert value(wire, "bath") == pytest.approx(30, abs=0.5)
        assert error_class(wire.ask("change bath:target 96")) == "RangeError"
        bath.kill()
        wait(lambda: error_class(wire.ask("read bath:value")) == "CommunicationFailed", 20)
