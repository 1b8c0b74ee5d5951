"""A board with MicroPython at a serial port, by mpremote: its REPL and its files; and in words why there is none."""

import ast
import contextlib
import errno
import glob
import io
import os
import re
import struct
import time

from .. import foreign
from ..problem import Problem

_TRIES = 3
_PATIENCE = 6.0  # s for the REPL to show up, each time
_WRITE = 10.0  # s for the board to take what is written
_SILENCE = 10.0  # s that the board may say nothing while it does what it was told
_BACK = 20.0  # s for the port to be there again after a reset
_WHAT = (
    "(sys.implementation.name, tuple(sys.implementation.version[:3]), getattr(sys.implementation, '_machine', ''), "
    "getattr(sys.implementation, '_build', ''), getattr(sys.implementation, '_mpy', 0) & 0xff)"
)

# For the board: the watchdog, which nothing stops where a node has started it, is `_dog` and fed by us from now on. When we
# are gone it resets the board, and what was there starts. In ms; RP2040 can't have more than 8388.
FEEDING = "import machine\n_dog = machine.WDT(timeout=8000)"

_ERRNO = {
    2: "no such file", 5: "the hardware does not answer", 12: "no memory", 16: "busy", 17: "it is there already",
    19: "no such device", 22: "a wrong argument", 28: "the flash is full", 110: "timed out", 116: "timed out",
}  # fmt: skip

# USB vendors: who makes the chips whose own USB it is, and who the converters in front of a UART
_RP2 = (0x2E8A, 0xF055)
_ESPRESSIF = (0x303A,)
_CONVERTERS = (0x10C4, 0x1A86, 0x0403, 0x067B)
_VENDORS = {"rp2": _RP2, "esp32": _ESPRESSIF + _CONVERTERS}


class BoardError(Exception):
    """What was run on the board raised an exception: `text` is its traceback, `errno` an OSError's number or None."""

    def __init__(self, text):
        self.text = foreign.lines(text.strip())
        last = self.text.splitlines()[-1] if self.text else "no traceback"
        found = re.match(r"OSError: (?:\[Errno )?(\d+)", last)
        self.errno = int(found[1]) if found and len(found[1]) < 6 else None
        # MicroPython's numbers are Linux'; a name alone, or a number, says little
        words = _ERRNO.get(self.errno, "")
        super().__init__(f"{last} ({words})" if words else last)


class Lost(Problem):
    """The board was there, and is no more."""


def ports():
    """The serial ports of this machine that are on USB, as pyserial has them."""
    from serial.tools import list_ports

    return sorted(p for p in list_ports.comports() if p.vid is not None)


def describe(port):
    """A port in a line, for a person who has to choose one."""
    about = port.description if port.description not in (None, "n/a", port.device) else ""
    text = f"{port.device}  {about or 'serial port'}" + (f"  (id:{port.serial_number})" if port.serial_number else "")
    return foreign.clean(text)


def find(wanted="", port=None):
    """The name of the port to open: what is `wanted`, or the only one that can be a board of the MicroPython port `port`.

    Raises Problem where there is none, or a choice.
    """
    if wanted.startswith("id:"):
        found = [p for p in ports() if p.serial_number == wanted[3:]]
        if not found:
            raise Problem(f"no board with the serial number {wanted[3:]} is connected; {_there_are(ports())}")
        return found[0].device
    if wanted:
        if wanted.startswith("/") and not os.path.exists(wanted):
            raise Problem(f"there is no {wanted}: is the board connected? {_there_are(ports())}")
        return wanted
    vendors = _VENDORS.get(port, sum(_VENDORS.values(), ()))
    found = [p for p in ports() if p.vid in vendors]
    if len(found) > 1:
        lines = "".join(f"\n  --port {describe(p)}" for p in found)
        raise Problem(f"several boards are connected; say which one you mean:{lines}")
    if found:
        return found[0].device
    drive = bootsel_drive()
    if drive:
        raise Problem(f"the board at {drive} waits for MicroPython: `secnode micropython` puts it there")
    raise Problem(
        "no board is connected. Take a USB cable that carries data: many only charge"
        + (f"; {_there_are(ports())}. Name it with --port if it is the board" if ports() else "")
    )


def _there_are(found):
    return "there is " + ", ".join(describe(p) for p in found) if found else "there is no USB serial port at all"


def bootsel_drive(mounts="/proc/mounts"):
    """Where the drive of an RP2040 or RP2350 in BOOTSEL mode is mounted; "" where there is none."""
    folders = glob.glob("/Volumes/*")  # macOS
    with contextlib.suppress(OSError), open(mounts) as f:
        folders += [re.sub(r"\\(\d{3})", lambda m: chr(int(m[1], 8)), line.split()[1]) for line in f]
    return next((folder for folder in folders if os.path.exists(os.path.join(folder, "INFO_UF2.TXT"))), "")


def _why_not(name):
    """Why a port can't be opened, in words."""
    import serial

    try:
        serial.serial_for_url(name, exclusive=True).close()
    except ValueError as e:
        return f"{name} is no port: {e}"
    except OSError as e:
        code = e.errno
        if code == errno.EACCES:
            return (
                f"{name} is there, but you may not use it: `sudo usermod -a -G dialout $USER`, "
                "then log out and in again (the group is uucp on some systems)"
            )
        if code in (errno.EBUSY, errno.EAGAIN):
            return f"{name} is in use by another program: close that first (Thonny, mpremote, a terminal, secnode talk)"
        if code == errno.ENOENT:
            return f"there is no {name}: is the board connected? {_there_are(ports())}"
        return f"{name} can't be opened: {os.strerror(code) if code else e}"
    return f"{name} could not be opened"


def _lost(name):
    return Lost(f"the board at {name} went away, or does not answer any more: look at cable and supply, then do it again")


class Device:
    """The board at a port, opened. `take()` comes first; all raise Lost where the board goes away."""

    def __init__(self, name):
        self.name = name
        self._serial_number = next((p.serial_number for p in ports() if p.device == name), None)
        self._transport = None
        self._open()

    def _open(self):
        from mpremote.transport import TransportError
        from mpremote.transport_serial import SerialTransport

        try:
            with _quietly():
                self._transport = SerialTransport(self.name, timeout=_PATIENCE)
        except (TransportError, ValueError):
            raise Problem(_why_not(self.name)) from None
        self._transport.serial.write_timeout = _WRITE

    def take(self):
        """Interrupt what runs, and have the REPL after a soft reset: of what is on the board only boot.py has run."""
        said = self._enter(soft_reset=True)
        if said is not None:
            raise Problem(
                f"the board at {self.name} does not answer as MicroPython does"
                + (f" (it says {ascii(said)})" if said else "")
                + ". Press its reset button, or unplug it and plug it in, and try again; if it is new, "
                "`secnode micropython` puts MicroPython on it"
            )

    def has_repl(self, patience):
        """Whether MicroPython answers within some seconds; what ran is interrupted then."""
        return self._enter(False, 1, patience) is None

    def _enter(self, soft_reset, tries=None, patience=None):
        """Enter the raw REPL: None, or what the board said instead."""
        from mpremote.transport import TransportError

        said = io.StringIO()
        for _ in range(tries or _TRIES):
            try:
                with contextlib.redirect_stdout(said):
                    self._transport.enter_raw_repl(soft_reset=soft_reset, timeout_overall=patience or _PATIENCE)
                return None
            except TransportError:
                continue
            except OSError:
                raise _lost(self.name) from None
        last = said.getvalue().strip().splitlines()[-1:] or [""]
        return last[0].removeprefix("b'").removesuffix("'")[-80:]

    def exec(self, code, timeout=0):
        """Run code on the board, which may be silent for `timeout` s longer; gives what it printed.

        That is as it came: what of it a person sees goes through foreign.clean. Raises BoardError where it ends with an
        exception.
        """
        from mpremote.transport import TransportError

        try:
            out, error = self._transport.exec_raw(code, timeout=_SILENCE + timeout)
        except (TransportError, OSError, struct.error):
            raise _lost(self.name) from None
        if error:
            raise BoardError(error.decode("utf-8", "replace"))
        return out.decode("utf-8", "replace")

    def eval(self, expression, like=None, timeout=0):
        """The value of an expression on the board, which has to be a plain one.

        `like` says what it has to be: a type, a tuple of what its parts have to be, a list of what each element has to be, a
        set of what it may be. Raises Problem where it is not. An int passes for a float, texts in it are clean.
        """
        return self.value(self.exec(f"print(repr({expression}))", timeout), like)

    def value(self, said, like=None):
        """As eval(), of what exec() gave."""
        try:
            value = ast.literal_eval(said.strip())
            if like is not None:
                value = _like(value, like)
            return value
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            pass
        raise Problem(f"the board at {self.name} gives an answer that makes no sense: {foreign.clean(said.strip()[:100])!r}")

    def reset(self):
        """Reset it as its button does, if it listens: a node that is on it starts."""
        from mpremote.transport import TransportError

        with contextlib.suppress(TransportError, OSError, struct.error):
            if not self._transport.in_raw_repl and self._enter(soft_reset=False) is not None:
                return
            self._leave("reset")

    def bootloader(self):
        """Have it start its bootloader, in place of what is on it; it listens (has_repl(), take())."""
        from mpremote.transport import TransportError

        with contextlib.suppress(TransportError, OSError, struct.error):
            self._leave("bootloader")

    def _leave(self, how):
        self._transport.exec_raw_no_follow(f"import machine\nmachine.{how}()")
        time.sleep(0.2)  # its USB goes away

    def abandon(self):
        """As reset(), from wherever something was cut off."""
        from mpremote.transport import TransportError

        with contextlib.suppress(TransportError, OSError, struct.error, Problem):
            self._transport.serial.write(b"\x03\x03")
            self._transport.in_raw_repl = False
            self.reset()

    def reopen(self):
        """After a reset: the same board, whose port was gone for a moment and may have got another name. As a bare stream."""
        self.close()
        deadline = time.monotonic() + _BACK
        while True:
            again = [p.device for p in ports() if self._serial_number and p.serial_number == self._serial_number]
            self.name = again[0] if again else self.name
            try:
                self._open()
                return
            except Problem as e:
                if time.monotonic() > deadline:
                    raise Lost(f"the board did not come back within {_BACK:g} s after its reset: {e}") from None
                time.sleep(0.1)

    def ask(self, request, answered, patience):
        """After a reset: send a line every second until answered(all that came, as text) is true; gives that and what came."""
        came = ""
        deadline = time.monotonic() + patience
        while not (found := answered(came)) and time.monotonic() < deadline:
            try:
                self._transport.serial.write(request)
                until = time.monotonic() + 1
                while time.monotonic() < until and not answered(came):
                    n = self._transport.serial.in_waiting
                    came += self._transport.serial.read(n).decode("utf-8", "replace") if n else ""
                    time.sleep(0 if n else 0.02)
            except OSError:  # it was still the port of before the reset, or nobody there takes anything yet
                time.sleep(0.2)
                self.reopen()
        return found, came

    def close(self):
        """Let go of the port; what runs on the board goes on."""
        if self._transport:
            with contextlib.suppress(OSError):
                if self._transport.in_raw_repl:
                    self._transport.exit_raw_repl()
            try:
                self._transport.close()
            except OSError:  # it is gone already
                with contextlib.suppress(OSError):
                    self._transport.serial.close()
            self._transport = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _like(value, like):
    """A value of the board, of the kind it has to be. Raises ValueError."""
    if isinstance(like, set):
        for one in like:
            with contextlib.suppress(ValueError):
                return _like(value, one)
    elif isinstance(like, tuple):
        if isinstance(value, tuple) and len(value) == len(like):
            return tuple(map(_like, value, like))
    elif isinstance(like, list):
        if isinstance(value, (list, tuple)):
            return [_like(part, like[0]) for part in value]
    elif like is float:
        if foreign.is_number(value):
            return value
    elif like is str:
        if isinstance(value, str):
            return foreign.clean(value)
    elif type(value) is like or value is like:
        return value
    raise ValueError


def identity(there):
    """Of a Device that was taken: MicroPython's name, version, machine, build, and version of .mpy files (0: it reads none)."""
    there.exec("import sys")
    return there.eval(_WHAT, (str, (int, int, int), str, str, int))


def _quietly():
    return contextlib.redirect_stdout(io.StringIO())
