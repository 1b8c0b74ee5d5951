"""Analog Devices (Maxim) DS18B20: a thermometer on 1-Wire, several on one wire.

    bus: 1-Wire, by its ROM code; 3 to 5.5 V at its own supply pin, not by the data line alone
    wiring: VDD to 3V3, GND to GND, DQ to wire
    range: -55 to 125 °C; 0.0625 K a step
    reading: 0.8 s, of which 20 ms block, none of it for more than 1 ms
    memory: 512 B
    faults: no answer, stuck wire, wrong check byte, reset (CommunicationFailed); no supply (HardwareError)

Source: Analog Devices, datasheet DS18B20, revision 6.
"""

import _onewire

from drivers.chip import Chip
from micropython import const
from secnode import pace
from secnode.errors import HardwareError

# Alarm limits of 125 and -55 degC, which nobody asks for: they tell that what is read is of after begin(), since a reset puts
# those of the EEPROM into their place
_HIGH = const(125)
_LOW = const(201)
_POWER_ON = b"\x50\x05\xff\x0c\x10"  # bytes 0, 1 and 5 to 7


class DS18B20(Chip):
    """DS18B20(board.onewire("onewire0"), "28ff4c1b901603a0"): `.temperature` in degC with read().

        bits: 9 to 12, whole; thermometer on 1-Wire: bits of a reading

    Without a ROM code it is the only device on the wire; `secnode selftest` prints the codes. `bits` from 9 to 12: each one
    less takes half the time (94 ms with 9) and doubles the step. Raises ValueError for other bits or another family's code.

    A conversion takes too long for a heater's guard: there take a MAX31865 or a thermocouple.
    """

    def __init__(self, bus, rom=None, bits=12):
        if bits not in (9, 10, 11, 12):
            raise ValueError("bits are from 9 to 12")
        super().__init__(bus.device(rom, "DS18B20"), (("temperature", "°C"),))
        if rom is not None and self.device.code[0] not in (0x28, 0x22):
            raise ValueError("the ROM code of a DS18B20 begins with 28, not with %s" % rom[:2])
        self.temperature = self.quantities[0]
        self._undefined = (1 << 12 - bits) - 1
        self._ms = (750 >> 12 - bits) + 10
        self._config = bits - 9 << 5 | 0x1F
        select = self.device.select
        self._convert = select + b"\x44"
        self._scratchpad = select + b"\xbe"
        self._buf = bytearray(9)
        self._bit = bytearray(1)

    async def begin(self):
        await self.device.transfer(self.device.select + b"\xb4", self._bit)
        if self._bit[0] != 0xFF:
            raise HardwareError("it has no supply of its own: VDD goes to 3V3, not to ground")
        await self.device.transfer(self.device.select + bytes((0x4E, _HIGH, _LOW, self._config)))

    async def measure(self):
        device = self.device
        await device.transfer(self._convert, self._bit)
        if self._bit[0]:  # zeros while it converts
            raise device.failed("it does not answer the command to measure")
        await pace.sleep_ms(self._ms)
        buf = self._buf
        await device.transfer(self._scratchpad, buf)
        if _onewire.crc8(buf):
            device.bus.failures += 1
            device.bus.retries += 1
            await device.transfer(self._scratchpad, buf)
            if _onewire.crc8(buf):
                raise device.failed("it does not answer" if buf[4] == 0xFF else "its check byte (CRC) is wrong")
        if buf[2] != _HIGH or buf[3] != _LOW or buf[4] != self._config or _is_of_power_on(buf):
            raise device.failed("it was reset, or is another chip")
        code = (buf[0] | buf[1] << 8) & ~self._undefined
        self.values[0] = (code - 0x10000 if code & 0x8000 else code) / 16


def _is_of_power_on(buf):
    for i in range(5):
        if buf[i if i < 2 else i + 3] != _POWER_ON[i]:
            return False
    return True
