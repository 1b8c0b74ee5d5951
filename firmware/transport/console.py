"""SECoP over the board's console, in most cases USB: the cable by which mpremote comes, too.

Byte 3 stays a keyboard interrupt, which ends the node; what is left of running.py sees to the rest. What the firmware has to
say would get between the messages: it is kept until somebody else has the console.
"""

import io
import sys

from micropython import const
from secnode import log
from transport.line import Line

_KEPT = const(1024)  # bytes of the last that was said


class Console(Line):
    """A Line over the console. `baudrate` where it is a UART with a USB converter (ESP32); None for the board's own USB."""

    way = name = "console"

    def __init__(self, baudrate=None):
        # sys.stdin itself would turn line ends, sys.stdout as well
        stdin = getattr(sys.stdin, "buffer", sys.stdin)
        super().__init__(stdin, sys.stdout.buffer, baudrate)
        self._one = bytearray(1)
        # kept, since to ask for a method takes memory and time, and both are asked for with every byte
        self._has_come = self._readable.ipoll
        self._has_room = self._writable.ipoll
        self._read_one = self._source.readinto
        self._write_one = self._sink.write

    def _take(self, buf, view, pos):
        # byte by byte: asked for more than there is, the console waits for it
        one, has_come, read = self._one, self._has_come, self._read_one
        begin = pos
        while pos < len(buf):
            for _ in has_come(0):
                break
            else:
                break
            if not read(one):
                break
            buf[pos] = one[0]
            pos += 1
        return pos - begin

    def _put(self, data, pos, end):
        # byte by byte: that the console is writable means that there is room for one. More of them make the whole board
        # wait half a second for a host that does not read
        one, has_room, write = self._one, self._has_room, self._write_one
        begin = pos
        while pos < end:
            one[0] = data[pos]
            write(one)
            pos += 1
            for _ in has_room(0):
                break
            else:
                break
        return pos - begin


class Kept(io.IOBase):
    """A stream that keeps the last bytes that were written to it."""

    def __init__(self):
        self._bytes = bytearray(_KEPT)
        self._end = 0
        self._full = False

    def write(self, data):
        for c in data.encode() if isinstance(data, str) else data:
            self._bytes[self._end] = c
            self._end += 1
            if self._end == _KEPT:
                self._end = 0
                self._full = True
        return len(data)

    def pour(self, stream):
        """Write what was kept to a stream of bytes, for a terminal."""
        kept = bytes(self._bytes[: self._end])
        if self._full:
            kept = bytes(self._bytes[self._end :]) + kept
        stream.write(b"\r\n" + kept.replace(b"\n", b"\r\n"))


def keep_quiet():
    """From now on the firmware says nothing on the console; gives the Kept that has it instead."""
    log.out = Kept()
    return log.out
