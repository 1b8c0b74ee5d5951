"""Forms, and what a request costs, answering questions at each level (see ../properties/driver.py)."""

import asyncio
import gc
import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import driver  # puts the firmware on the path


class UART:
    """Answers each request at once with the next of `answers`."""

    answers = [b"A1:1000001\r\n"]

    def __init__(self, id, **options):
        self._answer = b""
        self._at = 0
        self._next = -1

    def any(self):
        return len(self._answer) - self._at

    def readinto(self, buf, n):
        for i in range(n):
            buf[i] = self._answer[self._at]
            self._at += 1
        return n

    def write(self, data):
        if data[-1] == 10:
            self._next = (self._next + 1) % len(self.answers)
            self._answer = self.answers[self._next]
            self._at = 0
        return len(data)

    def txdone(self):
        return True


class machine:
    UART = UART


sys.modules["machine"] = machine

from instruments import forms  # noqa: E402
from instruments.line import LineDevice  # noqa: E402
from instruments.wire import Wire  # noqa: E402


def fields(form):
    return forms.fields(form)


def parsed(form, text):
    return forms.parsed(form, text)


def cost(requests):
    """Bytes of garbage that a request makes, and bytes that are kept of them all; asyncio.run and its kind left out."""

    async def measure():
        device = LineDevice(Wire(1), timeout=50)
        await device.ask("Q1", "A1:%d")
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        for _ in range(requests):
            await device.ask("Q1", "A1:%d")
        used = gc.mem_alloc() - before
        gc.enable()
        gc.collect()
        return used / requests, gc.mem_alloc() - before

    return asyncio.run(measure())


if __name__ == "__main__":
    driver.serve({"fields": fields, "parsed": parsed, "cost": cost})
