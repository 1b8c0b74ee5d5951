"""An instrument that stalls costs others nothing: what is not at its wire is polled at the same interval, within 10 %."""

import contextlib
import socket
import time

import pytest

from host_tests import harness
from tools.emulator.slaves import Slaves

from .test_line import Counting

SOURCE = (harness.NODES / "lines.py").read_text()
UART = 'board.uart("uart1", 115200)'
LINE = f'LineDevice({UART}, "*IDN?", "ACME,1", timeout=250)'
CHANNEL = "Channel(device, i, name"
SECONDS = 4
POLLS = 10
WINDOWS = 5


class OverTcp(Counting):
    tcp = True
    _full = ()

    def cut(self):
        """Its connection ends, and its port with it."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self.connection.shutdown(socket.SHUT_RDWR)
        self._gone()
        self._listening.close()

    def hang(self):
        """As behind a firewall: who connects hears nothing at all. So is a port where nobody takes what is in its queue."""
        self.cut()
        full = [socket.create_server(("127.0.0.1", self.tcp_port), backlog=0)]
        for _ in range(4):
            full.append(socket.socket())
            full[-1].setblocking(False)
            full[-1].connect_ex(("127.0.0.1", self.tcp_port))
        self._full = full

    def _gone(self):
        def refused():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.tcp_port), 1):
                return False
            return True

        harness.wait(refused, 5)

    def close(self):
        for one in self._full:
            one.close()
        super().close()


def _silent(instrument):
    instrument.fault = "silent"


# what is at the wire, the node, how it stalls
STALLS = {
    "uart": (Counting, SOURCE, _silent),
    "tcp": (OverTcp, "from instruments.tcp import Tcp\n" + SOURCE.replace(UART, 'Tcp("192.168.0.12", 7777)'), _silent),
    "tcp-refused": (OverTcp, None, OverTcp.cut),
    "tcp-hanging": (OverTcp, None, OverTcp.hang),
    "modbus": (
        lambda: Slaves({1: {0: 7}}),
        "from instruments.modbus import ModbusDevice\nfrom instruments.registers import ModbusReadable\n"
        + SOURCE.replace(LINE, f"ModbusDevice({UART}, 1, timeout=250)").replace(CHANNEL, "ModbusReadable(device, i, name"),
        _silent,
    ),
}  # fmt: skip


def interval(node):
    """s between two polls of the module `other`, whose value counts them: in the best ten, for this PC may be busy."""
    with node.connect() as wire:
        wire.ask("activate other")
        seen = []
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline or len(seen) <= POLLS:
            line, _ = wire.until("update other:value")
            seen.append((time.monotonic(), harness.split(line)[2][0]))
    runs = zip(seen, seen[POLLS:], strict=False)
    return min((ended - began) / (last - first) for (began, first), (ended, last) in runs)


@pytest.mark.parametrize("kind", STALLS)
def test_a_stalled_instrument_costs_others_nothing(start_node, tmp_path, kind):
    make, source, stall = STALLS[kind]
    file = tmp_path / "stalled.py"
    file.write_text(source or STALLS["tcp"][1])
    with contextlib.closing(make()) as instrument:
        lines, environment = ({1: instrument.port}, {}) if kind == "modbus" else instrument.where()
        node = start_node(file, lines=lines, **environment)
        with node.connect() as wire:
            assert harness.split(wire.ask("read q0:value"))[0] == "reply"
            before = interval(node)
            stall(instrument)
            harness.wait(lambda: harness.split(wire.ask("read q0:value"))[0] == "error_read", 15)
            # a PC that is busy makes single ones longer; what an instrument costs would be there each time
            after = [interval(node)]
            while after[-1] > 1.1 * before and len(after) < WINDOWS:
                after.append(interval(node))
            assert harness.split(wire.ask("read q0:value"))[0] == "error_read"
    print(f"{kind}: {before:.3f} s, then {after[-1]:.3f} s")
    assert after[-1] <= 1.1 * before, (before, after)
