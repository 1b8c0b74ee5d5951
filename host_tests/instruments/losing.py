"""Thousands of requests at a line that loses bytes, answering questions at each level (see ../properties/driver.py).

Time is virtual: all wait for the next moment that somebody wants, and hours are over in seconds. What is random is the same at
each level.
"""

import struct
import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")

import driver  # puts the firmware on the path

_BYTE = 1  # ms that one takes: 9600 baud
_TIMEOUT = 60  # ms
_LATEST = 5 * _TIMEOUT
_IDENTITY = b"ACME,1,0,1.0"
_TYPE, _TYPE_AT = 9250, 122
_SET_AT = 50
_EACH = 1000000  # what a channel says is so many times its number, and a count


class time:
    now = 0

    def ticks_ms():
        return time.now

    def ticks_diff(a, b):
        return a - b

    def ticks_add(a, b):
        return a + b


class _Sleep:
    def __init__(self, ms):
        self._ms = ms

    def __iter__(self):
        return self

    __await__ = __iter__

    def __next__(self):
        ms = self._ms
        if ms is None:
            raise StopIteration
        self._ms = None
        return max(ms, 1)


class asyncio:
    sleep_ms = _Sleep


def _run(coroutines):
    """Run them all to their end."""
    waiting = [[time.now, coroutine] for coroutine in coroutines]
    while waiting:
        first = min(waiting, key=lambda one: one[0])
        time.now = max(time.now, first[0])
        try:
            first[0] = time.now + first[1].send(None)
        except StopIteration:
            waiting.remove(first)


class _Chance:
    """MicroPython's random gives other numbers than CPython's."""

    def __init__(self, seed):
        self._state = seed

    def below(self, n):
        self._state = (self._state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self._state >> 8) % n


class Cable:
    """A UART, with an instrument at its other end. Of the bytes each way `loss` of a thousand are lost.

    Of its answers `late` of a thousand come up to five time-outs late; it answers one request after the other.
    """

    chance = _Chance(1)
    loss = late = 0

    def __init__(self, id, **options):
        self._coming = []  # (when, byte)
        self._free = 0  # when it has done with the last request
        self._taken = b""
        self.lost = self.was_late = 0
        self.said = [number * _EACH for number in range(4)]
        self.held = 0  # what was set
        Cable.last = self

    def any(self):
        n = 0
        while n < len(self._coming) and self._coming[n][0] <= time.now:
            n += 1
        return n

    def readinto(self, buf, n):
        for i in range(n):
            buf[i] = self._coming.pop(0)[1]
        return n

    def txdone(self):
        return True

    def write(self, data):
        self._free = max(self._free, time.now + _BYTE * len(data))
        self.take(self._lossy(data))
        return len(data)

    def _lossy(self, data):
        kept = bytes([c for c in data if self.chance.below(1000) >= self.loss])
        self.lost += len(data) - len(kept)
        return kept

    def send(self, data):
        self._free += 1 + self.chance.below(15)
        if self.chance.below(1000) < self.late:
            self._free += self.chance.below(_LATEST)
            self.was_late += 1
        for c in self._lossy(data):
            self._free += _BYTE
            self._coming.append((self._free, c))

    def count(self, number):
        self.said[number] += 1
        return self.said[number]


class Lines(Cable):
    """Answers Q0 to Q3, SET? and *IDN?; all numbers have seven digits, so that nothing but their order tells whose they are."""

    def take(self, data):
        *lines, self._taken = (self._taken + data).split(b"\r\n")
        for line in lines:
            if line == b"*IDN?":
                self.send(_IDENTITY + b"\r\n")
            elif line == b"SET?":
                self.send(b"%07d\r\n" % self.held)
            elif line[:4] == b"SET " and line[4:].isdigit():
                self.held = int(line[4:])
            elif line in (b"Q0", b"Q1", b"Q2", b"Q3"):
                self.send(b"%07d\r\n" % self.count(line[1] - 48))


class Slave(Cable):
    """Answers for the registers 0, 2, 4, 6, each pair a number, and for those of its type; another can be set."""

    def take(self, data):
        # who asks leaves a silence between two: what comes is one question, whole or not
        if len(data) < 8 or len(data) != (9 + data[6] if data[1] == 16 else 8) or modbus.crc(data, len(data)):
            return
        function, at, n = struct.unpack(">BHH", data[1:6])
        if function == 16:
            self.held = struct.unpack(">i", data[7:11])[0]
            answer = data[:6]
        elif at == _TYPE_AT:
            answer = struct.pack(">BBBH" if n == 1 else ">BBBi", 1, 3, 2 * n, _TYPE)
        else:
            answer = struct.pack(">BBBi", 1, 3, 4, self.count(at // 2))
        self.send(answer + struct.pack("<H", modbus.crc(answer, len(answer))))


class machine:
    UART = Cable


sys.modules["time"] = time
sys.modules["asyncio"] = asyncio
sys.modules["machine"] = machine

from instruments import modbus, uart  # noqa: E402
from instruments.line import LineDevice  # noqa: E402
from instruments.uart import Uart  # noqa: E402
from secnode import errors, log  # noqa: E402

log.sinks.clear()  # thousands of losses


class _Line:
    cable = Lines

    def __init__(self, identified):
        identify = ("*IDN?", "ACME,1") if identified else (None, "")
        self._device = LineDevice(Uart(1), *identify, timeout=_TIMEOUT)

    def ask(self, number):
        return self._device.ask(f"Q{number}", "%7d")

    async def set(self, value):
        await self._device.tell(f"SET {value:07d}")
        return await self._device.ask("SET?", "%7d", urgent=True)


class _Modbus:
    cable = Slave
    identity = "uint16"

    def __init__(self, identified):
        identify = (modbus.Register(_TYPE_AT, self.identity), _TYPE) if identified else (None, None)
        self._device = modbus.ModbusDevice(Uart(1), 1, *identify, timeout=_TIMEOUT)
        self._registers = [modbus.Register(2 * number, "int32") for number in range(4)]
        self._set = modbus.Register(_SET_AT, "int32")

    def ask(self, number):
        return self._device.ask(self._registers[number])

    def set(self, value):
        return self._device.set(self._set, value)


class _Alike(_Modbus):
    """Its identity may be any register's answer: nothing but their order tells whose it is."""

    identity = "int32"


_KINDS = {"line": _Line, "modbus": _Modbus, "alike": _Alike}


def lossy(kind, requests, seed, loss=10, late=0, identified=True):
    """What came of so many requests by three who ask at the same time: how many had an answer, and which of those were wrong.

    An answer is right that the instrument gave to this question, after it was asked.
    """
    kind = _KINDS[kind]
    Cable.chance = _Chance(seed)
    Cable.loss, Cable.late = loss, late
    began = time.now
    found = {"asked": 0, "answered": 0, "failed": 0, "set": 0, "wrong": []}
    uart.UART = kind.cable
    device = kind(identified)
    cable = Cable.last

    async def ask(number):
        before = cable.said[number]
        value = await device.ask(number)
        found["answered"] += 1
        if not before < value <= cable.said[number]:
            found["wrong"].append([number, before, value, cable.said[number]])

    async def set(value):
        if await device.set(value) == value:
            found["set"] += 1
            if cable.held != value:
                found["wrong"].append(["set", value, cable.held])

    async def asker(me):
        while found["asked"] < requests:
            found["asked"] += 1
            n = found["asked"]
            try:
                await (set(_EACH + n) if n % 10 == 0 else ask((n + me) % 4))
            except errors.SECoPError:
                found["failed"] += 1
                await asyncio.sleep_ms(400)  # one that is lost is looked for no sooner
            await asyncio.sleep_ms(5)

    _run([asker(me) for me in range(3)])
    found.update({"lost": cable.lost, "late": cable.was_late, "seconds": (time.now - began) // 1000})
    return found


if __name__ == "__main__":
    driver.serve({"lossy": lossy})
