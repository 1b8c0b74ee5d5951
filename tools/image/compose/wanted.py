"""What the value of a key may be, beside the texts and numbers of tools/kinds.py. Each has `words` that say it."""

from typing import NamedTuple

ROLES = {
    "sensor": "a temperature sensor",
    "quantity": "something that is measured",
    "volts": "a voltage that is measured",
    "curve": "the curve of a sensor",
    "heater": "the output of a heater",
    "analogue": "an analogue output",
    "switch": "a switched output",
    "contact": "a digital input",
    "pulses": "pulses that are counted",
    "meter": "what an acquisition measures",
    "device": "an instrument, for [devices.<name>]",
}


class Pin(NamedTuple):
    """A pin's number; `use` is what for: adc, in, out, pwm, counter, cs, step, direction."""

    use: str
    words = "the number of a pin"
    secret = False


class Bus(NamedTuple):
    """The name of a bus: of a [bus.<name>], or of the board's own."""

    kind: str
    secret = False

    @property
    def words(self):
        return f"the name of {'an' if self.kind == 'i2c' else 'a'} {self.kind} bus, as {self.kind}{int(self.kind == 'uart')}"


class Part(NamedTuple):
    """A table with a driver of its own; `named`: or the name of a module that has one; `pair`: or two of them."""

    role: str
    default: str = ""
    named: bool = False
    pair: bool = False
    secret = False

    @property
    def words(self):
        found = f"{ROLES[self.role]}: a table with its driver"
        return (
            found + (", or the name of a module" if self.named else "") + (", or two of these in a list" if self.pair else "")
        )


class Of(NamedTuple):
    """The name of a module of that driver."""

    driver: str
    secret = False

    @property
    def words(self):
        return f"the name of a module whose driver is {self.driver}"


class Flag(NamedTuple):
    words = "true or false"
    secret = False


class List(NamedTuple):
    """Texts or numbers (`of` is str or float), `least` to `most` of them."""

    of: type
    least: int
    most: int
    secret = False

    @property
    def words(self):
        count = str(self.least) if self.least == self.most else f"{self.least} to {self.most}"
        return f"a list of {count} {'texts' if self.of is str else 'numbers'}"


class Points(NamedTuple):
    words = "a list of two or more points, [[4, 0], [20, 10]]"
    secret = False


class Device(NamedTuple):
    """The name of a [devices.<name>], an instrument."""

    words = "the name of an instrument, of a table [devices.<name>]"
    secret = False


class Ending(NamedTuple):
    """What ends a line, in ASCII."""

    words = 'a text of 1 to 8 ASCII characters, as "\\r\\n"'
    secret = False


class Register(NamedTuple):
    """The address of a Modbus register that holds a uint16."""

    words = "a whole number from 0 to 65535"
    secret = False


class Meanings(NamedTuple):
    """What codes mean: texts, or pairs of an error's class and a text; `bits`: their keys are bits."""

    bits: bool
    classes: tuple
    secret = False

    @property
    def words(self):
        sample = '{ 16 = "too cold" }' if self.bits else '{ 5 = "no sensor", OVER = ["OutOfRange", "too high"] }'
        return f"a table of {'bits, 1, 2, 4 and so on,' if self.bits else 'codes or answers'} and what they mean: {sample}"


class Members(NamedTuple):
    """The names of numbers."""

    words = "a table of names and whole numbers, { off = 0, on = 1 }"
    secret = False


class Channels(NamedTuple):
    """The channels of an acquisition: names of modules, by their roles."""

    words = 'a table of roles and names of modules, { t = "timer", counts = "counts" }'
    secret = False


class CurveFile(NamedTuple):
    """A sensor's calibration."""

    words = "the name of a .340 or CSV file, as `secnode curve` takes it"
    secret = False
