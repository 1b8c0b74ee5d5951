"""A UART as the cable to instruments: RS-232, RS-485 or TTL."""

import asyncio

from instruments.wire import Wire
from machine import UART
from micropython import const

_SPIN = const(3)  # ms before all is sent: from here on it is looked at all the time whether the last bit has left


class Uart(Wire):
    """UART `id` of the board; `board.uart("uart1", 9600)` gives one. Further keywords (tx, rx, ...) are machine.UART's.

    `bits`, `parity` (None, 0 even, 1 odd) and `stop` as the instrument has them. `direction` is a pin at 1 while the board
    sends, as an RS-485 driver wants it: board.pin_out(6). It is released when the last bit has left, not before.
    """

    def __init__(self, id, baudrate=9600, bits=8, parity=None, stop=1, direction=None, longest=128, **more):
        super().__init__(longest)
        more.setdefault("rxbuf", 256)
        more.setdefault("txbuf", 256)
        self._uart = UART(id, baudrate=baudrate, bits=bits, parity=parity, stop=stop, **more)
        self.baudrate = baudrate
        self.byte_us = (1 + bits + (parity is not None) + stop) * 1000000 // baudrate
        self.direction = direction

    def write(self, data):
        n = self._uart.write(data if not self._sent else data[self._sent :]) or 0
        self._sent += n
        if self._sent < len(data):
            return -1
        self._sent = 0
        return len(data) * self.byte_us // 1000 + 1

    async def send(self, data):
        uart = self._uart
        direction = self.direction
        if direction:
            direction.value(1)
        try:
            self.begin()
            ms = self.write(data)
            while ms < 0:
                await asyncio.sleep_ms(2)
                ms = self.write(data)
            ms -= _SPIN
            if ms > 0 and not uart.txdone():
                await asyncio.sleep_ms(ms)
            while not uart.txdone():
                if not direction:
                    await asyncio.sleep_ms(1)
        finally:
            if direction:
                direction.value(0)

    def _some(self, buf):
        n = min(self._uart.any(), len(buf))
        return (self._uart.readinto(buf, n) or 0) if n > 0 else 0
