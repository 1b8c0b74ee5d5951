"""Lines as SECoP has them: action, specifier, data (syntax.rst). Lines to send are built in one buffer, used over and over."""

# MicroPython's type stubs forget BytesIO's methods
# pyright: reportAttributeAccessIssue=false

import io

from micropython import const
from secnode import clock
from secnode.number import dump

_START = const(256)  # the buffer grows to the longest value and stays there
_HEAD = const(4)  # bytes before a line, for the header of a frame that is copied


class Encoder:
    """The one line that is being built. Code that begins it owns it until it is copied to all that get it, and given back."""

    length = 0  # of a whole line; 0 where there is none

    def __init__(self):
        self._out = io.BytesIO(bytes(_START))

    def begin(self, action, specifier, pos=0, end=None):
        """Start with e.g. (b"update ", b"heater:value"), of the specifier what is from `pos` to `end`; it may be empty.

        Raises AssertionError where another line was not given back: its owner would copy this one instead.
        """
        if self.length:
            self.length = 0  # it gets nothing, then
            raise AssertionError("a line was begun before another one was copied")
        out = self._out
        out.seek(_HEAD)
        out.write(action)
        if end is None:
            out.write(specifier)
        else:
            out.write(specifier, pos, end - pos)

    def _end(self, data):
        self._out.write(data)
        self.length = self._out.tell() - _HEAD

    def word(self, line):
        """A line without data."""
        self.begin(line, b"")
        self._end(b"\n")

    def value(self, value, t_hi, t_lo):
        """The data report of an exported value; t_hi 0 leaves out `t`."""
        out = self._out
        out.write(b" [")
        dump(value, out)
        if t_hi:
            out.write(b', {"t": ')
            out.write(clock.text(t_hi, t_lo))
            self._end(b"}]\n")
        else:
            self._end(b", {}]\n")

    def error(self, error, t_hi=0, t_lo=0):
        """The error report of a SECoPError whose `info` holds JSON values."""
        out = self._out
        out.write(b' ["')
        out.write(type(error).__name__.encode())
        out.write(b'", ')
        dump(error.text, out)
        out.write(b", {")
        if t_hi:
            out.write(b'"t": ')
            out.write(clock.text(t_hi, t_lo))
        comma = t_hi
        for key in error.info:
            begin = out.tell()
            try:
                if comma:
                    out.write(b", ")
                dump(key, out)
                out.write(b": ")
                dump(error.info[key], out)
                comma = 1
            except Exception:
                out.seek(begin)  # a driver's mistake must not cost the answer
        self._end(b"}]\n")

    def data(self, value):
        """A plain JSON value as data."""
        self._out.write(b" ")
        dump(value, self._out)
        self._end(b"\n")

    def copy(self, buf, view, pos, stream):
        """Copy the whole line into buf[pos:], as `stream` wants it; `view` is a memoryview of it.

        Gives the number of bytes. Give it back when all have it.
        """
        n = self.length
        head = 0
        if stream.framed:
            n -= 1
            head = stream.head(buf, pos, n)
        # a slice costs 16 bytes: none where it can be done without
        self._out.seek(_HEAD - head)
        self._out.readinto(view[pos : pos + head + n] if pos else buf, head + n)
        if head:
            stream.head(buf, pos, n)  # which that overwrote
        return head + n

    def line(self, stream):
        """The line as bytes of its own, as `stream` wants it; with that it is given back."""
        n = self.length
        self.length = 0
        self._out.seek(_HEAD)
        line = self._out.read(n)
        return stream.frame(line) if stream.framed else line


def is_name(text):
    """Whether bytes are an identifier of SECoP: letters, digits, underscores, 63 at most, no digit first."""
    if not text or len(text) > 63 or 0x30 <= text[0] <= 0x39:
        return False
    for c in text:
        if not (0x61 <= (c | 0x20) <= 0x7A and c >= 0x41 or 0x30 <= c <= 0x39 or c == 0x5F):
            return False
    return True


def is_text(buf, pos, end):
    """Whether buf[pos:end] is UTF-8 without control characters."""
    while pos < end:
        c = buf[pos]
        pos += 1
        if 0x20 <= c < 0x7F:
            continue
        if 0xC2 <= c <= 0xDF:
            more, code = 1, c & 0x1F
        elif 0xE0 <= c <= 0xEF:
            more, code = 2, c & 0x0F
        elif 0xF0 <= c <= 0xF4:
            more, code = 3, c & 0x07
        else:
            return False
        if pos + more > end:
            return False
        for _ in range(more):
            if buf[pos] & 0xC0 != 0x80:
                return False
            code = code << 6 | buf[pos] & 0x3F
            pos += 1
        # overlong forms, surrogates, beyond Unicode
        if code < (0x80, 0x800, 0x10000)[more - 1] or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
            return False
    return True


def is_foreign(buf, pos, end):
    """Whether a connection's first line, buf[pos:end], is what a browser begins with: a request of HTTP, or TLS.

    A web page chooses what stands behind it: in a request's body, or in a ticket of TLS.
    """
    if buf[pos : pos + 2] == b"\x16\x03":
        return True
    while pos < end and buf[end - 1] <= 0x20:
        end -= 1
    word = end
    while pos < word and buf[word - 1] > 0x20:
        word -= 1
    # no digit ends a text of JSON, which may hold anything
    return pos < word and bytes(buf[word : word + 5]).upper() == b"HTTP/" and buf[end - 1] in b"/.0123456789"


def printable(text):
    """Bytes as they may be repeated in an answer: what is no text becomes "?"."""
    if is_text(text, 0, len(text)):
        return text
    return bytes([c if 0x20 < c < 0x7F else 0x3F for c in text])
