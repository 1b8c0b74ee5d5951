"""Slaves of Modbus RTU that are not there: pymodbus' server at a pseudo terminal in place of a board's UART."""

import asyncio
import os
import random
import select
import threading

from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerRTU
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from . import ports
from .instruments import LATE

_NOBODY = 240  # an address that no slave has
_THINKS, _QUIET = 1.0, 0.02  # s for an answer to begin, and behind its end
_SIZE = 200  # registers and bits that a slave has
_BLOCKS = {1: 1, 5: 1, 15: 1, 2: 2, 3: 3, 6: 3, 16: 3, 4: 4}  # functions, and that which reads the same


class Slaves:
    """Some slaves, by their addresses, each with `registers` {number: 16 bits}; what is not named is 0.

    `fault` is one of instruments.FAULTS ("other": `identify` holds something else), `loss` the share of bytes that are lost.
    `refused` is {register: exception code}.
    """

    identify = 122

    def __init__(self, slaves, seed=1, size=_SIZE):
        self.port = ports.Uart()
        self.fault = "none"
        self.loss = 0.0
        self.refused = {}
        self.seen = []  # requests, as (function, register, values)
        self._random = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self.registers = {}  # (address, function that reads them) -> list, once they were asked for
        devices = [self._device(address, registers, size) for address, registers in slaves.items()]
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(devices, started), daemon=True)
        self._thread.start()
        started.wait()

    def _device(self, address, registers, size):
        values = [registers.get(i, 0) for i in range(size)]
        bits = [bool(registers.get(i, 0) & 1) for i in range(size)]

        async def action(function, start, at, count, current, wanted):
            # `current` is what all registers of this kind hold: kept, so that who is outside has a say
            self.registers[address, _BLOCKS[function]] = current
            self.seen.append((function, at, wanted))
            if self.fault == "other" and at == self.identify:
                return ExcCodes.ILLEGAL_ADDRESS
            code = self.refused.get(at)
            return ExcCodes(code) if code else None

        words = [SimData(0, values=values, datatype=DataType.REGISTERS)]
        coils = [SimData(0, values=bits, datatype=DataType.BITS)]
        return SimDevice(address, simdata=(coils, coils, words, words), action=action)

    def _run(self, devices, started):
        asyncio.set_event_loop(self._loop)

        async def serve():
            self._server = ModbusSerialServer(
                devices, port=self.port.name, baudrate=115200, trace_packet=self._packet, ignore_missing_devices=True
            )
            await self._server.serve_forever(background=True)
            started.set()

        self._loop.run_until_complete(serve())
        self._loop.run_forever()

    def _packet(self, sending, data):
        if self.loss:
            whole = data
            data = bytes(c for c in data if self._random.random() >= self.loss)
            if not sending and len(data) < len(whole):
                # a slave forgets such a frame in the silence after it; this server would wait for the rest: it is nobody's
                data = bytes([_NOBODY]) + whole[1:-2]
                return data + FramerRTU.compute_CRC(data).to_bytes(2, "big")
        if not sending:
            return data
        if self.fault == "silent" or data[:1] == bytes([_NOBODY]):
            return b""
        if self.fault == "half":
            return data[: len(data) // 2]
        if self.fault == "garbled":
            return bytes(self._random.randrange(256) if self._random.random() < 0.1 else c for c in data)
        if self.fault == "slow":
            self._loop.call_later(LATE, self._server.transport.write, data)
            return b""
        return data

    def plug(self, board):
        """Hang at the UART of an emulated board whose time goes in steps: it stands still while the server thinks."""
        self._board = board
        board.plug(self)

    def hear(self, data):
        """Take a piece that comes from the board, and answer it; emulator.Emulator calls it."""
        os.write(self.port.end, data)
        answer = b""
        while select.select([self.port.end], [], [], _QUIET if answer else _THINKS)[0]:
            answer += os.read(self.port.end, 256)
        if answer:
            self._board.say(answer)

    def close(self):
        async def end():
            await self._server.shutdown()
            self._loop.stop()

        asyncio.run_coroutine_threadsafe(end(), self._loop)
        self._thread.join()
        self._loop.close()
        self.port.close()
