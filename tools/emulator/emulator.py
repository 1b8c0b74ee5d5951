"""A board in the emulator: real RP2040 firmware on an emulated chip, wired to the plant of the simulated board.

What a cable, a power supply and an oscilloscope do is done by methods. Times are the chip's, in ms. It passes as the wall's
does while the chip waits, slower while it computes, and its USB and its UART are TCP ports of this machine; or it goes in
steps, which whoever waits for something makes (steps.py). The other UART is for an instrument, which plug() hangs there.
"""

import base64
import json
import math
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

from .. import paths
from ..build import pico
from ..image import boards, image
from ..problem import Problem

_START = 30  # s for the emulator's process
_ANSWER = 600  # s for an answer of it: the PC may be busy
_STEP = 500  # ms of the chip's time for which an answer is waited
_NUMBERS = "capacity", "loss", "lag", "full_power", "surroundings"
_OF_MODULE = {"_BETA": "beta", "_T25": "t25", "_KELVIN": "kelvin"}


def faults():
    """What can be broken of the plant: a dict of name -> words."""
    return boards.constants(paths.BOARDS / "HOST" / "plant.py", ("FAULTS",))["FAULTS"]


def _plant():
    file = paths.BOARDS / "HOST" / "plant.py"
    named = boards.constants(file, _OF_MODULE)
    return boards.constants(file, _NUMBERS) | {key: named[name] for name, key in _OF_MODULE.items()}


def pins(board):
    """What the plant is wired to, by a board.py."""
    found = boards.constants(board, ("HEATER_PIN", "SENSOR_ADC", "OUTSIDE_ADC", "UART"))
    uart = found.get("UART") or {}
    return {
        "heater": found["HEATER_PIN"], "sensor": found["SENSOR_ADC"], "outside": found["OUTSIDE_ADC"],
        "uart": uart.get("id", 0),
    }  # fmt: skip


def _network(board):
    """The TCP port of a node on a board that has a network, which is at its other UART, by PPP; else None."""
    return boards.constants(board, ("TCP_PORT",)).get("TCP_PORT")


def _models(node, board):
    """The command for the models of the chips that a node has (chips.py), but the pipes."""
    command = [str(paths.FIRMWARE), str(board.parent), str(boards.file("HOST").parent), str(paths.SHIMS)]
    if node:
        command.append(str(image.node_file(str(node))))
        beside = [str(path)[: -len(where)] for where, path in image.helper_files(str(node)).items()]
        command += beside[:1] or [str(Path(command[-1]).parent)]
    return command


class Emulator:
    """An emulated board that is on. `flash` is a file that keeps what is in its flash; it need not exist yet. The chips of
    `node`, a name or a path, hang on its buses.

    `firmware`: whether MicroPython is written into the flash first, which leaves its file system alone; "frozen" for the
    one that has the firmware frozen in; the path of a UF2 file for that one. `speed` makes time pass this many times faster, as
    far as the PC is fast enough; with 0 it goes in steps.
    """

    def __init__(self, board, flash=None, firmware=True, speed=1, baudrate=115200, node=None):
        self.events = queue.Queue()
        self._answers = {}
        self._asked = 0
        self.time = 0.0  # of the last answer; in steps that is now
        self._steps = not speed
        self._instrument = None
        questions, answers = os.pipe(), os.pipe()
        if firmware and not isinstance(firmware, Path):
            firmware = pico.firmware(firmware == "frozen")
        options = {
            "models": {"write": questions[1], "read": answers[0]},
            "module": str(pico.emulator()), "flash": flash and str(flash),
            "firmware": str(firmware) if firmware else None,
            "pins": pins(board), "plant": _plant(), "baudrate": baudrate, "speed": speed, "network": _network(board),
        }  # fmt: skip
        main = str(Path(__file__).parent / "chip" / "main.js")
        pipe = questions[0], answers[1]
        models = [sys.executable, "-B", str(Path(__file__).with_name("chips.py")), *map(str, pipe), *_models(node, board)]
        self._models = subprocess.Popen(models, stdin=subprocess.DEVNULL, pass_fds=pipe, start_new_session=True)
        self._process = subprocess.Popen(
            ["node", main, json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            pass_fds=(questions[1], answers[0]),
        )
        for end in (*questions, *answers):
            os.close(end)
        self._ports = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            ports = self._ports.get(timeout=_START)
        except queue.Empty:
            ports = None
        if ports is None:
            self.close()
            raise Problem("the emulator did not start; its message is above")
        self.usb, self.uart, self.line = ports["usb"], ports["uart"], ports["line"]
        self.tcp = ports["tcp"]  # of 127.0.0.1, for the node's own; None where the board has no network

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def port(self):
        """What mpremote and pyserial take for the board's USB."""
        return f"socket://127.0.0.1:{self.usb}"

    def _listen(self):
        for line in self._process.stdout:
            message = json.loads(line)
            if "event" not in message:
                self._answers.pop(message["id"]).put(message)
            elif message["event"] == "ports":
                self._ports.put(message)
            else:
                self.events.put(message)
        self._ports.put(None)
        for answer in list(self._answers.values()):
            answer.put({"error": "the emulator has ended"})

    def do(self, command, **words):
        """A command of chip/main.js; gives its result. Raises Problem with what it says."""
        self._asked += 1
        answer = self._answers[self._asked] = queue.Queue()
        self._process.stdin.write(json.dumps({"id": self._asked, "command": command, **words}) + "\n")
        self._process.stdin.flush()
        found = answer.get(timeout=_ANSWER)
        self.time = found.get("time", self.time)
        if found["error"]:
            raise Problem(f"the emulator: {found['error']}")
        return found["result"]

    def status(self):
        """A dict: `time` and `idle`, for which its core waited, in ms; `starts` of the chip; the plant; the heater's pin:
        `high`, `last_high`, `high_time`, ms.
        """
        return self.do("status")

    def levels(self):
        """The level at each GPIO by its number: 0 or 1 where the chip drives it, else None."""
        return self.do("levels")

    def sleep(self, ms):
        """Wait until so many ms have passed on the chip; in steps that makes them pass."""
        if self._steps:
            self.advance(ms)
            return
        end = self.status()["time"] + ms
        while (left := end - self.status()["time"]) > 0:
            time.sleep(max(left / 2000, 0.005))

    # ---- in steps

    def advance(self, ms, port=None, byte=None):
        """Let so many ms pass, less where this byte, any if it is -1, comes from a port: (what came, whether it is gone)."""
        end = self.time + ms
        while True:
            left = max(min(end - self.time, _STEP), 0)
            found = self.do("advance", ms=left, port=port, byte=byte)
            for piece in found.get("heard") or ():
                self._instrument.hear(base64.b64decode(piece))
            came, gone = self._taken(found) if port else (b"", False)
            if came or gone or self.time >= end - 1e-6 or (port and self.time - end + ms >= _STEP):
                return came, gone

    def take(self, port):
        """What came from a port that is open, without waiting: (bytes, whether it is gone)."""
        return self._taken(self.do("take", port=port))

    def _taken(self, found):
        return base64.b64decode(found["data"]), found["closed"]

    def write(self, port, data):
        """Send bytes to a port that is open."""
        self.do("write", port=port, data=base64.b64encode(data).decode())

    def plug(self, instrument):
        """Hang an instrument at the UART that is not SECoP's: `hear(data)` is called with what the chip sends, a piece with
        silence behind it each time, and may call say().
        """
        self._instrument = instrument
        self.do("plug")

    def say(self, data, ms=0):
        """Send bytes from the instrument to the chip, so many ms from now, at the rate that the chip has set."""
        self.do("say", data=base64.b64encode(data).decode(), ms=ms)

    def until(self, condition, seconds, step=50):
        """Let time pass until a condition is true, which is looked at every `step` ms. Raises Problem after so many seconds."""
        end = self.status()["time"] + 1000 * seconds
        while not condition():
            if self.status()["time"] > end:
                raise Problem(f"the emulated board: what was waited for did not come within {seconds} s")
            self.sleep(step)

    # ----

    def duty(self, ms=200):
        """The share of the next `ms` in which the heater's pin is high."""
        first = self.status()
        self.sleep(ms)
        last = self.status()
        return (last["high_time"] - first["high_time"]) / (last["time"] - first["time"])

    def low_after(self, since, ms):
        """For how many ms after `since` the heater's pin was high last, looked at until `ms` later; infinite if it still is."""
        self.sleep(since + ms - self.status()["time"])
        status = self.status()
        return (
            math.inf if status["high"] or status["time"] - status["last_high"] < 50 else max(status["last_high"] - since, 0.0)
        )

    def fault(self, name):
        """Break a part of the plant, as faults() names them; or, as at the console of the simulated board, "i2c0 stuck", "SHT4x
        absent"; or a pin: "pin5 low", "high", "stuck". "none" mends everything, "i2c0 none" that alone.

        Gives what there is to say about that; with "" it is what buses and chips there are. Raises Problem for other names.
        """
        if name and " " not in name and name not in faults():
            raise Problem(f"there is nothing to break that is called {name}")
        return self.do("fault", name=name) or faults().get(name, name)

    def cable(self, plugged):
        """Pull the network's cable, or put it back."""
        self.do("cable", plugged=plugged)

    def reset(self):
        """As the button at RUN does it."""
        self.do("reset")

    def off(self):
        """Pull the cable that has the power as well."""
        self.do("off")

    def on(self):
        self.do("on")

    def cut(self, operations, share):
        """Cut the power in the flash operation after so many, when this share of its bytes is done."""
        self.do("cut", operations=operations, share=share)

    def speed(self, speed):
        """As it is said when it is made."""
        self._steps = not speed
        self.do("speed", speed=speed)

    def record(self):
        """From now on keep what is done to the flash, for recorded() and moment()."""
        self.do("record")

    def recorded(self):
        """How many operations there were on the flash."""
        return self.do("recorded")

    def moment(self, operation, share, path):
        """Write into a file what was in the flash when this share of one of those operations was done."""
        self.do("moment", operation=operation, share=share, path=str(path))

    def keep(self, path):
        """Write what is in the flash into a file."""
        self.do("keep", path=str(path))

    def wait_for_usb(self, seconds=30):
        """Wait until the PC has found the board at its USB."""
        self.until(lambda: self.status()["usb"], seconds)

    def close(self):
        """End it."""
        if self._process.poll() is None:
            self._process.stdin.close()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._models.wait()  # it ends when nobody can ask any more


if os.name != "posix":
    raise Problem("the emulator needs Linux")
