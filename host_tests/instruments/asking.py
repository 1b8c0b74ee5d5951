"""Forms, and what a request costs, answering questions at each level (see ../properties/driver.py)."""

import asyncio
import gc
import sys
import time

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import driver  # puts the firmware on the path


class UART:
    """Answers each request at once with the next of `answers`."""

    answers = [b"A1:1000001\r\n"]

    echo = False
    takes = 1000  # bytes at once
    slow = 0  # ms that a byte takes
    last = None  # the one that was made last

    def __init__(self, id, **options):
        self._answer = b""
        self._at = 0
        self._next = -1
        self.sent = b""
        self.written = []  # (ticks_ms, bytes) each
        self.done = time.ticks_ms()
        UART.last = self

    def any(self):
        return len(self._answer) - self._at

    def readinto(self, buf, n):
        for i in range(n):
            buf[i] = self._answer[self._at]
            self._at += 1
        return n

    def write(self, data):
        n = min(self.takes, len(data))
        if self.slow:
            now = time.ticks_ms()
            if time.ticks_diff(self.done, now) > 0 and self.takes < 1000:
                return None
            self.done = time.ticks_add(now, n * self.slow)
            self.written.append((now, bytes(data[:n])))
            self.sent += data[:n]
        if data[n - 1] == 10:
            self._next = (self._next + 1) % len(self.answers)
            self._answer = self.answers[self._next]
            if self.echo:
                self._answer = self.sent + self._answer
            self.sent = b""
            self._at = 0
        return n

    def txdone(self):
        return not self.slow or time.ticks_diff(time.ticks_ms(), self.done) >= 0


class Slave(UART):
    """Answers each request with the answer to the one for a register that holds 1000."""

    def write(self, data):
        self._answer = b"\x01\x03\x02\x03\xe8\xb8\xfa"
        self._at = 0
        return len(data)


class Direction:
    """An RS-485 driver's pin; `changes` are (ticks_ms, level, whether all was sent then)."""

    def __init__(self):
        self.changes = []

    def value(self, level):
        self.changes.append((time.ticks_ms(), level, UART.last.txdone()))


class machine:
    UART = UART


sys.modules["machine"] = machine

from instruments import forms, uart  # noqa: E402
from instruments.line import LineDevice  # noqa: E402
from instruments.modbus import ModbusDevice, Register  # noqa: E402
from instruments.uart import Uart  # noqa: E402


def fields(form):
    return forms.fields(form)


def parsed(form, text):
    data = text.encode()
    return forms.parsed(form, data, len(data))


def cost(requests, modbus=False):
    """Bytes of garbage that a request makes, and bytes that are kept of them all; asyncio.run and its kind left out.

    And those that a device takes, with its wire.
    """

    async def measure():
        _device(modbus)  # what is loaded for the first one counts for none
        gc.collect()
        gc.collect()
        before = gc.mem_alloc()
        device, question, form = made = _device(modbus)
        gc.collect()
        gc.collect()
        size = gc.mem_alloc() - before
        assert await device.ask(question, form) in (1000, 1000001) and made
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        for _ in range(requests):
            await device.ask(question, form)
        used = gc.mem_alloc() - before
        gc.enable()
        gc.collect()
        return used / requests, gc.mem_alloc() - before, size

    return asyncio.run(measure())


def _device(modbus):
    if not modbus:
        return LineDevice(Uart(1), timeout=50), "Q1", "A1:%d"
    uart.UART = Slave
    try:
        return ModbusDevice(Uart(1), 1, timeout=50), Register(0), ""
    finally:
        uart.UART = UART


def spoken(options, requests, slow=5, takes=1000):
    """What a device with these options sends for some requests: [ms since the one before, text] each, and the answers."""
    UART.slow, UART.takes, UART.echo = slow, takes, options.get("echo", False)
    try:
        return asyncio.run(_spoken(options, requests))
    finally:
        UART.slow, UART.takes, UART.echo = 0, 1000, False


async def _spoken(options, requests):
    device = LineDevice(Uart(1), timeout=50, **options)
    answers = []
    for request in requests:
        try:
            answers.append(await device.ask(request))
        except Exception as e:
            answers.append(type(e).__name__ + ": " + str(e))
    sent = []
    before = None
    for at, data in UART.last.written:
        sent.append([0 if before is None else time.ticks_diff(at, before), data.decode()])
        before = at
    return sent, answers


def directed(request, slow, takes=1000):
    """How the direction pin is driven during a request: [level, whether all was sent then] each, and ms it stays too long."""
    UART.slow, UART.takes = slow, takes

    async def ask():
        pin = Direction()
        device = LineDevice(Uart(1, 115200, direction=pin), timeout=50)
        await device.ask(request)
        return [change[1:] for change in pin.changes], time.ticks_diff(pin.changes[-1][0], UART.last.done)

    try:
        return asyncio.run(ask())
    finally:
        UART.slow, UART.takes = 0, 1000


if __name__ == "__main__":
    driver.serve({"fields": fields, "parsed": parsed, "cost": cost, "spoken": spoken, "directed": directed})
