"""A node to test with and to learn from: every data type, every kind of accessible, and a sensor that fails on request."""

from machine import PWM, Pin
from secnode import pace
from secnode.datainfo import Array, Blob, Bool, Double, Enum, Int, Matrix, Scaled, String, Struct, Tuple
from secnode.errors import HardwareError, Impossible, IsBusy
from secnode.module import BUSY, IDLE, Command, Communicator, Drivable, Module, Parameter, Readable, Writable
from secnode.node import Node


class Types(Module):
    """A parameter of each data type. There is no hardware behind them: they keep what was set."""

    _double = Parameter(Double(-1000, 1000, unit="V", fmtstr="%.3f"), readonly=False, description="a real number")
    _free = Parameter(Double(), readonly=False, description="a real number without limits")
    _scaled = Parameter(Scaled(0.1, 0, 2500, unit="K"), readonly=False, default=20, description="a fixed-point number")
    _int = Parameter(Int(-10, 10), readonly=False, description="a whole number")
    _bool = Parameter(Bool(), readonly=False, description="yes or no")
    _enum = Parameter(Enum(OFF=0, ON=1, AUTO=5), readonly=False, description="one of three")
    _string = Parameter(String(maxchars=8), readonly=False, description="a short text, ASCII alone")
    _text = Parameter(String(isUTF8=True), readonly=False, description="a text in any language")
    _blob = Parameter(Blob(maxbytes=4, minbytes=1), readonly=False, description="a few bytes")
    _array = Parameter(Array(Int(0, 9), maxlen=3, minlen=1), readonly=False, description="some digits")
    _tuple = Parameter(Tuple(Int(0, 9), String()), readonly=False, description="a digit and a word")
    _struct = Parameter(
        Struct({"p": Double(0, 100), "pair": Struct({"x": Int(0, 9), "y": Int(0, 9)}, optional=("y",))}, optional=("p",)),
        readonly=False,
        description="a struct in a struct, both with an optional member",
    )
    _points = Parameter(
        Array(Struct({"x": Int(0, 9), "y": Int(0, 9)}, optional=("y",)), maxlen=3),
        readonly=False,
        description="structs in an array",
    )
    _matrix = Parameter(Matrix("<i2", ("x", "y"), (3, 2)), readonly=False, description="a small picture")
    _constant = Parameter(Double(unit="mm"), constant=12.5, description="never changes")
    _readonly = Parameter(Int(0, 9), default=7, description="clients can't change it")


class Faulty(Readable):
    """A sensor that fails in the way that `_fault` says."""

    pollinterval = 0.1
    value = Parameter(Double(unit="K"), description="21, when it works")
    _fault = Parameter(Enum(NONE=0, HARDWARE=1, OS=2, BUG=3, NAN=4), readonly=False, description="what goes wrong")

    def read_value(self):
        if self._fault == 1:
            raise HardwareError("the sensor is broken")
        if self._fault == 2:
            raise OSError(5)
        if self._fault == 3:
            return 1 / 0
        return float("nan") if self._fault == 4 else 21


class Slow(Readable):
    """A sensor that takes its time. Others are served meanwhile."""

    value = Parameter(Double(unit="K"), description="takes 0.3 s to read")

    async def read_value(self):
        await pace.sleep_ms(300)
        return 4.2


class Ticker(Readable):
    """Counts how often it was polled. Clients may set how often that is."""

    pollinterval = Parameter(Double(0.05, 60, unit="s"), readonly=False, default=0.1, description="time between two polls")
    value = Parameter(Int(0, 1000000), description="polls so far")
    _asked = Parameter(Int(0, 1000000), poll=False, description="how often clients asked for it: nobody polls this one")

    def read_value(self):
        return self.value + 1

    def read__asked(self):
        return self._asked + 1


class Stepper(Writable):
    """Can have even numbers alone: what was asked for and what is used differ."""

    value = Parameter(Int(0, 100), default=0, description="where it stands")
    target = Parameter(Int(0, 100), readonly=False, description="where it should stand; odd numbers are rounded down")

    def write_target(self, value):
        self.value = value - value % 2
        return self.value


class Gate(Writable):
    """Refuses for every reason there is."""

    value = Parameter(Int(0, 10), default=0, description="how far it is open")
    target = Parameter(Int(0, 10), readonly=False, checkable=True, description="how far to open; not between 4 and 10")
    _locked = Parameter(Bool(), readonly=False, description="whether nobody gets through")

    def check_target(self, value):
        if 4 < value < 10:
            raise Impossible("something stands in the way", closest_valid=4)

    def write_target(self, value):
        if self._locked:
            raise IsBusy("the gate is locked")
        self.value = value


class Calculator(Module):
    """Commands, by what they take and give."""

    _nothing = Command(description="takes nothing, gives nothing")
    _break = Command(description="what happens when a driver has a mistake")
    _double = Command(Double(0, 100, unit="V"), Double(unit="V"), description="twice the argument")
    _join = Command(Tuple(Int(0, 9), String()), String(), description="the digit and the word as one text")
    _divide = Command(
        Struct({"a": Double(-1e6, 1e6), "b": Double(0.001, 1000)}, optional=("b",)),
        Tuple(Double(), Bool()),
        checkable=True,
        description="a / b (2 if left out), and whether a is the larger one",
    )
    _sum = Command(Array(Int(0, 9), maxlen=5), Struct({"sum": Int(0, 45), "n": Int(0, 5)}), description="of some digits")

    def do__nothing(self):
        pass

    def do__break(self):
        return 1 / 0

    async def do__double(self, value):
        return 2 * value

    def do__join(self, digit, word):
        return "%d%s" % (digit, word)

    def do__divide(self, a, b=2.0):
        return a / b, a > b

    def do__sum(self, digits):
        return {"sum": sum(digits), "n": len(digits)}


class Echo(Communicator):
    """A device on a wire that answers everything in capitals."""

    def do_communicate(self, text):
        return text.upper()


class Motor(Drivable):
    """Turns by 9 degrees every 50 ms, until it is there."""

    value = Parameter(Double(-180, 180, unit="deg"), description="where it points")
    target = Parameter(Double(-180, 180, unit="deg"), readonly=False, description="where it shall point")

    def write_target(self, value):
        self.status = BUSY, "turning"

    def do_stop(self):
        self.target = self.value

    async def run(self):
        while True:
            await pace.sleep_ms(50)
            self.value += min(max(self.target - self.value, -9), 9)
            if self.value == self.target:
                self.status = IDLE, ""


class Lamp(Writable):
    value = Parameter(Double(0, 100, unit="%"), description="light output")
    target = Parameter(Double(0, 100, unit="%"), readonly=False, description="wanted light output")

    def __init__(self, pwm, **kwds):
        super().__init__(**kwds)
        self.pwm = pwm

    async def read_value(self):
        return self.pwm.duty_u16() / 655.35

    async def write_target(self, value):
        self.pwm.duty_u16(round(value * 655.35))


def node(board):
    return Node(
        equipment_id="test.secnode.bench",
        description="the node of the tests",
        modules=(
            Types(name="types", description="a parameter of each data type"),
            Faulty(name="faulty", description="fails on request"),
            Slow(name="slow", description="takes its time"),
            Ticker(name="ticker", description="counts its polls"),
            Stepper(name="stepper", description="rounds what it is asked for"),
            Gate(name="gate", description="refuses"),
            Calculator(name="calc", description="calculates"),
            Echo(name="echo", description="answers in capitals"),
            Motor(name="motor", description="turns"),
            Lamp(PWM(Pin(3), freq=1000), name="lamp", description="gives light"),
        ),
    )
