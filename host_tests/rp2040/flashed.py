"""Boards in the emulator for tests: flashed once, copied for each that wants one of its own."""

import shutil
import tempfile
import time
from pathlib import Path

import pytest

from host_tests import harness
from tools.common import emulator
from tools.common.flashed import board_file, flash, mpremote
from tools.common.problem import Problem

__all__ = ["Line", "Node", "Problem", "flash", "mpremote", "until"]


class Line(harness.Wire):
    """A client at the board's USB or UART, one at a time. Its time-outs are the chip's time."""

    def __init__(self, board, port, speed=1, idn=True):
        self.board = board
        self.scale(speed)
        super().__init__(("127.0.0.1", port))
        if idn:
            self.begin()

    def scale(self, speed):
        """Time-outs are so many times longer."""
        self._scale = 1000 * speed

    def begin(self):
        """Begin anew, whatever was before."""
        self.send("*IDN?")
        while not self.line(30).startswith("ISSE"):
            pass

    def line(self, timeout=10):
        end = self.board.status()["time"] + timeout * self._scale
        while b"\n" not in self._rest:
            self.socket.settimeout(0.5 if timeout > 0.1 else 0.05)
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                if self.board.status()["time"] > end:
                    raise
                continue
            if not data:
                raise EOFError(self._rest)
            self._rest += data
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode()

    def lines(self, seconds):
        found = []
        end = self.board.status()["time"] + seconds * self._scale
        while (left := end - self.board.status()["time"]) > 0:
            try:
                found.append(self.line(left / self._scale))
            except TimeoutError:
                break
        return found

    def until(self, begin, timeout=20):
        before = []
        end = self.board.status()["time"] + timeout * self._scale
        while True:
            line = self.line(max((end - self.board.status()["time"]) / self._scale, 0.001))
            if line.startswith(begin):
                return line, before
            before.append(line)

    def byte(self, data):
        """Send bytes as they are; gives the time when the last one was handed to the board, in ms."""
        self.socket.sendall(data)
        return self.board.status()["time"]


class Node:
    """A flashed board with a node, with the methods of harness.NodeProcess that tests of the wire use."""

    level = "rp2040"

    def __init__(self, node, speed=1, settings=None):
        self._own = tempfile.TemporaryDirectory(prefix="secnode-")
        self.flash = Path(self._own.name) / "flash"
        shutil.copy(flash(node), self.flash)
        self.speed = speed
        self.board = emulator.Emulator(board_file(), self.flash, firmware=False, speed=speed)
        self._lines = {}
        self.wait()

    def wait(self):
        """Wait until the node answers on its USB."""
        self.board.wait_for_usb()

    def connect(self, timeout=10, source=None, way=None):
        """A client at the board's USB, or at its UART where that is taken."""
        for name, port in (("usb", self.board.usb), ("uart", self.board.uart)):
            taken = self._lines.get(name)
            if (way or name) == name and (taken is None or taken.socket.fileno() < 0):
                self._lines[name] = Line(self.board, port, self.speed)
                return self._lines[name]
        pytest.skip("this board has no more than two clients, at its USB and at its UART")

    def usb(self):
        return self.connect(way="usb")

    def uart(self):
        return self.connect(way="uart")

    def stop(self):
        self.board.close()
        self._own.cleanup()


def until(condition, board, seconds):
    """Wait for a condition, for so many seconds of the chip's time."""
    end = board.status()["time"] + 1000 * seconds
    while not condition():
        assert board.status()["time"] < end, f"not within {seconds} s"
        time.sleep(0.05)
