"""Instruments that are not there, each at a pseudo terminal in place of a board's UART, with what can go wrong at a cable."""

import os
import random
import select
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

    def __init__(self, end=b"\r\n", answer_end=b"\r\n", seed=1):
        self.port = ports.Uart()
        self._fd = os.open(self.port.name, os.O_RDWR | os.O_NOCTTY)
        self.end = end
        self.answer_end = answer_end
        self.fault = "none"
        self.loss = 0.0
        self.requests = []
        self._random = random.Random(seed)
        self._wake, self._woken = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def answer(self, request):
        """What it says to a request, None for nothing."""
        return self.identity if request == "*IDN?" else None

    def _run(self):
        waiting = b""
        while True:
            ready, _, _ = select.select([self._fd, self._wake], [], [])
            if self._wake in ready:
                return
            waiting += self._lossy(os.read(self._fd, _PIECE))
            while self.end in waiting:
                line, waiting = waiting.split(self.end, 1)
                if self.fault != "silent":
                    self._serve(line.decode("latin-1"))

    def _serve(self, request):
        self.requests.append(request)
        answer = self.answer(request)
        if answer is None:
            return
        if self.fault == "other" and answer == self.identity:
            answer = self.other
        data = answer.encode("latin-1") + self.answer_end
        if self.fault == "half":
            data = data[: len(data) // 2]
        if self.fault == "garbled":
            data = bytes(self._random.randrange(256) if self._random.random() < 0.1 else c for c in data)
        if self.fault == "slow":
            time.sleep(LATE)
        self.write(data)

    def write(self, data):
        """Send bytes, asked or not."""
        data = self._lossy(data)
        if data:
            os.write(self._fd, data)

    def _lossy(self, data):
        if not self.loss:
            return data
        return bytes(c for c in data if self._random.random() >= self.loss)

    def close(self):
        os.write(self._woken, b"x")
        self._thread.join()
        for end in (self._fd, self._wake, self._woken):
            os.close(end)
        self.port.close()
