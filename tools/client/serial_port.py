"""A serial port as asyncio's streams, for a client that knows TCP. Threads do it, so it is the same on every system."""

import asyncio
import contextlib
import os
import queue
import threading
import urllib.parse

from ..problem import Problem

BAUDRATE = 115200
_PATIENCE = 0.2  # s of a read without a byte; so long closing may take
_STUCK = 10.0  # s in which the port takes nothing until it counts as lost
# byte 3 on a node's console would end the node, and others have a meaning for its REPL; SECoP has none of them
_HARMLESS = bytes(63 if c < 0x20 and c not in (10, 13) else c for c in range(256))


def is_port(address):
    """Whether an address names a serial port: /dev/ttyACM0, COM3, serial:///dev/ttyUSB0?baudrate=9600."""
    address = address.strip()
    return address.startswith(("/", "serial:")) or (address[:3].upper() == "COM" and address[3:4].isdigit())


def parse(address, baudrate=None):
    """(name of the port, baudrate) of an address; what it says of the rate itself counts."""
    name, _, options = address.strip().removeprefix("serial://").partition("?")
    found = dict(urllib.parse.parse_qsl(options, keep_blank_values=True))
    given = found.pop("baudrate", baudrate or BAUDRATE)
    if found or not name:
        raise Problem(f"{address!r} is no serial port: write /dev/ttyACM0, or /dev/ttyUSB0?baudrate=9600")
    if not (str(given).isdecimal() and 0 < int(given) < 10**8):
        raise Problem(f"the baud rate has to be a whole number, not {given!r}")
    return name, int(given)


def open_port(name, baudrate):
    """An open serial.Serial, ours alone. Raises Problem that says what is wrong."""
    try:
        import serial
    except ImportError:
        raise Problem("serial ports need the Python package pyserial: in a checkout `make talk` prepares it") from None
    try:
        return serial.Serial(name, baudrate, timeout=_PATIENCE, write_timeout=_STUCK, exclusive=os.name == "posix" or None)
    except (OSError, ValueError) as e:
        raise Problem(_why(name, e)) from None


def _why(name, error):
    text = str(error)
    if not os.path.exists(name) and os.name == "posix":
        return f"there is no port {name}: is the cable in? {_others()}"
    if "Permission denied" in text or "Access is denied" in text:
        return f"{name} is not open to you{_group(name)}"
    if "lock" in text or "busy" in text:
        return f"another program has {name}: end it first, or talk to it where it is a `secnode bridge`"
    if "Inappropriate ioctl" in text or "Could not configure" in text:
        return f"{name} is no serial port. {_others()}"
    return f"can't open {name}: {error.strerror if isinstance(error, OSError) and error.strerror else text}"


def _group(name):
    try:
        import grp

        group = grp.getgrgid(os.stat(name).st_gid).gr_name
    except (ImportError, OSError, KeyError):
        return ""
    return f": it belongs to the group {group}. `sudo usermod -aG {group} $USER`, then log in again"


def _others():
    from serial.tools import list_ports

    found = [port.device for port in list_ports.comports() if port.hwid != "n/a"]
    return f"There is {', '.join(found)}." if found else "There is none with a device at it."


async def connect(name, baudrate):
    """(StreamReader, Writer) of a port. Raises Problem where it can't be opened."""
    port = await asyncio.to_thread(open_port, name, baudrate)
    reader = asyncio.StreamReader(64 << 20)
    return reader, Writer(port, reader)


class Writer:
    """As asyncio.StreamWriter. When the port is gone, reading raises OSError."""

    def __init__(self, port, reader):
        self._port = port
        self._reader = reader
        self._loop = asyncio.get_running_loop()
        self._queue = queue.SimpleQueue()
        self._over = False
        self._threads = [threading.Thread(target=target, daemon=True) for target in (self._receive, self._send)]
        for thread in self._threads:
            thread.start()

    def _receive(self):
        try:
            while not self._over:
                data = self._port.read(self._port.in_waiting or 1)
                if data:
                    self._call(self._reader.feed_data, data)
        except (OSError, TypeError, ValueError) as e:  # what pyserial raises when the port goes
            self._lost(e)

    def _send(self):
        try:
            while (data := self._queue.get()) is not None:
                self._port.write(data)
        except OSError as e:
            self._lost(e)

    def _lost(self, error):
        if not self._over:
            self._over = True
            reason = OSError(getattr(error, "errno", None) or 0, "the port is gone, or does not take data any more")
            self._call(self._reader.set_exception, reason)

    def _call(self, function, argument):
        with contextlib.suppress(RuntimeError):  # the loop is gone, and with it whoever wanted to know
            self._loop.call_soon_threadsafe(function, argument)

    def write(self, data):
        self._queue.put(data.translate(_HARMLESS))

    async def drain(self):
        await asyncio.sleep(0)

    def close(self):
        self._over = True
        self._queue.put(None)

    async def wait_closed(self):
        await asyncio.to_thread(self._end)

    def _end(self):
        for thread in self._threads:
            thread.join(2 * _PATIENCE)
        with contextlib.suppress(OSError):
            self._port.close()
