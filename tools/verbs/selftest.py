"""Try a board of your own: pins, buses, sensors, heater, flash, heap, Wi-Fi and clock, with what to check where it is wrong.

The node that runs is ended, and starts again at the end. The heater gets a share of its power for some seconds, if it is
allowed to: below a limit, with the pin low afterwards whatever happens.
"""

import argparse
import math
import re
import sys

from .. import foreign, paths
from ..board import device, wires
from ..image import boards
from ..problem import Problem

_BEFORE, _AFTER = 3.0, 6.0  # s to look before and after the heater is on
_LOOK = 0.25  # s between two looks
_SAMPLES = 64  # conversions of a look
_LEAST_RISE = 1.0  # K that are an answer of the heater
_STEADY = 0.7  # K that what is not heated may rise before
_PLAUSIBLE = -20.0, 120.0  # degC
_NOISE = 1.0  # K of a single conversion
_LEAST_HEAP = 80 << 10
_LEAST_FLASH = 16 << 10
_FILE = "selftest.tmp"
_WIFI = 25  # s to connect
_ETHERNET = 15
_TOLD = {"pass": "[green]pass[/]", "fail": "[bold red]FAIL[/]", "skip": "not tried"}

# what the board is told: with its definition as `board`
_BEGIN = f"""
{device.FEEDING}
import gc, os, sys, time
def _wait(ms):
    end = time.ticks_add(time.ticks_ms(), ms)
    while time.ticks_diff(end, time.ticks_ms()) > 0:
        _dog.feed()
        time.sleep_ms(min(ms, 50))
def _read(adc):
    "The share of the supply at a pin: mean and spread."
    supply = board.DIVIDER.get("supply")
    n = {_SAMPLES}
    total = squares = 0.0
    first = None
    for _ in range(n):
        x = adc.read_u16() / 65535 if supply is None else adc.read_uv() / 1e6 / supply
        if first is None:
            first = x
        total += x - first
        squares += (x - first) * (x - first)
    return first + total / n, max(squares / n - (total / n) ** 2, 0) ** 0.5
def _low(pin, pwm=None):
    # duty 0, a period, then a plain output: a PWM that is only stopped freezes its pin as it was
    try:
        if pwm is not None:
            pwm.duty_u16(0)
            time.sleep_ms(11)
            pwm.deinit()
    finally:
        p = machine.Pin(pin, machine.Pin.OUT, value=0)
    return p.value()
"""
_PULLED = """
def _pulled(pin, safe):
    # which way the wiring pulls it, against the chip's own weak resistor; then off again
    if not hasattr(machine.Pin, "PULL_UP"):
        return None
    try:
        p = machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_DOWN if safe else machine.Pin.PULL_UP)
        time.sleep_ms(2)
        return p.value()
    finally:
        machine.Pin(pin, machine.Pin.OUT, value=safe)
def _level(pin, safe):
    p = machine.Pin(pin, machine.Pin.OUT, value=safe)
    time.sleep_ms(2)
    return p.value()
def _driven():
    try:
        with open("outputs.txt") as f:
            pairs = [line.split() for line in f]
        return [(int(pin), int(safe)) for pin, safe in pairs if pin != "="]
    except (OSError, ValueError):
        return []
"""
_HEAT = """
def _heat(pin, adc, duty, most, limit, least, bottom, top, before, after, look):
    begin = time.ticks_ms()
    pwm = None
    sign = 1 if limit > 0 else -1
    def say(phase):
        _wait(look)
        share = _read(adc)[0]
        now = time.ticks_diff(time.ticks_ms(), begin)
        print(phase, now, share)
        return share
    def good(share):
        return bottom < share < top and sign * share < limit
    try:
        _low(pin)
        share = first = say("before")
        while time.ticks_diff(time.ticks_ms(), begin) < before:
            share = say("before")
        on = time.ticks_ms()
        if good(share) and abs(share - first) < least:
            pwm = machine.PWM(machine.Pin(pin), freq=100, duty_u16=duty)
            start = share
            while time.ticks_diff(time.ticks_ms(), on) < most and good(share) and sign * (share - start) < least:
                share = say("on")
    finally:
        left = _low(pin, pwm)
    off = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), off) < after:
        share = say("off")
    print("low", 0, left)
"""
_FLASH = f"""
def _flash():
    from hashlib import sha256
    try:
        one, other = sha256(), sha256()
        block = bytearray(512)
        with open({_FILE!r}, "wb") as f:
            for i in range(16):
                for k in range(512):
                    block[k] = (k * 31 + i * 7) & 255
                f.write(block)
                one.update(block)
                _dog.feed()
        with open({_FILE!r}, "rb") as f:
            while True:
                n = f.readinto(block)
                if not n:
                    break
                other.update(memoryview(block)[:n])
        return one.digest() == other.digest()
    finally:
        try:
            os.remove({_FILE!r})
        except OSError:
            pass
def _room():
    s = os.statvfs("/")
    return s[0] * s[3], s[0] * s[2]
"""
_CLOCK = """
def _clock():
    "ms by the tick counter that a second of the clock, or two, take."
    def second():
        now = time.time()
        end = time.ticks_add(time.ticks_ms(), 3000)
        while time.time() == now and time.ticks_diff(end, time.ticks_ms()) > 0:
            _dog.feed()
            time.sleep_ms(5)
        return time.ticks_ms(), time.time()
    t, s = second()
    _wait(500)
    u, v = second()
    return time.ticks_diff(u, t), v - s, time.gmtime()[0]
"""
_WIDE = """
def _wide():
    # (module, words) where the thresholds kept leave its guard as good as off; the node's own defaults nobody knows here
    try:
        import json
        from control.guard import Guard
        from modules import plant
        with open("settings.json") as f:
            sections = json.load(f)
    except (ImportError, OSError, ValueError):
        return []
    class Oven:
        pass
    found = []
    for name in sections if type(sections) is dict else ():
        section = sections[name]
        values = section.get("_guard") if type(section) is dict else None
        if type(values) is dict:
            numbers = {n: values.get(n, getattr(Guard, n)) for n in ("stuck_time", "gain_time", "max_error")}
            oven = Oven()
            known = section.get("plant")
            oven._maxheaterpower = section.get("_maxheaterpower")
            oven._plant = known if oven._maxheaterpower is not None and type(known) is list and known else (0,)
            try:
                words = plant.wide(oven, numbers)
            except (TypeError, ValueError):
                words = None  # not what the node would take either
            if words:
                found.append((name, words))
    return found
"""
_NETWORK = """
def _network(seconds):
    "What of Wi-Fi works: (step, networks, signal of ours or None, status)"
    import json, network
    try:
        with open("settings.json") as f:
            s = json.load(f).get("wifi", {})
    except (OSError, ValueError, AttributeError):
        s = {}
    w = network.WLAN()
    try:
        w.active(True)
        found = w.scan() if hasattr(w, "scan") else ()
        ours = [n[3] for n in found if s.get("ssid") and n[0] == s["ssid"].encode()]
        signal = max(ours) if ours else None
        if not s.get("ssid"):
            return "scan", len(found), signal, 0
        w.connect(s["ssid"], s.get("password"))
        # those of a wrong password, RP2 and ESP32; in the first seconds an ESP32 may still have what was before
        wrong = (-3, 202, 15, 204)
        for i in range(10 * seconds):
            if w.isconnected():
                return "up", len(found), signal, w.status()
            if i > 50 and w.status() in wrong:
                break
            _wait(100)
        return ("password" if w.status() in wrong else "down"), len(found), signal, w.status()
    finally:
        try:
            w.disconnect()
            w.active(False)
        except OSError:
            pass
"""


_CABLE = """
_nic = None
def _cable(seconds):
    "What of the wired network works: (linked, address or ''); it stays on."
    global _nic
    import network
    _nic = n = board.ethernet()
    n.active(True)
    linked = False
    for i in range(10 * seconds):
        s = n.status()
        linked = s in (network.ETH_CONNECTED, network.ETH_GOT_IP) if hasattr(network, "ETH_GOT_IP") else s > 0
        if n.isconnected():
            return True, n.ipconfig("addr4")[0]
        _wait(100)
    return linked, ""
def _registers():
    # a W5500's driver prints them
    if hasattr(_nic, "regs"):
        _nic.regs()
def _unplug():
    try:
        if _nic:
            _nic.active(False)
    except OSError:
        pass
"""
# in what a W5500 prints of its common registers, 16 a line: PHYCFGR (0x2E), whose bits are link, 100 Mbit/s and full duplex
_PHYCFGR = re.compile(r"^ *0020:(?: [0-9a-f]{2}){14} ([0-9a-f]{2})\b", re.MULTILINE)


def number(low, high):
    """The type of an argument with bounds."""

    def convert(text):
        value = float(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"it has to be from {low:g} to {high:g}")
        return value

    convert.__name__ = "number"
    return convert


def dac(text):
    """A bus, an address and a code, of --dac."""
    try:
        bus, _, rest = text.partition(":")
        address, _, code = rest.partition("=")
        found = bus, int(address, 16), int(code)
        if bus and 0x60 <= found[1] <= 0x67 and 0 <= found[2] <= 4095:
            return found
    except ValueError:
        pass
    raise argparse.ArgumentTypeError("it is like i2c0:0x60=0, with an address from 0x60 to 0x67 and a code from 0 to 4095")


def add_arguments(parser):
    parser.add_argument("--port", default="", help="the serial port, or id:SERIALNUMBER (the only board that is connected)")
    parser.add_argument("--board", default="", help="which board it is, where no node is on it yet, e.g. RPI_PICO_W")
    heater = parser.add_mutually_exclusive_group()
    heater.add_argument("--yes", action="store_true", help="let the heater be tried without asking")
    heater.add_argument("--no-heater", action="store_true", help="leave the heater out")
    parser.add_argument("--power", type=number(1, 50), default=20, help="of the heater, in per cent, at most 50 (%(default)s)")
    parser.add_argument(
        "--seconds", type=number(1, 60), default=15, help="that the heater is on at most, up to 60 (%(default)s)"
    )
    parser.add_argument(
        "--limit", type=number(0, 100), default=60, help="no heating from this temperature on, in °C (%(default)s)"
    )
    parser.add_argument(
        "--cs",
        type=int,
        action="append",
        default=[],
        metavar="PIN",
        help="ask who is at this chip select of the SPI bus; can be given several times",
    )
    parser.add_argument(
        "--dac",
        type=dac,
        action="append",
        default=[],
        metavar="BUS:ADDRESS=CODE",
        help="write the EEPROM of a MCP4725, which says what it gives at power on: i2c0:0x60=0; from 0 to 4095",
    )
    parser.add_argument("--r25", type=number(100, 1e6), default=10000, help="of the thermistors, in ohm at 25 °C (%(default)s)")
    parser.add_argument("--beta", type=number(1000, 10000), default=3950, help="of the thermistors, in K (%(default)s)")


def main(args):
    known = boards.load(args.board) if args.board else {}
    name = device.find(args.port, known.get("port"))
    heat = allowed(args)
    with device.Device(name) as there:
        try:
            there.take()
            rows = Selftest(there, args, known, heat).run()
        except BaseException:
            there.abandon()
            raise
        there.reset()
    show(rows)
    return 1 if any(state == "fail" for _, state, _, _ in rows) else 0


def called(known):
    """What a board's definition calls itself: its NAME."""
    return boards.constants(known["file"], ("NAME",)).get("NAME", known["name"])


def allowed(args):
    """Whether the heater may be tried, which only a person knows."""
    if args.no_heater or args.yes or not sys.stdin.isatty():
        return args.yes
    print(
        f"The heater can be tried: {args.power:g} % of its power, for {args.seconds:g} s at most, below {args.limit:g} °C.\n"
        "Is it mounted, with thermistor and thermal cut-out, and can it safely get warm? [y/N] ",
        end="", flush=True,
    )  # fmt: skip
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def show(rows):
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("", "", "found", "what to check", box=None, pad_edge=False)
    for what, state, found, hint in rows:
        table.add_row(Text(what), _TOLD[state], Text(found), Text(hint))
    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    console.print(table)
    failed = sum(state == "fail" for _, state, _, _ in rows)
    print(f"{failed} of {len(rows)} failed" if failed else "nothing is wrong with what was tried")


class Thermistor:
    """Temperatures in degC of an NTC in a board's DIVIDER, by the share of the supply at its pin."""

    def __init__(self, divider, r25, beta):
        self._series = divider["series"]
        self._up = divider.get("pull", "up") == "up"
        self.supply = divider.get("supply")
        self.sign = -1 if self._up else 1  # of the share's change with temperature
        self._r25, self._beta = r25, beta
        self.bottom, self.top = (0.15 / self.supply, min(2.45 / self.supply, 0.995)) if self.supply else (0.005, 0.995)

    def temperature(self, share):
        share = min(max(share, 1e-4), 1 - 1e-4)
        ratio = share / (1 - share) if self._up else (1 - share) / share
        return 1 / (1 / 298.15 + math.log(self._series * ratio / self._r25) / self._beta) - 273.15

    def share(self, temperature):
        r = self._r25 * math.exp(self._beta * (1 / (temperature + 273.15) - 1 / 298.15))
        return (r if self._up else self._series) / (r + self._series)

    def fault(self, share):
        """What is wrong with the line, "" where nothing is."""
        if self.bottom < share < self.top:
            return ""
        return "open" if (share >= self.top) == self._up else "shorted"


class Selftest:
    """A row for each thing that is tried: (what, "pass", "fail" or "skip", what was found, what to check)."""

    def __init__(self, there, args, known, heat):
        self.there, self.args, self.known, self.heat = there, args, known, heat
        self.rows = []

    def row(self, what, good, found, hint=""):
        state = good if isinstance(good, str) else "pass" if good else "fail"
        self.rows.append((what, state, found, hint if state != "pass" else ""))
        return state == "pass"

    def run(self):
        self.look_at()
        self.there.exec(_BEGIN)
        steps = [("outputs", self.outputs)]
        steps += [
            ("buses", self.buses),
            ("sensor", self.sensors),
            ("heater", self.heater),
            ("flash", self.flash),
            ("heap", self.heap),
        ]
        steps += [("guard", self.guard)]
        steps += [("Wi-Fi", self.wifi), ("Ethernet", self.ethernet), ("clock", self.clock)]
        for what, step in steps:
            try:
                step()
            except device.BoardError as e:
                self.row(what, False, f"the board says {e}", "MicroPython and board.py: do they fit this board?")
        # whatever was tried, and however it ended
        self.there.exec("board.off()")
        return self.rows

    def look_at(self):
        """What it is. Raises Problem where that is not what was said, or nobody knows."""
        name, version, machine, build, _ = device.identity(self.there)
        text = ".".join(map(str, version))
        try:
            self.there.exec("import board\nboard.NAME")
        except device.BoardError:
            if not self.known:
                raise Problem(
                    "no node is on this board: say which one it is with --board, or `secnode flash` a node first"
                ) from None
            self.define()
        self.there.exec("board.off()")
        on_it = self.there.eval("board.NAME", str)
        if self.known and on_it != called(self.known):
            raise Problem(f"this board was set up as {on_it}, not as {called(self.known)}")
        known = self.known or (boards.load(on_it) if on_it in [*boards.names(), "HOST"] else None)
        if known and not boards.is_the_same(known, build, machine):
            raise Problem(f"this board is no {on_it}: its MicroPython was made for {build or machine}")
        print(f"{machine}, {name} {text}, at {self.there.name}", flush=True)

    def define(self):
        """Tell a bare board what it is."""
        # with what it imports, which is the firmware's
        sources = {"outputs": paths.FIRMWARE / "outputs.py", "board": self.known["file"]}
        try:
            for name, path in sources.items():
                as_names = f"class {name}:\n    pass\nfor _k in _ns:\n    setattr({name}, _k, _ns[_k])"
                code = f"_ns = {{}}\nexec({path.read_text('utf-8')!r}, _ns)\n{as_names}"
                self.there.exec(f"import sys\n{code}\nsys.modules[{name!r}] = {name}")
        except device.BoardError as e:
            raise Problem(f"the board can't use the definition of {self.known['name']}: {e}") from None

    def outputs(self):
        self.there.exec(_PULLED)
        driven = self.there.eval("_driven()", [(int, int)])
        outputs = dict.fromkeys(self.there.eval("board.OUTPUTS", [{int, str}]), 0) | dict(driven)
        for pin, safe in outputs.items():
            what = f"output {pin}"
            pulled = self.there.eval(f"_pulled({pin!r}, {safe})", {bool, int, None})
            level, other, way = ("high", "low", "up") if safe else ("low", "high", "down")
            if self.there.eval(f"_level({pin!r}, {safe})") != safe:
                self.row(what, False, f"it is {other} although it is set {level}", "the pin: what else is connected to it?")
            elif pulled is None:
                self.row(what, True, f"{level} (its pull-{way} could not be looked for)")
            else:
                to = "at the gate (4.7 kΩ to GND)" if not safe else "(4.7 kΩ to 3V3)"
                hint = f"the pull-{way} {to} is missing: in a reset what it switches could be on"
                found = f"{level}, and pulled {way}" if pulled == safe else f"{level}, nobody pulls it {way}"
                self.row(what, pulled == safe, found, hint)

    def buses(self):
        """Who answers at each bus, where its pins are no outputs of the node; and what --cs and --dac ask for."""
        wires.begin(self.there)
        driven = dict.fromkeys(self.there.eval("board.OUTPUTS", [{int, str}]), 0)
        driven |= dict(self.there.eval("_driven()", [(int, int)]))
        known = {kind: wires.of(self.there, kind) for kind in ("I2C", "ONEWIRE", "SPI")}
        for kind, buses in known.items():
            for name, wiring in buses.items():
                taken = [pin for pin in wires.pins(kind, wiring) if pin in driven]
                if taken:
                    self.row(name, "skip", "", f"GPIO{taken[0]} is an output of the node")
                elif kind == "SPI":
                    self.scan_spi(name, wiring, driven)
                else:
                    (self.scan_i2c if kind == "I2C" else self.scan_onewire)(name, wiring)
        for bus, address, _ in self.args.dac:
            if bus not in known["I2C"]:
                has = ", ".join(known["I2C"]) or "none"
                self.row(f"{bus}:0x{address:02x}", False, "the board has no such bus", f"I2C in its board.py: {has}")
        if self.args.cs and not known["SPI"]:
            self.row("SPI", False, "the board has no such bus", "SPI in its board.py")

    def scan_i2c(self, name, wiring):
        found, trouble = wires.scan_i2c(self.there, wiring)
        hint = "a short; its pull-ups (2.2 to 10 kΩ to 3V3); a chip without supply pulls lines low"
        if trouble or not found:
            self.row(name, not trouble, trouble or "nobody answers", hint)
        for address in found:
            self.row(f"{name}:0x{address:02x}", True, wires.chip(self.there, address))
        for bus, address, code in self.args.dac:
            if bus == name and not trouble:
                written, now = wires.keep(self.there, address, code)
                what = "its EEPROM is written, and says" if written else "its EEPROM says already"
                self.row(
                    f"{bus}:0x{address:02x}", now == code, f"{what} {now} of 4096", "its EEPROM can't be written: another chip"
                )

    def scan_onewire(self, name, pin):
        found, trouble = wires.scan_onewire(self.there, pin)
        hint = "a short; the pull-up (4.7 kΩ to 3V3); a chip that is the wrong way round"
        if trouble or not found:
            self.row(name, not trouble, trouble or "nobody answers", hint)
        for code, what in found.items():
            self.row(f"{name}:{code}", True, what)

    def scan_spi(self, name, wiring, driven):
        for pin in self.args.cs:
            if driven.get(pin) == 0:
                self.row(f"{name}:{pin}", "skip", "", f"GPIO{pin} is an output of the node that is off when it is low")
                continue
            found = wires.chip_at(self.there, wiring, pin)
            hint = "supply, chip select and the other three lines"
            self.row(f"{name}:{pin}", found is not None, found or "nobody answers", hint)

    def thermistor(self):
        divider = self.there.eval("board.DIVIDER", dict)
        if not all(foreign.is_number(divider.get(key, 1)) and divider.get(key, 1) > 0 for key in ("series", "supply")):
            raise Problem(f"board.DIVIDER makes no sense: {foreign.clean(str(divider)[:100])}")
        return Thermistor(divider, self.args.r25, self.args.beta)

    def sensors(self):
        for what, name in (("sensor", "SENSOR_ADC"), ("outside", "OUTSIDE_ADC")):
            if not self.there.eval(f"hasattr(board, {name!r})"):
                continue
            pin, (share, spread) = self.there.eval(
                f"(board.{name}, _read(board.adc(board.{name})))", ({int, str}, (float, float))
            )
            self.judge_sensor(f"{what} {pin}", share, spread)

    def judge_sensor(self, what, share, spread):
        thermistor = self.thermistor()
        fault = thermistor.fault(share)
        percent = f"{share * 100:.1f} % of the supply"
        if fault:
            hint = "plug, wire and thermistor; its resistor to the supply" if fault == "open" else "wire and thermistor; 3V3"
            return self.row(what, False, f"{fault}: {percent}", hint)
        temperature = thermistor.temperature(share)
        found = f"{temperature:.1f} °C ({percent})"
        low, high = _PLAUSIBLE
        if not low <= temperature <= high:
            return self.row(what, False, found, "thermistor and resistor as in the board's README? --r25, --beta")
        noise = abs(thermistor.temperature(share + spread) - temperature)
        if noise > _NOISE:
            return self.row(what, False, f"{found}, noise {noise:.1f} K", "wires beside the heater's, their length; GND")
        return self.row(what, True, f"{found}, noise {noise:.2f} K")

    def heater(self):
        if not self.there.eval("hasattr(board, 'HEATER_PIN') and hasattr(board, 'SENSOR_ADC')"):
            return
        what = f"heater {self.there.eval('board.HEATER_PIN', {int, str})}"
        if not self.heat:
            return self.row(what, "skip", "", "--yes tries it: a share of its power for some seconds")
        if any(state == "fail" and row.split()[0] in ("sensor", "output") for row, state, _, _ in self.rows):
            return self.row(what, "skip", "", "first what is wrong above")
        thermistor = self.thermistor()
        args = self.args
        now = thermistor.temperature(self.there.eval("_read(board.adc(board.SENSOR_ADC))[0]", float))
        if now >= args.limit:
            return self.row(what, "fail", f"refused: it is at {now:.1f} °C", f"let it cool below {args.limit:g} °C (--limit)")
        # in the sensor's own terms, so that the board decides by itself
        limit = thermistor.sign * thermistor.share(args.limit)
        least = abs(thermistor.share(now + _LEAST_RISE) - thermistor.share(now))
        print(f"heater: {args.power:g} % of its power, {args.seconds:g} s at most ...", flush=True)
        self.there.exec(_HEAT)
        times = ", ".join(str(round(s * 1000)) for s in (_BEFORE, _AFTER, _LOOK))
        duty = round(args.power / 100 * 65535)
        code = "_heat(board.HEATER_PIN, board.adc(board.SENSOR_ADC), "
        code += f"{duty}, {round(args.seconds * 1000)}, {limit!r}, {least!r}, "
        code += f"{thermistor.bottom!r}, {thermistor.top!r}, {times})"
        said = self.there.exec(code)
        points = [self.there.value(self.literal(line), (str, int, float)) for line in said.splitlines()]
        if not any(phase == "before" for phase, _, _ in points):
            raise Problem(f"the board does not say what it measured: {foreign.clean(said[:100])!r}")
        return self.row(what, *answer_of_heater(points, thermistor, args))

    @staticmethod
    def literal(line):
        """A line of words as it would be written in Python; as it is where they are not three."""
        words = line.split()
        return f"({words[0]!r}, {words[1]}, {words[2]})" if len(words) == 3 else line

    def flash(self):
        self.there.exec(_FLASH)
        same = self.there.eval("_flash()")
        free, size = self.there.eval("_room()", (int, int))
        found = f"{free >> 10} of {size >> 10} KiB free"
        if not same:
            return self.row("flash", False, "what was written is not what is read", "the board's flash is worn or broken")
        return self.row("flash", free >= _LEAST_FLASH, found, "remove files of your own: an update needs room")

    def guard(self):
        """Whether the thresholds that are kept leave a heater's guard as good as off."""
        self.there.exec(_WIDE)
        for name, words in self.there.eval("_wide()", [(str, str)]):
            hint = "narrow them, or lower _maxheaterpower (docs/safety.md)"
            self.row("guard", False, f"{foreign.clean(name[:40])}: {foreign.clean(words[:200])}", hint)

    def heap(self):
        free, used = self.there.eval("(gc.collect(), gc.mem_free(), gc.mem_alloc())[1:]", (int, int))
        found = f"{free >> 10} of {(free + used) >> 10} KiB free"
        return self.row("heap", free >= _LEAST_HEAP, found, "a board with more memory, or MicroPython for its PSRAM")

    def wifi(self):
        if not self.there.eval("getattr(board, 'WIFI', False)"):
            return
        self.there.exec(_NETWORK)
        step, count, signal, status = self.there.eval(f"_network({_WIFI})", (str, int, {int, None}, {int, str, None}), _WIFI)
        seen = f"{count} networks" + (f", yours at {signal} dBm" if signal is not None else "")
        if step == "up":
            return self.row("Wi-Fi", True, f"connected; {seen}")
        if step == "scan":
            hint = "antenna; a board in a metal box" if not count else ""
            return self.row("Wi-Fi", count > 0, f"{seen}; settings.json has none yet", hint)
        if step == "password":
            return self.row("Wi-Fi", False, seen, "the password in settings.json: `secnode configure`")
        hint = (
            "is it in reach, does it give addresses?"
            if signal is not None
            else "its name in settings.json; 2.4 GHz is all it hears"
        )
        return self.row("Wi-Fi", False, f"no connection (status {status}); {seen}", hint)

    def ethernet(self):
        if not self.there.eval("getattr(board, 'ETHERNET', False)"):
            return
        self.there.exec(_CABLE)
        try:
            linked, address = self.there.eval(f"_cable({_ETHERNET})", (bool, str), _ETHERNET)
            speed = speed_of(self.there.exec("_registers()"))
        finally:
            self.there.exec("_unplug()")
        if address:
            return self.row("Ethernet", True, f"linked, {speed}, {foreign.clean(address[:15])}")
        if linked:
            hint = "a DHCP server, or ethernet.address"
            return self.row("Ethernet", False, f"linked, {speed}, and nobody gives an address", hint)
        return self.row("Ethernet", False, "no link", "the cable, or what is at its other end")

    def clock(self):
        self.there.exec(_CLOCK)
        for _ in range(3):
            ticks, seconds, year = self.there.eval("_clock()", (float, float, int))
            good = seconds > 0 and abs(ticks - 1000 * seconds) < 200
            if good:
                break
        found = f"{seconds} s are {ticks} ms; " + ("set" if year >= 2025 else "not set yet")
        self.row("clock", good, found, "the crystal of the board: clock and tick counter disagree")


def speed_of(said):
    """The speed of a link in words, by what the registers of its chip say; an ESP32's MicroPython has no way to ask for it."""
    found = _PHYCFGR.search(said[:4000])
    if not found:
        return "its speed MicroPython does not tell"
    bits = int(found[1], 16)
    return f"{100 if bits & 2 else 10} Mbit/s {'full' if bits & 4 else 'half'} duplex"


def answer_of_heater(points, thermistor, args):
    """What the temperatures before, while and after the heater was on say of it: (state, found, hint)."""
    phases = {
        name: [(ms / 1000, thermistor.temperature(x)) for phase, ms, x in points if phase == name]
        for name in ("before", "on", "off")
    }
    before, on, off = phases["before"], phases["on"], phases["off"]
    rise = before[-1][1] - before[0][1]
    if abs(rise) > _STEADY:
        hint = (
            "SWITCH THE HEATER'S SUPPLY OFF: the transistor is shorted, or its gate is not connected"
            if rise > 0
            else "wait until it has cooled"
        )
        return "fail", f"with the pin low it went from {before[0][1]:.1f} to {before[-1][1]:.1f} °C", hint
    if not on:
        return "fail", f"refused: it is at {before[-1][1]:.1f} °C", f"let it cool below {args.limit:g} °C (--limit)"
    if points[-1] != ("low", 0, 0.0):
        return "fail", "its pin is high afterwards", "SWITCH THE HEATER'S SUPPLY OFF: the pin does not obey"
    seconds = on[-1][0] - before[-1][0]
    rise = max(t for _, t in on + off) - before[-1][1]
    found = f"{args.power:g} % for {seconds:.1f} s: {rise:+.1f} K"
    if rise < _LEAST_RISE / 2:
        fall = min(t for _, t in on + off) - before[-1][1]
        if fall < -_LEAST_RISE:
            return "fail", f"{args.power:g} % for {seconds:.1f} s: {fall:+.1f} K", "thermistor and resistor are exchanged"
        hint = "the heater's supply; fuse and cut-out; transistor; is the thermistor on the heated part? (--power, --seconds)"
        return "fail", found, hint
    half = off[len(off) // 2 :]
    after = (half[-1][1] - half[0][1]) / max(half[-1][0] - half[0][0], 0.1)
    during = (on[-1][1] - before[-1][1]) / max(seconds, 0.1)
    if after > max(1.5 * during, 0.2):
        hint = "SWITCH THE HEATER'S SUPPLY OFF: it goes on heating with the pin low"
        return "fail", f"{found}, then {after:+.2f} K/s", hint
    return "pass", found, ""
