"""One trial of a heater: the firmware from power-on to its end, in virtual time, with a client and a fault.

    python3 trial.py IMAGE HOST SHIMS PLAN        micropython the same

PLAN is a file of JSON: {"phase": "heating", "fault": "sensor_open", "seconds": 120}, tools/proof/faults.py knows which, with
"module" where the heater with the fault has another name than `heater`; or for a curve {"phase": "curve", "seconds": 120,
"orders": [[5, "change heater:target 60"]]}, and with "day" the same without its curve. With "resume" the heater goes back
to its target after a loss of power, with "full" flash is full from the start. "plant" are attributes of the plant that are
others, "first" what a client sends before the phase, "first reading" how many s a chip takes to one. "target" is what is set,
in degC, and "most" the highest that can be. What happened is on the last line, as JSON.

The stage stands beside the board: it looks at pins and plant whenever time passes, whatever the firmware is stuck in, and its
clients come over real sockets.
"""

import json
import os
import sys

image, host, shims, plan = sys.argv[1:]
sys.path[:0] = [image, host, __file__.rsplit("/", 1)[0]]
if sys.implementation.name == "cpython":
    sys.path.insert(0, shims)
    import cpython  # noqa: F401 - it has effects alone
with open(plan) as f:
    plan = json.load(f)
os.chdir(image)

import virtual  # noqa: E402 - before all that takes the time

virtual.begin(plan.get("seed", 1), plan.get("ticks"))

import asyncio  # noqa: E402

import stamp  # noqa: E402

import board  # noqa: E402
import machine  # noqa: E402
import sabotage  # noqa: E402
from plant import FAULTS  # noqa: E402
from transport.stream import Stream  # noqa: E402

plant = machine.plant
MODULE = plan.get("module", "heater")
TARGET = plan.get("target", 60)  # degC
MOST = plan.get("most", 119)  # degC, of targets
_NEVER = 1e9  # s
_FAR = 1e6  # s, in ms still a small int
_PERIOD = 2.5  # s: a relay is on once in it
_LATE = 60  # s: a node that does not serve by then never will
_WINDOW = 2000  # bytes that a connection holds each way: more would be a large piece of the heap that is the firmware's too
_REQUEST = 4000  # us that a board takes for one, roughly


class Wire(Stream):
    """A client and its connection: the node's end is a stream as asyncio's, the stage's end never waits."""

    handler = None  # of the node's server
    at_once = False

    def __init__(self):
        self.s = self  # it stands in for its own socket
        self._in = self._out = self._rest = b""
        self._moved = asyncio.Event()  # something came, was taken or ended
        self.gone = False
        self.reads = True
        self.answers = []
        self.last = {}  # specifier -> the last update's data
        self._task = asyncio.create_task(Wire.handler(self, self))

    # ---- the node's end

    def get_extra_info(self, _):
        return ("127.0.0.1", 50000)

    async def readinto(self, buf):
        while not self._in:
            if self.gone:
                return 0
            await self._wait()
        n = min(len(buf), len(self._in))
        buf[:n] = self._in[:n]
        self._in = self._in[n:]
        return n

    def write(self, data):
        self._out += bytes(data)

    async def drain(self):
        while len(self._out) > _WINDOW:
            if self.gone:
                raise OSError(104)
            await self._wait()

    def forget(self):
        pass

    async def _wait(self):
        self._moved.clear()
        await self._moved.wait()

    def close(self):
        self.gone = True

    # ---- the client's end

    def send(self, line, end="\n"):
        """Gives whether there was room for it."""
        room = len(self._in) < _WINDOW and not self.gone
        if room:
            self._in += (line + end).encode()
            self._moved.set()
        return room

    def refill(self, lines):
        """Have the next lines under way once the last ones are taken. It allocates nothing."""
        if not self._in and not self.gone:
            self._in = lines
            self._moved.set()

    def look(self):
        """Take what came; the node is only woken where there is room again."""
        if not self._out:
            return
        lines = (self._rest + self._out).split(b"\n")
        self._rest = lines.pop()
        self._out = b""
        self._moved.set()
        for line in lines:
            action, specifier, data = (str(line, "utf-8") + "  ").split(" ", 2)
            data = json.loads(data) if data.strip() else None
            if action in ("update", "error_update"):
                self.last[specifier] = data
            else:
                self.answers.append((action, data))

    def vanish(self):
        """The client's power is off: nothing more comes, and nothing is taken."""
        self.gone = True
        self._moved.set()


def _in_task():
    # MicroPython's loop looks at the clock by itself often enough
    return sys.implementation.name == "cpython" and asyncio.current_task() is not None


class Cable(Wire):
    """A client at a serial line, which takes no time."""

    share = 128

    def __init__(self, session):
        Wire.handler, handler = lambda *_: session.serve(self), Wire.handler
        super().__init__()
        Wire.handler = handler

    def readable(self):
        return bool(self._in)

    def busy(self):
        return 0


class _Server:
    def __init__(self):
        self.task = asyncio.create_task(asyncio.Event().wait())  # for ever


async def _start_server(handler, host, port, backlog=5):
    from transport import tcp  # of the image, which has it where it listens

    tcp.Connection = lambda wire: wire
    Wire.handler = handler
    return _Server()


asyncio.start_server = _start_server


class Other:
    """The heater beside the one with the fault: when it was on last."""

    def __init__(self):
        (self._plant,) = [other for other in machine.ovens._heated.values() if other is not plant]
        self._set_duty = self._plant.set_duty
        self._plant.set_duty = self._duty
        self._on = self._plant.duty > 0
        self._last = virtual.now()

    def _duty(self, duty):
        self._set_duty(duty)
        if self._on or duty > 0:
            self._last = virtual.now()
        self._on = duty > 0

    def note(self, began):
        last = virtual.now() if self._on else self._last
        return {"on": self._on, "off": round(max(last - began, 0), 2), "block": round(self._plant.block, 2)}


def _outputs():
    # the heaters', of which boot.py knows one, the node more
    return sorted(set(board.OUTPUTS) | set(machine.ovens.heaters()))


class Stage:
    """Goes through a script while the firmware runs, and notes what happens.

    The script are generators that yield the seconds to wait.
    """

    Wire = Wire
    plan = plan
    again = 0.0  # s after which what was raised is raised once more
    other = None  # the other heater's, of two

    def __init__(self):
        self.found = {"first": None}  # see tools/proof/faults.py
        self.began = None  # s, of the fault
        self.wire = None  # the client that sets the target
        self.heater = None
        self._on = False
        self._last_on = None
        self._by = None
        self._cut = -1.0
        self.raises = None
        self._wake = 0.0
        self._peak = -300.0
        self._set_duty = plant.set_duty
        plant.set_duty = self._duty
        self._script = self._play()
        virtual.hooks.append(self._look)

    # ---- what is seen

    def _duty(self, duty):
        self._set_duty(duty)
        if self.found["first"] is None:
            self.found["first"] = duty
        on = duty > 0
        if on or self._on:
            self._last_on = virtual.now()
        if self._on and not on:
            self._by = "dead man" if self.heater.deadman.has_cut else "control"
            self._cut = virtual.now()
        self._on = on

    def _look(self):
        plant.advance()
        if plant.block > self._peak:
            self._peak = plant.block
        now = virtual.now()
        if self._on:
            self._last_on = now
        if self._by == "control" and now - self._cut < 0.1 and self.heater and self.heater.tripped:
            self._by = "guard"
        if now >= self._wake:
            virtual.wanted = 0
            try:
                self._wake = virtual.now() + next(self._script)
                virtual.wanted = int(min(self._wake, _FAR) * 1000) + 1
            except StopIteration:
                if self.raises and issubclass(self.raises, Exception) and _in_task():
                    return  # it would end that task alone: at the next look
                self._wake = virtual.now() + self.again if self.again else _NEVER
                self.again = 0.0
                self._script = iter(())
                raise self.raises or KeyboardInterrupt
            except Exception as e:  # a mistake of the stage, not the node's
                self._wake = _NEVER
                sys.print_exception(e, sys.stderr)
                self.found["mistake"] = repr(e)
                raise KeyboardInterrupt

    def _hear(self):
        if self.wire is None:
            return
        self.wire.look()
        status = self.wire.last.get(MODULE + ":status")
        if status and status[0][0] < 400 and self.found.get("warned") is None and self.began is not None:
            words = self.heater.guard.warning or self.heater.wide
            if words and words in status[0][1]:
                self.found["words"] = words
                self.found["warned"] = virtual.now() - self.began
                self.found["warned at"] = plant.block
        # before its first conversion a chip has no value, and that is no fault
        late = virtual.now() > plan.get("first reading", 0)
        if status and status[0][0] >= 400 and "told" not in self.found and self.began is not None and late:
            self.found["told"] = virtual.now() - self.began
            self.found["text"] = status[0][1]

    # ---- the script

    def _play(self):
        if plan["phase"] == "start":
            yield from self._break()
            if self.again:
                return
        if self.wire is None:
            yield from self.connect()
        yield from self.listen(plan.get("first reading", 0))
        for line in plan.get("first", ()):
            yield from self.order(line)
        if plan["phase"] == "curve":
            self.began = virtual.now()
            yield from self._record(plan["orders"])
            return
        if plan["phase"] == "day":
            self.begin()
            yield from self._day(plan["orders"], plan["seconds"])
            return
        yield from getattr(self, "_to_" + plan["phase"])()
        if plan["phase"] != "start":
            yield from self._break()
        if not self.raises:
            yield from self.listen(plan["seconds"])
            yield from self._end()

    def connect(self):
        while Wire.handler is None:
            yield 0.01
            if virtual.now() > _LATE:
                return
        self.wire = Wire()
        yield from self.ask("activate")

    def ask(self, line):
        """Gives (action, data), None where nothing comes within 10 s."""
        if self.wire is None:
            return None
        self.wire.answers.clear()
        self.wire.send(line.replace("heater:", MODULE + ":"))
        end = virtual.now() + 10
        while not self.wire.answers and not self.wire.gone and virtual.now() < end:
            yield 0.01
            self._hear()
        return self.wire.answers.pop(0) if self.wire.answers else None

    def value(self, line):
        """What is answered to a read, or None."""
        answer = yield from self.ask(line)
        return answer[1][0] if answer and not answer[0].startswith("error") else None

    def order(self, line):
        """Ask for what has to be done."""
        answer = yield from self.ask(line)
        if not answer or answer[0].startswith("error"):
            raise ValueError("%s was answered by %s" % (line, answer))

    def listen(self, seconds):
        end = virtual.now() + seconds
        while virtual.now() < end:
            yield 0.05
            self._hear()
            if self.wire and self.wire.gone:
                yield 0.5  # as a client that wants to stay
                yield from self.connect()

    def _day(self, orders, seconds):
        """Orders, pairs of s and line, for a day or so; one that is refused, as while it is tuned, is as well."""
        begin = virtual.now()
        for at, line in orders:
            if virtual.now() < begin + at:
                yield from self.listen(begin + at - virtual.now())
            yield from self.ask(line)
        yield from self.listen(max(begin + seconds - virtual.now(), 0))
        yield from self._end()

    def _record(self, orders):
        """A curve: what it is every half second, while `orders`, pairs of s and line, are given."""
        curve = self.found["curve"] = []
        for i in range(plan["seconds"] * 2):
            while orders and orders[0][0] * 2 <= i:
                yield from self.order(orders.pop(0)[1])
            heater = self.heater
            row = heater.value, heater.target, heater.setpoint, plant.block, plant.power()
            curve.append([round(x, 3) for x in row])
            while virtual.now() < self.began + (i + 1) / 2:
                yield 0.01
                self._hear()
        self.found["status"] = self.heater.status

    def _to_year(self):
        """Days go by while it is off, and it works as ever; the ticks come round meanwhile."""
        found = self.found
        found["quiet"], found["fresh"], found["lost"], found["saved"], found["warm"] = [], [], [], [], []
        line = self.heater.node.add_serial_session()
        cable = Cable(line)
        yield 0.1
        cable.send("*IDN?")
        for days in [0] + plan["jumps"]:
            yield from self.order("do heater:control_off")
            cable.send(plan["noise"], end="")
            yield from self.listen(2)
            for _ in range(3):  # the node has a moment in between, as it always has
                ms = round(days * 86400000)
                machine.jump(ms)
                virtual.jump(ms)
                yield from self.listen(2)
            yield from self.listen(15)
            found["quiet"].append(line.is_quiet())
            cable.send("\nping x")
            yield 0.5
            cable.look()
            found["lost"].append([answer for answer in cable.answers if answer[0] == "pong"] == [])
            cable.answers.clear()
            before = (yield from self.ask("read heater:value"))[1][1]["t"]
            yield from self.listen(3)
            found["fresh"].append(1 < (yield from self.ask("read sensor:value"))[1][1]["t"] - before < 5)
            yield from self.order("change heater:_timeout %d" % (len(found["saved"]) + 1))
            yield from self.order("change heater:target 40")
            yield from self._until_idle()
            yield from self.listen(80)
            found["saved"].append(self.kept().get("_timeout"))
            found["warm"].append(round(plant.block))

    def _until_idle(self):
        while True:
            code, text = self.wire.last[MODULE + ":status"][0]
            if code == 100 or text.startswith("at target"):  # with a warning of something else
                return
            yield 0.1
            self._hear()

    def _to_start(self):
        yield from self.listen(5)
        yield from self.ask("change heater:target %d" % TARGET)

    def _to_idle(self):
        yield from self.listen(10)

    def _to_heating(self):
        yield from self.order("change heater:target %d" % TARGET)
        yield from self.listen(10)

    def _to_holding(self):
        yield from self.order("change heater:target %d" % TARGET)
        yield from self._until_idle()
        yield from self.listen(60)

    def _to_both(self):
        """Two ovens hold their temperatures; what happens to the other one is noted, too."""
        yield from self.order("change lower:target 40")
        yield from self._to_holding()
        yield from self.listen(60)
        self.other = Other()

    def _to_ramping(self):
        yield from self.order("change heater:ramp 30")
        yield from self.order("change heater:ramp_enable true")
        yield from self.order("change heater:target 60")
        yield from self.listen(30)

    def _to_cooling(self):
        yield from self.order("change heater:target 90")
        yield from self._until_idle()
        yield from self.order("change heater:target 40")
        yield from self.listen(10)

    def _to_autotuning(self):
        yield from self.order("do heater:_autotune 60")
        yield from self.listen(60)
        while self._on and self.plan.get("fault") == "sensor_stuck":  # one that sticks when it is hot enough is never heated
            yield 0.01
        while not self._on:
            yield 0.01
        yield from self.listen(1)

    def _to_driving(self):
        yield from self.order("change heater_power:target 20")
        yield from self.listen(60)

    def _to_again(self):
        self.found["started"] = yield from self.value("read heater:_started")

    def _to_between(self):
        yield from self.listen(1)

    def _end(self):
        """What a client finds then."""
        self.note()
        if self.wire is None:
            yield from self.connect()
        status = yield from self.value("read heater:status")
        if not status:  # the node may have given this client up
            yield from self.connect()
            status = yield from self.value("read heater:status")
        self.found["status"] = status
        self.found["jitter"] = yield from self.value("read heater:_jitter")
        if self.other:
            self.found["other"]["status"] = yield from self.value("read lower:status")
        if plan.get("recover"):
            yield from self._recover(plan["recover"])

    def _recover(self, seconds):
        found = self.found
        refused = yield from self.ask("change heater:target 60")
        found["refused"] = refused[1][0] if refused and refused[0] == "error_change" else None
        for key in ("checked", "cleared at once", "cleared"):
            if key == "cleared":
                self._mend()
                yield from self.listen(seconds)
            answer = yield from self.ask("check heater:target 60" if key == "checked" else "do heater:clear_errors")
            found[key] = answer and answer[0]
        yield from self.listen(1)
        found["off again"] = not self._on
        yield from self.ask("change heater:target %d" % min(plant.sensor + 20, MOST))
        yield from self.listen(3)
        found["heats again"] = self._last_on is not None and virtual.now() - self._last_on < _PERIOD

    def begin(self):
        """From now on counts what happens."""
        self.began = virtual.now()
        if not self._on:
            self._last_on = None  # it has nothing to lose
        self._peak = plant.block

    def kept(self):
        """What flash has of the heater."""
        try:
            with open(board.SETTINGS) as f:
                return json.load(f).get(MODULE, {})
        except OSError:
            return {}

    def _break(self):
        self.begin()
        fault = plan["fault"]
        if fault in FAULTS:
            plant.fault(fault)
        else:
            while self.heater is None:
                yield 0.01
            self.began = virtual.now()
            yield from getattr(sabotage, fault)(self) or ()

    def _mend(self):
        plant.fault("none")
        self.mend()

    def mend(self):
        """Replaced by a fault in software that can be mended."""

    # ---- end

    def note(self):
        """How it stands now."""
        found = self.found
        found["off"] = None if self._last_on is None else max(self._last_on - (self.began or 0), 0.0)
        found["on"] = self._on
        found["by"] = self._by
        if self.other:
            found["other"] = self.other.note(self.began)
        found["peak"] = self._peak
        found["block"] = plant.block

    def end(self, code):
        """Say what happened."""
        self.mend()
        found = self.found
        if "off" not in found:
            if virtual.now() - self._cut < 0.1:
                self._by = "end"
            self.note()
        found["code"] = code
        found["levels"] = [machine.levels[pin] for pin in _outputs()]
        found["seconds"] = virtual.now()
        virtual.hooks.clear()
        print(json.dumps({key: round(value, 2) if isinstance(value, float) else value for key, value in found.items()}))


def show(stage):
    """Let the stage have the node that main.py makes."""
    module = __import__("nodes." + stamp.NODE, None, None, ("node",))
    make = module.node

    def node(board):
        made = make(board)
        stage.heater = [m for m in made.modules if m.name == MODULE][0]
        if plan.get("resume"):
            from modules.resuming import Resuming

            stage.heater.resuming = Resuming(stage.heater)
        from secnode import requests

        handle = requests.handle

        def slow(*args):
            virtual.spend(_REQUEST)
            return handle(*args)

        requests.handle = slow
        return made

    module.node = node


for name, value in plan.get("plant", {}).items():
    setattr(plant, name, value)
if "block" in plan:
    plant.block = plant.sensor = plan["block"]
if plan.get("full"):
    sabotage.fill_flash()
stage = Stage()
show(stage)
import boot  # noqa: E402, F401 - the order a board has
import main  # noqa: E402

reset = machine.reset


def _reset(cause=machine.HARD_RESET):
    """Nothing of the firmware runs any more, so say now what was."""
    machine.WDT._timeout = 0  # the plant looks at the clock
    machine.PWM._late.clear()
    for pin in _outputs():
        machine.Pin(pin, machine.Pin.OUT, value=0)  # not driven any more
    stage.end("power cut" if cause is None else "reset")
    if cause is None:
        os.system("kill -KILL $PPID")
    reset(cause)


machine.reset = _reset
try:
    code = main.run()
except SystemExit:
    stage.end("soft reset")
    reset(machine.SOFT_RESET)
except BaseException as e:
    sys.print_exception(e, sys.stderr)
    code = type(e).__name__
stage.end(code)
