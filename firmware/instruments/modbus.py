"""An instrument that speaks Modbus RTU, and its registers."""

import asyncio
import struct
import time

from instruments.line import LineDevice
from micropython import const
from secnode import errors

_BETWEEN = const(50)  # ms between two bytes of an answer, at most
_TABLE = (
    0,
    0xCC01,
    0xD801,
    0x1400,
    0xF001,
    0x3C00,
    0x2800,
    0xE401,
    0xA001,
    0x6C00,
    0x7800,
    0xB401,
    0x5000,
    0x9C01,
    0x8801,
    0x4400,
)
_FORMATS = {"int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "float32": ">f"}

# exception codes of the Modbus application protocol (V1.1b3, section 7)
_REFUSED = {
    1: "it does not have this function",
    2: "it has no such register",
    3: "it does not take this value",
    4: "it failed to do it",
    5: "it takes a while to do it",
    6: "it is busy",
    8: "its memory has a parity error",
    10: "the gateway has no way to it",
    11: "it did not answer the gateway",
}
_BUSY = const(6)  # the one that is worth a second try


def crc(data, n):
    """CRC-16 of the first n bytes; 0 where they end with their own."""
    value = 0xFFFF
    for i in range(n):
        value ^= data[i]
        value = value >> 4 ^ _TABLE[value & 15]
        value = value >> 4 ^ _TABLE[value & 15]
    return value


class Register:
    """What a slave is asked for: the register at `address`, counted from 0 as on the line (a manual's 40001 is 0 there).

    `kind` is "int16", "uint16", "int32", "uint32", "float32", or "bit" for a coil; 32 bits are two registers, the high word
    first unless `swapped`. `function` is 3 (holding registers), 4 (input registers), 1 (coils) or 2 (discrete inputs).
    With a `count` it is a tuple of so many. `multiple` sets by function 16 or 15 where 6 or 5 would do.
    """

    def __init__(self, address, kind="int16", function=None, swapped=False, count=1, multiple=False):
        bit = kind == "bit"
        if function is None:
            function = 1 if bit else 3
        if not bit and kind not in _FORMATS:
            raise ValueError("kind %r: it is one of bit, %s" % (kind, ", ".join(sorted(_FORMATS))))
        if function not in ((1, 2) if bit else (3, 4)):
            raise ValueError("function %r: bits are read by 1 or 2, registers by 3 or 4" % function)
        self.words = count * (2 if kind.endswith("32") else 1)  # or bits
        if not 0 <= address <= 65536 - self.words or not 1 <= self.words <= (2000 if bit else 125):
            raise ValueError("register %s, %d of it: no slave has that" % (address, count))
        self.address = address
        self.kind = kind
        self.function = function
        self.swapped = swapped and kind.endswith("32")
        self.count = count
        self.several = multiple or self.words > 1
        self.form = "%f" if kind == "float32" else "%d"
        self.pdu = struct.pack(">BHH", function, address, self.words)
        self.size = 5 + ((self.words + 7) // 8 if bit else 2 * self.words)  # of an answer

    def __str__(self):
        return ("coil %d" if self.kind == "bit" else "register %d") % self.address

    def fits(self, data):
        """Whether what came, with a CRC that is right, answers this."""
        return data[1] == self.function and data[2] == self.size - 5

    def value(self, data):
        """What an answer holds. Raises ValueError where that is no number."""
        if self.count == 1:
            return self._one(data, 3)
        if self.kind == "bit":
            return tuple([bool(data[3 + i // 8] >> i % 8 & 1) for i in range(self.count)])
        step = 2 * self.words // self.count
        return tuple([self._one(data, 3 + i * step) for i in range(self.count)])

    def _one(self, data, at):
        if self.kind == "bit":
            return bool(data[at] & 1)
        if self.swapped:
            for i in (at, at + 1):
                data[i], data[i + 2] = data[i + 2], data[i]
        value = struct.unpack_from(_FORMATS[self.kind], data, at)[0]
        if value - value != 0:
            raise ValueError
        return value

    def setting(self, value):
        """The request that sets it to a value, or a tuple of them. Raises ValueError for what it can't hold."""
        if self.function in (2, 4):
            raise ValueError("%s can't be set" % self)
        values = (value,) if self.count == 1 else value
        if len(values) != self.count:
            raise ValueError("%s: %d values are wanted" % (self, self.count))
        bit = self.kind == "bit"
        if not self.several:
            data = (b"\xff\x00" if value else b"\x00\x00") if bit else self._packed(value)
            return Change(self, value, struct.pack(">BH", 5 if bit else 6, self.address) + data)
        if bit:
            data = bytearray((self.count + 7) // 8)
            for i in range(self.count):
                data[i // 8] |= bool(values[i]) << i % 8
        else:
            data = b"".join([self._packed(one) for one in values])
        head = struct.pack(">BHHB", 15 if bit else 16, self.address, self.words, len(data))
        return Change(self, value, head + data)

    def _packed(self, value):
        if self.kind != "float32":
            value = int(value + 0.5) if value >= 0 else -int(0.5 - value)
            size = 8 * struct.calcsize(_FORMATS[self.kind])
            low = -(1 << size - 1) if self.kind.startswith("int") else 0
            if not low <= value < low + (1 << size):
                raise ValueError("%s can't hold %s" % (self, value))
        data = struct.pack(_FORMATS[self.kind], value)
        return data[2:] + data[:2] if self.swapped else data


class Change:
    """The request that sets a register, made by Register.setting."""

    size = 8

    def __init__(self, register, value, pdu):
        self.register = register
        self.pdu = pdu
        self._set = value

    def __str__(self):
        return "%s set to %s" % (self.register, self._set)

    def fits(self, data):
        for i in range(5):
            if data[1 + i] != self.pdu[i]:
                return False
        return True

    def value(self, data):
        return self._set


class ModbusDevice(LineDevice):
    """The slave with an address from 1 to 247 at a Wire, by Modbus RTU. It asks one question at a time, as a LineDevice.

    `identify` is a Register whose value `identity` is, e.g. that of the instrument's type: asked at the start and after each
    loss. `timeout` (ms), `retries` and `echo` are those of a LineDevice; `pause` (ms) is at least the silence of 3.5
    characters that RTU wants.
    """

    def __init__(self, wire, address, identify=None, identity=None, timeout=300, retries=2, pause=0, echo=False):
        if not 1 <= address <= 247:
            raise ValueError("address %s: a slave has one from 1 to 247" % address)
        if identify and identity is None:
            raise ValueError("identify needs an identity: the value of that register")
        silence = max(wire.byte_us * 7 // 2, 1750) // 1000 + 2  # a tick may begin late, and end early
        super().__init__(wire, None, "", timeout=timeout, retries=retries, pause=max(pause, silence), echo=echo)
        self.called = "the slave at address %d" % address
        self.address = address
        self.identify = identify
        self.identity = identity

    def ask(self, request, form=None, urgent=False, known=()):
        """The value of a Register, or what a change is answered with: the value that was set. To be awaited.

        Raises CommunicationFailed where there is no answer, HardwareError where the slave refuses or is another one.
        """
        if request.size > len(self.wire.buffer):
            raise ValueError("%s: the wire needs longest=%d" % (request, request.size))
        return self._serve(request, "", urgent, ())

    def set(self, register, value):
        """Set a Register. To be awaited; raises as ask(), and ValueError for a value that it can't hold."""
        return self.ask(register.setting(value), urgent=True)

    async def exchange(self, request, again=False):
        # `again` for the next frame, without asking once more: where none comes, the last one is in the buffer yet
        wire = self.wire
        buffer = wire.buffer
        if not again:
            n = self.pause - time.ticks_diff(time.ticks_ms(), wire.last)
            if 0 < n <= self.pause:
                await asyncio.sleep_ms(n)
            n = len(request.pdu) + 1
            frame = bytearray(n + 2)
            frame[0] = self.address
            frame[1:n] = request.pdu
            struct.pack_into("<H", frame, n, crc(frame, n))
            await wire.send(frame)
            if self.echo and (await wire.read(n + 2, self.timeout) < n + 2 or buffer[: n + 2] != frame):
                raise errors.CommunicationFailed("no echo of the question for %s" % request)
        n = await wire.read(5, self.timeout)
        size = request.size
        if n == 5 and buffer[1] & 0x80:
            size = 5
        elif n == 5:
            n = await wire.read(size, _BETWEEN, 5)
        wire.last = time.ticks_ms()
        if not n and again:
            return
        if not n:
            raise errors.CommunicationFailed("no answer for %s" % request)
        refused = size == 5 and buffer[1] == request.pdu[0] | 0x80
        if n < size or crc(buffer, size) or buffer[0] != self.address or not (refused or request.fits(buffer)):
            raise errors.CommunicationFailed("the answer for %s makes no sense: %s" % (request, self._hex(n)))
        if refused and buffer[2] == _BUSY:
            raise errors.CommunicationFailed("%s: %s" % (request, _REFUSED[_BUSY]))

    def _hex(self, n):
        return " ".join(["%02x" % c for c in self.wire.buffer[:n]])

    def _is_late(self, request):
        return super()._is_late(request) and request.pdu != self.identify.pdu

    async def _late(self, request):
        # the answer to the request comes after it, or the register holds the same
        while self._is_late(request):
            await self.exchange(request, True)

    def _parsed(self, request, form, known):
        data = self.wire.buffer
        if data[1] & 0x80:
            text = _REFUSED.get(data[2], "it refuses with code %d" % data[2])
            kind = errors.Impossible if data[2] == 3 and isinstance(request, Change) else errors.HardwareError
            return kind("%s: %s" % (request, text))
        try:
            return request.value(data)
        except ValueError:
            return errors.HardwareError("%s holds no number" % request)

    async def recognise(self):
        await self.exchange(self.identify)
        said = bytes(self.wire.buffer[: self.identify.size])
        found = self._parsed(self.identify, None, ())
        if found == self.identity:
            self._other = None
            if said != self._said:
                self._said = said
            return
        # once it may be an answer of before
        kind = errors.HardwareError if found == self._other else errors.CommunicationFailed
        self._other = found
        text = "another instrument is at address %d: %s is %s instead of %s"
        raise kind(text % (self.address, self.identify, found, self.identity))
