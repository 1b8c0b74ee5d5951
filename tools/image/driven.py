"""What a node drives: each output that it asks its board for or opens by itself while it is described, with its safe level.
And whether the pins of its buses and inputs are free for that, and the chip's pins can do what is asked of them.

In the process of structure.py, over the simulated board's `machine`. What boot.py could not put into the safe state is refused.
"""

import re
import sys

# pins that have a purpose of their own, and may be had for another one by who knows what hangs there
_DOUBTFUL = {
    "strapping": "the chip looks at it while it starts: what is connected there must leave it as it is then",
    "psram": "a module with PSRAM needs it",
    "led": None,  # a light is fine
}
_FREE = ("there", "inputs", "high")
_EXTERNAL = re.compile(r"LED|WL_GPIO|EXT_GPIO")  # pins of a radio's chip, with nothing but a light at it


class _Output:
    """An output: the level at which it is off, whether the board was asked for it, where and by which object."""

    def __init__(self, safe, asked, place, owner, select=False):
        self.select = select  # of a chip on SPI: low for a moment it does no harm
        self.safe = safe
        self.asked = asked
        self.place = place
        self.owner = owner


class Driven:
    """Notes all outputs; `place(frames)` says where in the user's files that is, as text.

    begin() comes before board.py takes the functions of outputs.py, and opened() is to be the `watch` of HOST's `machine`.
    `pins` is what the board's pins can do, as boards.pins() has it.
    """

    def __init__(self, place, name, port, pins):
        self.problems = []
        self.notes = []  # what is no mistake, and may surprise
        self.frequencies = {}  # Hz that a PWM of the board was asked for, by pin
        self._name = name
        self._port = port
        self._pins = pins
        self._outputs = {}  # by pin
        self._pwm = {}  # pin -> the place where its PWM was made
        self._uarts = {}  # id -> the place where it was opened
        self.asked = {}  # pin -> (what it was asked for, as words; the object that stands for it)
        self.lines = {}  # (line, bus) -> its pin
        self.devices = {}  # id of a bus' device -> the driver that asked for it
        self._kept = []  # whose ids must not go to others
        self._used = {}  # pin -> (what a bus or an ADC has it for, the place)
        self._place = place
        self._asking = False
        self._floor = None  # the frame below what is looked at

    def begin(self, outputs):
        """Look at who asks outputs.py for an output, above the caller's frame."""
        self._floor = sys._getframe(1)
        for name in ("pin_out", "pwm"):
            setattr(outputs, name, self._noting(getattr(outputs, name)))

    def _noting(self, original):
        def noting(pin, *args, **kwds):
            if self._asking:  # pwm asks for the pin
                return original(pin, *args, **kwds)
            values = args[1:] if original.__name__ == "pwm" else args
            safe, pull_up = (*values, *(0, False)[len(values) :])[:2]
            self._asked(pin_of(pin), kwds.get("safe", safe), kwds.get("pull_up", pull_up))
            if original.__name__ == "pwm":
                self._pwm_asked(pin_of(pin), args[0] if args else kwds.get("freq"))
            self._asking = True
            try:
                found = original(pin, *args, **kwds)
            finally:
                self._asking = False
            of_pwm = f"PWM of {args[0] if args else kwds.get('freq')} Hz" if original.__name__ == "pwm" else "output"
            self.asked[pin_of(pin)] = of_pwm, found
            return found

        return noting

    def _pwm_asked(self, pin, hz):
        for other, known in self.frequencies.items():
            if slice_of(pin, self._port) == slice_of(other, self._port) and hz != known:
                a, b = pin_name(other), pin_name(pin)
                self._complain(f"{a} and {b} have one PWM frequency on {self._name}, not {known} and {hz} Hz")
        self.frequencies.setdefault(pin, hz)

    def begin_inputs(self, board, buses, inputs):
        """Look at who asks board.py for a bus or an input."""
        lines = {"i2c": ("SCL", "SDA"), "spi": ("SCK", "MOSI", "MISO"), "onewire": ("wire",)}
        for kind in lines:
            if hasattr(buses, kind):
                setattr(buses, kind, self._noting_bus(board, kind, lines[kind], getattr(buses, kind)))
        original = getattr(board, "adc", None)

        def adc(pin, *args, **kwds):
            number = pin_of(pin)
            if number not in getattr(board, "ADC_PINS", (number,)):
                has = ", ".join(map(str, board.ADC_PINS))
                self._complain(f"{pin_name(number)} is no analogue input of {board.NAME}: take one of {has}")
            self._use(number, "an analogue input", self._made(), alone=True)
            found = original(pin, *args, **kwds)
            self.asked[number] = "analogue input", found
            return found

        if original:
            board.adc = adc
        plain = inputs.pin_in

        def pin_in(pin, pull=None):
            number = pin_of(pin)
            if not isinstance(number, int):
                self._complain(f"{pin_name(number)} is asked for by a name: say its number")
            elif self._can(number) and pull and number in self._pins.get("inputs", ()):
                self._complain(f"{pin_name(number)} of {self._name} has no pull: give it a resistor, and ask for it without")
            self._use(number, "a digital input", self._made(), alone=True)
            found = plain(pin, pull)
            self.asked[number] = f"digital input, pulled {pull} by the chip" if pull else "digital input", found
            return found

        inputs.pin_in = pin_in

    def _can(self, pin, output=False):
        """Whether the chip has that pin for a node; says why not, and what there is to know."""
        kind = next((kind for kind, pins in self._pins.items() if kind not in _FREE and pin in pins), None)
        if not self._pins or kind in _DOUBTFUL:
            if kind and _DOUBTFUL[kind]:
                self.notes.append(f"{self._where()}: {pin_name(pin)} is one of {self._name}'s {kind} pins: {_DOUBTFUL[kind]}")
        elif kind == "absent" or not kind and pin not in self._pins["there"]:
            self._complain(f"{self._name} has no {pin_name(pin)}")
            return False
        elif kind:
            self._complain(f"{pin_name(pin)} of {self._name} is for its {kind}: take another one")
            return False
        if output and pin in self._pins.get("inputs", ()):
            self._complain(f"{pin_name(pin)} of {self._name} can only be an input")
            return False
        if output and pin in self._pins.get("high", ()):
            self.notes.append(f"{self._where()}: {pin_name(pin)} is high for a moment while {self._name} starts")
        return True

    def _noting_bus(self, board, kind, lines, original):
        def noting(*args, **kwds):
            bus = original(*args, **kwds)
            wiring = getattr(board, kind.upper())[bus.name]
            for line, pin in zip(lines, wiring[1:] if isinstance(wiring, tuple) else (wiring,), strict=True):
                self._use_line(pin, line, bus.name)
                self.lines[line, bus.name] = pin
            if "device" not in vars(bus):
                bus.device = self._noting_device(bus.device)
            return bus

        return noting

    def _noting_device(self, original):
        def device(*args, **kwds):
            found = original(*args, **kwds)
            self.devices[id(found)] = _owner()
            self._kept.append(found)
            return found

        return device

    def outputs(self):
        """What the node drives: {pin: (safe level, the driver that opened it)}; chip selects are left out."""
        return {pin: (output.safe, output.owner) for pin, output in self._outputs.items() if not output.select}

    def _use_line(self, pin, line, of):
        if pin not in self._used:
            self._can(pin, output=line not in ("MISO", "RX"))
        self._use(pin, f"{line} of {of}", self._made())

    def begin_counting(self, counters, steppers):
        """Look at what makes and counts pulses, which has its pins for itself."""
        counters.counter = self._noting_pulses(counters.counter, ("pulses to count",))
        steppers.stepper = self._noting_pulses(steppers.stepper, ("output, step pulses", "output, the way to go"))

    def _noting_pulses(self, original, purposes):
        def noting(*args, **kwds):
            before = set(self.asked)
            found = original(*args, **kwds)
            for pin, purpose in zip([pin for pin in self.asked if pin not in before], purposes, strict=False):
                pulled = self.asked[pin][0].partition(", ")[2]
                self.asked[pin] = f"{purpose}, {pulled}" if pulled else purpose, found
            return found

        return noting

    def begin_uarts(self, board, machine):
        """Look at who opens a UART, with which pins."""
        original = machine.UART
        served = getattr(board, "UART", None) or {}

        class UART(original):
            def __init__(uart, id, *args, **kwds):
                if id == served.get("id"):
                    self._complain(f"UART {id} is what the board serves SECoP on (UART in its board.py): take another one")
                elif id in self._uarts:
                    self._complain(f"UART {id} is opened twice: at {self._uarts[id]}, too")
                self._uarts[id] = self._made()
                for key in ("tx", "rx"):
                    if kwds.get(key) is not None:
                        self._use_line(pin_of(kwds[key]), key.upper(), f"UART {id}")
                super().__init__(id, *args, **kwds)

        machine.UART = UART

    def _use(self, pin, what, place, alone=False):
        known = self._used.get(pin)
        if not known:
            self._used[pin] = what, place
        elif known[0] != what:
            self._complain(f"{pin_name(pin)} is {what}, and at {known[1]} {known[0]}", place)
        elif alone:
            self._complain(f"{pin_name(pin)} is {what} twice: it is asked for at {known[1]}, too", place)

    def _complain(self, text, place=None):
        self.problems.append(f"{place or self._where()}: {text}")

    def _where(self):
        return self._place(self._frames())

    def _made(self):
        # the outermost place: in node(), where the same line of a class may make several
        return self._place(self._frames()[::-1])

    def _frames(self):
        found = []
        frame = sys._getframe(1)
        while frame and frame is not self._floor:
            found.append((frame.f_code.co_filename, frame.f_lineno))
            frame = frame.f_back
        return found

    def _asked(self, pin, safe, pull_up):
        name = pin_name(pin)
        if not isinstance(pin, int):
            return self._complain(f"{name} is asked for by a name: boot.py needs its number")
        if not self._can(pin, output=True):
            return None
        if safe not in (0, 1):
            return self._complain(f"{name}: the safe level is 0 or 1, not {safe!r}")
        if safe and not pull_up:
            self._complain(
                f"{name} is off at 1, and nothing drives it during a reset or in BOOTSEL mode: it would be on. Give it a "
                "resistor to 3V3 (4.7 kΩ) and say pull_up=True, or take what is off at 0"
            )
        elif pull_up and not safe:
            self._complain(f"{name} is off at 0, but has a pull-up: during a reset it would be on. Give it a pull-down instead")
        self._note(pin, _Output(safe, True, self._made(), None))

    def opened(self, id, level, is_pwm):
        """The firmware makes a pin an output, or lets PWM drive it; `id` is as it was given: a number, a name or a Pin."""
        pin = pin_of(id)
        if self._asking or (isinstance(pin, str) and _EXTERNAL.match(pin)):
            return
        name = pin_name(pin)
        owner = _owner()
        if type(owner).__module__ == "drivers.spi" and isinstance(pin, int):
            if not self._can(pin, output=True):
                return None
            return self._note(pin, _Output(1, True, self._made(), owner, select=True))
        if isinstance(pin, str):
            return self._complain(f"{name} is opened as an output by a name: boot.py needs its number")
        known = self._outputs.get(pin)
        safe = known.safe if known and known.asked else 0
        if is_pwm:
            if pin in self._pwm:
                self._complain(f"{name} has PWM twice, the other one is made at {self._pwm[pin]}")
            self._pwm[pin] = self._made()
        elif level and not safe:
            return self._complain(
                f"{name} is opened as an output at 1. What is on at 1 begins at 0; what is off at 1 is asked for by "
                f"board.pin_out({pin!r}, safe=1, pull_up=True), where it has a pull-up"
            )
        elif safe and not level:
            return self._complain(f"{name} is off at 1, and is opened at 0 here: that would switch it on")
        if not known:
            if self._can(pin, output=True):
                self._note(pin, _Output(0, False, self._made(), _owner()))
        elif not is_pwm and not is_pin(id) and not (known.owner and known.owner is _owner()):
            self._twice(pin, known)

    def _note(self, pin, output):
        known = self._outputs.get(pin)
        if known:
            self._twice(pin, known)
        else:
            self._outputs[pin] = output

    def _twice(self, pin, known):
        text = f"{self._made()}: {pin_name(pin)} is an output twice: it is asked for at {known.place}, too"
        if text not in self.problems:
            self.problems.append(text)

    def told(self, id):
        """Whether a mistake of this pin is among `problems`; `id` is its number, its name or a Pin."""
        return any(re.search(rf"\b{re.escape(pin_name(pin_of(id)))}\b", problem) for problem in self.problems)

    def list(self, board, levels):
        """All outputs, pairs of a pin and its safe level; adds to `problems` what goes against the board.

        `levels` are those that outputs have now that the node is made, by pin.
        """
        low = {*getattr(board, "OUTPUTS", ()), *getattr(board, "HEATER_PINS", ())}
        uart = getattr(board, "UART", None) or {}
        for pin, output in self._outputs.items():
            if output.safe and pin in low and not output.select:
                others = ", ".join(map(str, sorted(low)))
                self._complain(
                    f"{pin_name(pin)} is off at 1, but is one of the pins that boot.py puts low where it can't read what the "
                    f"node drives ({others}): take another one",
                    output.place,
                )
            alone = output.asked and not output.select and pin not in self._pwm and not self.told(pin)
            if alone and levels.get(pin, output.safe) != output.safe:
                self._complain(
                    f"{pin_name(pin)} is at {levels[pin]:g} once the node is made, and off at {output.safe}: it would be on at "
                    "every start",
                    output.place,
                )
            if pin in [uart.get(key) for key in ("tx", "rx")]:
                self._complain(f"{pin_name(pin)} is the board's UART (see its board.py): take another one", output.place)
            if pin in self._used:
                what, place = self._used[pin]
                self._complain(f"{pin_name(pin)} is an output, and at {place} it is {what}: take another one", output.place)
        for pin, (what, place) in self._used.items():
            if pin in [uart.get(key) for key in ("tx", "rx")]:
                self._complain(f"{pin_name(pin)} is {what}, and the board's UART (see its board.py)", place)
        return [[pin, output.safe] for pin, output in self._outputs.items()]


def slice_of(pin, port):
    """What of the chip makes a pin's PWM, with one frequency: on an RP2 two or four pins have the same."""
    return pin // 2 % 8 if port == "rp2" and isinstance(pin, int) else pin


def is_pin(id):
    """Whether that is a Pin, not its number or name."""
    return hasattr(id, "id")


def pin_of(id):
    """The number of a pin, where it has one; else its name."""
    id = id.id if is_pin(id) else id
    found = re.fullmatch(r"GP(?:IO)?(\d+)", id) if isinstance(id, str) else None
    return int(found[1]) if found else id


def pin_name(pin):
    return f"GPIO{pin}" if isinstance(pin, int) else f"pin {pin}"


def _owner():
    """The object whose method is at work, outside of here and of the simulated board; None where it is a plain function."""
    frame = sys._getframe(1)
    while frame:
        if frame.f_code.co_filename != __file__ and frame.f_globals.get("__name__") != "machine":
            return frame.f_locals.get("self")
        frame = frame.f_back
