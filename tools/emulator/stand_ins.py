"""The instruments of the ready nodes where there are none: `secnode run lakeshore331` starts one behind the board's UART.

They answer what the nodes ask, as the manuals of the instruments have it, over a plant of one line.
"""

import struct

from .instruments import Lines

_COLD, _ROOM = 4.0, 295.0  # K
_SLOW = 600  # s
_NOTHING = 0.0


class LakeShore331(Lines):
    """A Lake Shore 331. Input A is at a heated stage in a cold cryostat, B at a sample that follows it.

    User's Manual of the Model 331: HTR? page 6-32, KRDG? 6-33, RAMP and RAMPST? 6-36, RANGE and RDGST? 6-37, SETP 6-38.
    """

    name = "Lake Shore 331"
    identity = "LSCI,MODEL331S,123456,020399"
    other = "LSCI,MODEL340,654321,061407"

    def __init__(self):
        self.stage = self.sample = _ROOM
        self.goal = self.setpoint = _ROOM
        self.rate, self.ramping = 10.0, False  # K/min
        self.range = 0
        self.state = 0  # of RDGST?
        super().__init__()

    def go(self):
        """Let the time pass."""
        dt = self.elapsed()
        if self.ramping:
            most = self.rate / 60 * dt
            self.setpoint += max(-most, min(most, self.goal - self.setpoint))
        else:
            self.setpoint = self.goal
        aim = max(self.setpoint, _COLD) if self.range else _COLD
        self.stage += (aim - self.stage) * dt / (1 if self.range else _SLOW)
        self.sample += (self.stage - self.sample) * dt / 2

    def answer(self, request):
        self.go()
        name, _, rest = request.partition(" ")
        words = [word.strip() for word in rest.split(",")] if rest else []
        if name == "KRDG?":
            return f"{self.stage if words == ['A'] else self.sample:+08.3f}"
        if name == "RDGST?":
            return f"{self.state:03d}"
        if name == "SETP?":
            return f"{self.setpoint:+08.3f}"
        if name == "RAMP?":
            return f"{int(self.ramping)},{self.rate:+06.1f}"
        if name == "RAMPST?":
            return str(int(self.ramping and abs(self.goal - self.setpoint) > 1e-6))
        if name == "SETP":
            self.goal = float(words[-1])
            if not self.ramping:
                self.setpoint = self.goal
        elif name == "RAMP":
            self.ramping, self.rate = words[1] == "1", float(words[2])
            self.goal = self.goal if self.ramping else self.setpoint
        elif name == "RANGE?":
            return str(self.range)
        elif name == "RANGE":
            self.range = int(words[-1])
        elif name == "HTR?":
            return f"{min(100.0, abs(self.setpoint - _COLD) / 4) if self.range else 0.0:+06.1f}"
        else:
            return super().answer(request)
        return None


class LakeShore336(LakeShore331):
    """A Lake Shore 336: what the 331 answers, with the number of the output in RANGE and HTR?.

    User's Manual of the Model 336, P/N 119-048, chapter 6; its own pages were not at hand. frappy_demo.lscsim is its judge.
    """

    name = "Lake Shore 336"
    identity = "LSCI,MODEL336,LSA1234/#######,1.0"
    tcp = True


class Supply(Lines):
    """A power supply, 10 Ohm at its output.

    SCPI-99, volume 2: MEASure chapter 3, OUTPut 15, SOURce (VOLT, CURR) 19, SYSTem:ERRor 21.8 with its codes.
    """

    name = "power supply"
    identity = "ACME,SUPPLY,1,1.0"

    def __init__(self):
        self.volt = self.current = _NOTHING
        self.on = False
        self.errors = []
        super().__init__(b"\n", b"\n")

    def answer(self, request):
        amps = min(self.volt / 10, self.current) if self.on else 0.0
        name, _, value = request.partition(" ")
        answers = {
            "VOLT?": f"{self.volt:.3f}", "CURR?": f"{self.current:.3f}", "OUTP?": str(int(self.on)),
            "MEAS:CURR?": f"{amps:.4E}", "MEAS:VOLT?": f"{amps * 10:.4E}",
        }  # fmt: skip
        if request in answers:
            return answers[request]
        if request == "SYST:ERR?":
            return self.errors.pop(0) if self.errors else '0,"No error"'
        try:
            if name == "VOLT":
                self.volt = float(value)
            elif name == "CURR":
                self.current = float(value)
            elif name == "OUTP":
                self.on = value in ("1", "ON")
            else:
                known = super().answer(request)
                if known is None:
                    self.errors.append('-113,"Undefined header"')
                return known
        except ValueError:
            self.errors.append('-104,"Data type error"')
        return None


class TPG262(Lines):
    """A Pfeiffer TPG 262: ACK or NAK, and ENQ asks for the answer.

    Operating instructions of the TPG 261, BG 5195 BEN / A (2011-05): the dialogue page 67, a gauge's status and value 71.
    """

    name = "TPG 262"
    identity = "0"
    other = "1"

    def __init__(self):
        self.said = {"UNI": "0", "PR1": "0,+1.5000E-03", "PR2": "5,+0.0000E+00"}
        self._asked = None
        super().__init__()

    def take(self, data):
        while data:
            if data[:1] == b"\x05":
                data = data[1:]
                if self._asked:
                    self._serve(self._asked)
            elif self.end in data:
                line, data = data.split(self.end, 1)
                request = line.decode("latin-1")
                self._asked = request if request in self.said else None
                self.send((b"\x06" if self._asked else b"\x15") + self.answer_end)
            else:
                break
        return data

    def answer(self, request):
        return self.said[request]


class Eurotherm(Lines):
    """A Eurotherm 2400 at address 1: floats at 0x8000 + 2 n, registers at n; functions 3, 6 and 16 of Modbus RTU.

    2000 Series Communications Handbook, HA026230: value page 5-3, target and output 5-4, fast status byte 5-20. The floats:
    2604 Master Communications, HA027664, B.8.1.
    """

    name = "Eurotherm 2400"
    address = 1

    def __init__(self):
        self.value, self.target = 20.0, 20.0
        self.status = 0
        super().__init__()

    def take(self, data):
        # who asks leaves a silence behind a question: it comes whole
        if len(data) < 8 or len(data) < (9 + data[6] if data[1] == 16 else 8):
            return data
        frame = data[:-2]
        if frame[0] != self.address + (self.fault == "other") or crc(frame) != data[-2:]:
            return b""
        answer = bytes([self.address]) + self._answer(frame[1:])
        self.requests.append(frame.hex())
        self.send(answer + crc(answer))
        return b""

    def _answer(self, pdu):
        self.value += (self.target - self.value) * self.elapsed() / 3
        function, at, n = struct.unpack(">BHH", pdu[:5])
        power = max(0.0, min(100.0, self.target - self.value))
        floats = {1: self.value, 2: self.target, 3: power, 4: power, 5: self.target}
        if function == 3 and at >= 0x8000 and n == 2 and (at - 0x8000) // 2 in floats:
            return struct.pack(">BBf", 3, 4, floats[(at - 0x8000) // 2])
        if function == 3 and n == 1 and at == 74:
            return struct.pack(">BBH", 3, 2, self.status)
        if function == 16 and at == 0x8004 and n == 2:
            self.target = struct.unpack(">f", pdu[6:10])[0]
            return pdu[:5]
        return bytes([function | 0x80, 2 if function in (3, 16) else 1])


def crc(data):
    """The two bytes that end a frame of Modbus RTU."""
    value = 0xFFFF
    for c in data:
        value ^= c
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little")


BEHIND = {"lakeshore331": LakeShore331, "scpi_supply": Supply, "tpg262": TPG262, "eurotherm": Eurotherm}  # node -> instrument
BEHIND["lakeshore336"] = LakeShore336
