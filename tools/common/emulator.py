"""A board in the emulator: real RP2040 firmware on an emulated chip, wired to the plant of the simulated board.

Its USB and its UART are TCP ports of this machine; what a cable, a power supply and an oscilloscope do is done by methods.
Times are the chip's, in ms: it passes as the wall's does while the chip waits, slower while it computes.
"""

import ast
import json
import math
import os
import queue
import subprocess
import threading
import time

from . import paths, pico
from .problem import Problem

_START = 30  # s for the emulator's process
_ANSWER = 30  # s for an answer of it
_NUMBERS = "capacity", "loss", "lag", "full_power", "surroundings"
_OF_MODULE = {"_BETA": "beta", "_T25": "t25", "_KELVIN": "kelvin"}


def constants(path, names):
    """The constants of these names that a Python file has, in it or in a class of it: a dict."""
    found = {}
    tree = ast.parse(path.read_text("utf-8"))
    bodies = [tree.body] + [node.body for node in tree.body if isinstance(node, ast.ClassDef)]
    for node in (node for body in bodies for node in body):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in names:
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def faults():
    """What can be broken of the plant: a dict of name -> words."""
    return constants(paths.BOARDS / "HOST" / "plant.py", ("FAULTS",))["FAULTS"]


def _plant():
    file = paths.BOARDS / "HOST" / "plant.py"
    named = constants(file, _OF_MODULE)
    return constants(file, _NUMBERS) | {key: named[name] for name, key in _OF_MODULE.items()}


def pins(board):
    """What the plant is wired to, by a board.py."""
    found = constants(board, ("HEATER_PIN", "SENSOR_ADC", "OUTSIDE_ADC", "UART"))
    uart = found.get("UART") or {}
    return {
        "heater": found["HEATER_PIN"], "sensor": found["SENSOR_ADC"], "outside": found["OUTSIDE_ADC"],
        "uart": uart.get("id", 0),
    }  # fmt: skip


class Emulator:
    """An emulated board that is on. `flash` is a file that keeps what is in its flash; it need not exist yet.

    `firmware`: whether MicroPython is written into the flash first, which leaves its file system alone. `speed` makes time pass
    so many times faster, as far as the PC is fast enough.
    """

    def __init__(self, board, flash=None, firmware=True, speed=1, baudrate=115200):
        self.events = queue.Queue()
        self._answers = {}
        self._asked = 0
        options = {
            "module": str(pico.emulator()), "flash": flash and str(flash),
            "firmware": str(pico.firmware()) if firmware else None,
            "pins": pins(board), "plant": _plant(), "baudrate": baudrate, "speed": speed,
        }  # fmt: skip
        main = str(paths.ROOT / "tools" / "emulator" / "main.js")
        self._process = subprocess.Popen(
            ["node", main, json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._ports = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            ports = self._ports.get(timeout=_START)
        except queue.Empty:
            ports = None
        if ports is None:
            self.close()
            raise Problem("the emulator did not start; what it said stands above")
        self.usb, self.uart = ports["usb"], ports["uart"]

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

    def _do(self, command, **words):
        self._asked += 1
        answer = self._answers[self._asked] = queue.Queue()
        self._process.stdin.write(json.dumps({"id": self._asked, "command": command, **words}) + "\n")
        self._process.stdin.flush()
        found = answer.get(timeout=_ANSWER)
        if found["error"]:
            raise Problem(f"the emulator: {found['error']}")
        return found["result"]

    def status(self):
        """A dict: `time` in ms, `starts` of the chip, the plant, the heater's pin: `high`, `last_high`, `high_time`, ms."""
        return self._do("status")

    def sleep(self, ms):
        """Wait until so many ms have passed on the chip."""
        end = self.status()["time"] + ms
        while (left := end - self.status()["time"]) > 0:
            time.sleep(max(left / 2000, 0.005))

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
        """Break a part of the plant, as faults() names them."""
        self._do("fault", name=name)

    def reset(self):
        """As the button at RUN does it."""
        self._do("reset")

    def off(self):
        """Pull the cable that has the power as well."""
        self._do("off")

    def on(self):
        self._do("on")

    def cut(self, operations, share):
        """Cut the power in the flash operation after so many, when this share of its bytes is done."""
        self._do("cut", operations=operations, share=share)

    def speed(self, speed):
        self._do("speed", speed=speed)

    def keep(self, path):
        """Write what is in the flash into a file."""
        self._do("keep", path=str(path))

    def wait(self, event, seconds=60):
        """The next event of this name, of those that nobody waited for yet."""
        end = time.monotonic() + seconds
        while True:
            found = self.events.get(timeout=max(end - time.monotonic(), 0.01))
            if found["event"] == event:
                return found

    def wait_for_usb(self, seconds=30):
        """Wait until the PC has found the board at its USB."""
        end = time.monotonic() + seconds
        while not self.status()["usb"]:
            if time.monotonic() > end:
                raise Problem("the emulated board does not show up at its USB")
            time.sleep(0.05)

    def close(self):
        """End it."""
        if self._process.poll() is None:
            self._process.stdin.close()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


if os.name != "posix":
    raise Problem("the emulator needs Linux")
