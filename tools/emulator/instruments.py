"""Instruments that are not there, each at a pseudo terminal in place of a board's UART, or at that of an emulated board, with
what can go wrong at a cable.
"""

import contextlib
import os
import random
import select
import socket
import threading
import time

from . import ports

FAULTS = {
    "none": "it answers as it should",
    "silent": "it is unplugged, or switched off",
    "garbled": "of its bytes one in ten is another one",
    "slow": "its answers come 2 s late",
    "other": "another instrument is plugged in",
    "half": "its answers break off in the middle",
}
LATE = 2.0  # s
_PIECE = 256  # bytes


class Lines:
    """An instrument that is asked by lines, in a thread of its own. Subclasses have `answer(request)`; both are str.

    `end` are the bytes that end a request, `answer_end` an answer. `fault` is one of FAULTS, `loss` the share of the bytes that
    are lost each way. `requests` are all that came, as it understood them.
    """

    name = "an instrument"
    identity = "ACME,1,0,1.0"
    other = "OTHER,INSTRUMENT,0,9.9"
    tcp = False  # whether it is asked over TCP, at `tcp_port` of this PC, in place of a UART

    def __init__(self, end=b"\r\n", answer_end=b"\r\n", seed=1):
        self.port = ports.Uart()
        self._fd = os.open(self.port.name, os.O_RDWR | os.O_NOCTTY)
        if self.tcp:
            self._listening = socket.create_server(("127.0.0.1", 0))
            self.tcp_port = self._listening.getsockname()[1]
            threading.Thread(target=self._listen, daemon=True).start()
        self.end = end
        self.answer_end = answer_end
        self.fault = "none"
        self.loss = 0.0
        self.requests = []
        self._random = random.Random(seed)
        self._rest = b""  # of a request
        self._board = None
        self._last = time.monotonic()
        self._wake, self._woken = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def answer(self, request):
        """What it says to a request, None for nothing."""
        return self.identity if request == "*IDN?" else None

    def plug(self, board):
        """Hang at the UART of an emulated board (emulator.Emulator) whose time goes in steps, and live in its time."""
        self._board = board
        self._last = board.time / 1000
        board.plug(self)

    def elapsed(self):
        """The time since it was asked for the last time, in s, 1 at the most."""
        before = self._last
        self._last = self._board.time / 1000 if self._board else time.monotonic()
        return min(self._last - before, 1.0)

    def _run(self):
        while True:
            ready, _, _ = select.select([self._fd, self._wake], [], [])
            if self._wake in ready:
                return
            self.hear(os.read(self._fd, _PIECE))

    def hear(self, data):
        """Take what comes from the board."""
        self._rest = self.take(self._rest + self._lossy(data))

    def take(self, data):
        """Serve the requests in what came; gives what is left over. What has another dialogue overrides this."""
        while self.end in data:
            line, data = data.split(self.end, 1)
            if self.fault != "silent":
                self._serve(line.decode("latin-1"))
        return data

    def _serve(self, request):
        self.requests.append(request)
        answer = self.answer(request)
        if answer is None:
            return
        if self.fault == "other" and answer == self.identity:
            answer = self.other
        self.send(answer.encode("latin-1") + self.answer_end)

    def send(self, data):
        """Send an answer, with the fault that there is."""
        if self.fault == "silent":
            return
        if self.fault == "half":
            data = data[: len(data) // 2]
        if self.fault == "garbled":
            data = bytes(self._random.randrange(256) if self._random.random() < 0.1 else c for c in data)
        self.write(data, LATE if self.fault == "slow" else 0)

    def _listen(self):
        # one connection at a time, to the end of the terminal that a board's UART would have
        with contextlib.suppress(OSError):  # closed
            while True:
                self.connection = self._listening.accept()[0]
                with self.connection, contextlib.suppress(OSError):
                    while self._carry(self.connection):
                        pass

    def _carry(self, connection):
        for ready in select.select([connection, self.port.end], [], [])[0]:
            if ready is connection:
                data = connection.recv(_PIECE)
                if not data:
                    return False
                os.write(self.port.end, data)
            else:
                connection.sendall(os.read(self.port.end, _PIECE))
        return True

    def write(self, data, after=0):
        """Send bytes, asked or not, so many s from now."""
        data = self._lossy(data)
        if self._board:
            self._board.say(data, 1000 * after)
            return
        time.sleep(after)
        if data:
            os.write(self._fd, data)

    def _lossy(self, data):
        if not self.loss:
            return data
        return bytes(c for c in data if self._random.random() >= self.loss)

    def where(self):
        """What the simulated board has to know of it: (lines, environment)."""
        return (None, {"SECNODE_INSTRUMENT": str(self.tcp_port)}) if self.tcp else ({1: self.port}, {})

    def close(self):
        if self.tcp:
            self._listening.close()
            with contextlib.suppress(OSError, AttributeError):
                self.connection.shutdown(socket.SHUT_RDWR)
        os.write(self._woken, b"x")
        self._thread.join()
        for end in (self._fd, self._wake, self._woken):
            os.close(end)
        self.port.close()
