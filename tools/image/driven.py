"""What a node drives: each output that it asks its board for or opens by itself while it is described, with its safe level.

In the process of structure.py, over the simulated board's `machine`. What boot.py could not put into the safe state is refused.
"""

import re
import sys

_EXTERNAL = re.compile(r"LED|WL_GPIO|EXT_GPIO")  # pins of a radio's chip, with nothing but a light at it


class _Output:
    """An output: the level at which it is off, whether the board was asked for it, where and by which object."""

    def __init__(self, safe, asked, place, owner):
        self.safe = safe
        self.asked = asked
        self.place = place
        self.owner = owner


class Driven:
    """Notes all outputs; `place(frames)` says where in the user's files that is, as text.

    begin() comes before board.py takes the functions of outputs.py, and opened() is to be the `watch` of HOST's `machine`.
    """

    def __init__(self, place):
        self.problems = []
        self._outputs = {}  # by pin
        self._pwm = {}  # pin -> the place where its PWM was made
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
            self._asking = True
            try:
                return original(pin, *args, **kwds)
            finally:
                self._asking = False

        return noting

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

    def list(self, board):
        """All outputs, pairs of a pin and its safe level; adds to `problems` what goes against the board."""
        low = {*getattr(board, "OUTPUTS", ()), *getattr(board, "HEATER_PINS", ())}
        uart = getattr(board, "UART", None) or {}
        for pin, output in self._outputs.items():
            if output.safe and pin in low:
                others = ", ".join(map(str, sorted(low)))
                self._complain(
                    f"{pin_name(pin)} is off at 1, but is one of the pins that boot.py puts low where it can't read what the "
                    f"node drives ({others}): take another one",
                    output.place,
                )
            if pin in [uart.get(key) for key in ("tx", "rx")]:
                self._complain(f"{pin_name(pin)} is the board's UART (see its board.py): take another one", output.place)
        return [[pin, output.safe] for pin, output in self._outputs.items()]


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
