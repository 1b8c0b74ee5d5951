"""Boards in the emulator for tests: flashed once, copied for each that wants one of its own. Their time goes in steps."""

import calendar
import contextlib
import shutil
import tempfile
from pathlib import Path

import pytest

from host_tests import harness
from tools.build import pico
from tools.emulator import emulator, steps
from tools.emulator.flashed import board_file, contents, flash, put
from tools.emulator.steps import mpremote
from tools.image import boards
from tools.problem import Problem

NETWORK = Path(__file__).parent / "network"  # the board with one

__all__ = ["Line", "board_file", "Node", "Problem", "contents", "flash", "mpremote", "put"]


class Line(harness.Wire):
    """A client at the board's USB or UART, one at a time. Its time-outs are the chip's time, `speed` times longer."""

    def __init__(self, board, port, speed=1):
        self.board = board
        self._speed = speed
        self.socket = steps.Cable(board, port)
        self.begin()

    def begin(self):
        """Begin anew, whatever was asked before."""
        self.send("*IDN?\nping anew")
        while not self.line(60).startswith("pong anew"):
            pass

    def line(self, timeout=10):
        return self.socket.line(timeout * self._speed).decode()

    def lines(self, seconds):
        found = []
        end = self.board.time + 1000 * seconds
        with contextlib.suppress(TimeoutError):
            while True:
                found.append(self.socket.line(max(end - self.board.time, 0) / 1000).decode())
        return found

    def until(self, begin, timeout=20):
        before = []
        end = self.board.time + 1000 * timeout * self._speed
        while True:
            line = self.socket.line(max(end - self.board.time, 0) / 1000).decode()
            if line.startswith(begin):
                return line, before
            before.append(line)


class Node:
    """A flashed board with a node, with the methods of harness.NodeProcess that tests of the wire use.

    Where they say `speed` they wait longer: nothing runs faster here than on a board. `image` is a file with what is in its
    flash, where that is not just the node. `instrument` (tools/emulator/stand_ins.py) hangs at the UART for instruments; with
    `network` that is a network, over which clients come.
    """

    level = "rp2040"
    last = None  # the one that somebody connected to last

    def __init__(self, node, speed=1, image=None, instrument=None, network=False):
        self._own = tempfile.TemporaryDirectory(prefix="secnode-")
        self.flash = Path(self._own.name) / "flash"
        board = NETWORK if network else pico.BOARD
        shutil.copy(image or flash(node, board), self.flash)
        self.speed = speed
        self.board = emulator.Emulator(boards.file(str(board)), self.flash, firmware=False, speed=0, node=node)
        if instrument:
            instrument.plug(self.board)
        self._lines = {}
        self.network = network
        self._ways = tuple(f"tcp{i}" for i in range(8)) if network else ("usb", "uart")
        self.epoch = None  # s, when the board was switched on, if its clock is set
        self._listening()

    def _listening(self):
        # at its USB it answers a moment before it listens
        self.usb().close()
        if self.network:
            self.board.sleep(200)

    def connect(self, timeout=10, source=None, ways=None):
        """A client at the first of these lines that nobody has; or over TCP, where there is a network."""
        for way in ways or self._ways:
            taken = self._lines.get(way)
            if taken is None or taken.socket.fileno() < 0:
                Node.last = self
                self.board.wait_for_usb()
                self._lines[way] = Line(self.board, way, self.speed)
                return self._lines[way]
        pytest.skip("this board has no more than two clients, at its USB and at its UART")

    def usb(self):
        return self.connect(ways=("usb",))

    def uart(self):
        return self.connect(ways=("uart",))

    def restart(self, how):
        """Power cut or reset, by a method of the board, and wait until the node answers again."""
        how()
        self.board.on()
        self.usb().close()

    def set_clock(self):
        """Set the board's clock, which no power cut survives, as a person does at the REPL; the node starts again."""
        cable = steps.Cable(self.board, "usb")
        for typed, answer in (
            (b"\x03", b"Enter: the REPL"), (b"\r", b">>> "),
            (b"import machine; machine.RTC().datetime((2026, 11, 21, 5, 12, 0, 0, 0))\r", b">>> "), (b"\x04", b"soft reboot"),
        ):  # fmt: skip
            cable.sendall(typed)
            cable.expect(answer, 30)
            if b"RTC" in typed:
                self.epoch = calendar.timegm((2026, 11, 21, 12, 0, 0)) - self.board.time / 1000
        cable.close()
        if self.network:
            self._listening()

    @property
    def log(self):
        pytest.skip("what the firmware says stays in this board")

    def stop(self):
        self.board.close()
        self._own.cleanup()
