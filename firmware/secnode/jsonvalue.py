"""One JSON value from a line, strictly by RFC 8259 and in bounded stack.

MicroPython's `json.loads` takes missing commas, `01` and NaN, and does not join surrogate pairs.
"""

from micropython import const
from secnode import errors
from secnode.number import nearest

_DEPTH = const(10)  # deeper than any datainfo needs
_QUOTE = const(0x22)
_BACKSLASH = const(0x5C)


def _digit(c):
    return 0x30 <= c <= 0x39


class _Reader:
    def __init__(self):
        self.buf = b""
        self.pos = 0
        self.end = 0

    def peek(self):
        return self.buf[self.pos] if self.pos < self.end else 0

    def fail(self):
        if self.pos >= self.end:
            raise errors.BadJSON("the value ends too early")
        raise errors.BadJSON("no JSON at character %d of the value" % (self.pos - self.start + 1))

    def space(self):
        while self.pos < self.end and self.buf[self.pos] in b" \t\r\n":
            self.pos += 1
        return self.peek()

    def expect(self, c):
        if self.peek() != c:
            self.fail()
        self.pos += 1

    def whole(self, buf, start, end):
        self.buf = buf
        self.start = self.pos = start
        self.end = end
        try:
            c = self.space()
            value = self.nested() if c == 0x5B or c == 0x7B else self.scalar(c)
            self.space()
            if self.pos != end:
                raise errors.BadJSON("something follows the value")
            return value
        finally:
            self.buf = b""

    def nested(self):
        # arrays and objects that are not complete wait in lists, so that nesting costs no stack
        outer = []
        keys = []
        while True:
            c = self.space()
            if c == 0x5B or c == 0x7B:
                if len(outer) == _DEPTH:
                    raise errors.BadJSON("nested deeper than %d levels" % _DEPTH)
                self.pos += 1
                value = [] if c == 0x5B else {}
                if self.space() != c + 2:  # its closing bracket
                    outer.append(value)
                    keys.append(None if c == 0x5B else self.key())
                    continue
                self.pos += 1
            else:
                value = self.scalar(c)
            while outer:
                is_array = isinstance(outer[-1], list)
                if is_array:
                    outer[-1].append(value)
                else:
                    if keys[-1] in outer[-1]:
                        raise errors.BadJSON("the key %s is there twice" % keys[-1][:20])
                    outer[-1][keys[-1]] = value
                if self.space() == 0x2C:
                    self.pos += 1
                    if not is_array:
                        keys[-1] = self.key()
                    break
                self.expect(0x5D if is_array else 0x7D)
                value = outer.pop()
                keys.pop()
            else:
                return value

    def scalar(self, c):
        if c == _QUOTE:
            return self.string()
        if c == 0x2D or _digit(c):
            return self.number()
        if c == 0x74:
            return self.word(b"true", True)
        if c == 0x66:
            return self.word(b"false", False)
        if c == 0x6E:
            return self.word(b"null", None)
        self.fail()

    def word(self, word, value):
        for c in word:
            self.expect(c)
        return value

    def key(self):
        if self.space() != _QUOTE:
            self.fail()
        key = self.string()
        self.space()
        self.expect(0x3A)
        return key

    def digits(self):
        if not _digit(self.peek()):
            self.fail()
        while _digit(self.peek()):
            self.pos += 1

    def number(self):
        negative = self.peek() == 0x2D
        if negative:
            self.pos += 1
        start = self.pos
        if self.peek() == 0x30:
            self.pos += 1
        else:
            self.digits()
        point = end = self.pos
        whole = True
        exponent = 0
        if self.peek() == 0x2E:
            whole = False
            self.pos += 1
            self.digits()
            end = self.pos
        if self.peek() in b"eE":
            whole = False
            self.pos += 1
            sign = 0x2C - self.peek()  # of "+" and "-"
            if sign in (1, -1):
                self.pos += 1
            begin = self.pos
            self.digits()
            for i in range(begin, self.pos):
                exponent = min(exponent * 10 + self.buf[i] - 0x30, 100000)
            if sign == -1:
                exponent = -exponent
        # by its digits: as text it would take memory, and MicroPython's int() and float() are not to be trusted with every text
        value = count = 0
        for i in range(start, end):
            c = self.buf[i]
            if c != 0x2E and (count or c != 0x30):
                count += 1
                if count < 10:  # so many a small integer holds
                    value = value * 10 + c - 0x30
        if count > 9:
            value = int(str(self.buf[start:end], "utf-8").replace(".", ""))
        if not whole:
            if end > point:
                exponent -= end - point - 1
            value = nearest(value, exponent, exponent + count - 1)
        return -value if negative else value

    def string(self):
        self.pos += 1
        start = self.pos
        out = None
        while True:
            if self.pos >= self.end:
                self.fail()
            c = self.buf[self.pos]
            if c == _QUOTE:
                break
            if c < 0x20:
                self.fail()
            if c == _BACKSLASH:
                if out is None:
                    out = bytearray(self.buf[start : self.pos])
                self.pos += 1
                out.extend(self.escape())
            else:
                if out is not None:
                    out.append(c)
                self.pos += 1
        if out is None:
            out = self.buf[start : self.pos]
        self.pos += 1
        return str(out, "utf-8")

    def escape(self):
        c = self.peek()
        if c != 0x75:
            i = b'"\\/bfnrt'.find(bytes((c,)))
            if i < 0:
                self.fail()
            self.pos += 1
            return b'"\\/\b\f\n\r\t'[i : i + 1]
        code = self.hex4()
        if 0xDC00 <= code <= 0xDFFF:
            raise errors.BadJSON("a lone surrogate in a string")
        if 0xD800 <= code <= 0xDBFF:
            if self.peek() != _BACKSLASH:
                raise errors.BadJSON("a lone surrogate in a string")
            self.pos += 1
            if self.peek() != 0x75:
                raise errors.BadJSON("a lone surrogate in a string")
            low = self.hex4()
            if not 0xDC00 <= low <= 0xDFFF:
                raise errors.BadJSON("a lone surrogate in a string")
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        return chr(code).encode()

    def hex4(self):
        self.pos += 1
        code = 0
        for _ in range(4):
            c = self.peek() | 0x20
            if _digit(self.peek()):
                code = code * 16 + c - 0x30
            elif 0x61 <= c <= 0x66:
                code = code * 16 + c - 0x57
            else:
                self.fail()
            self.pos += 1
        return code


_reader = _Reader()


def parse(buf, start, end):
    """The JSON value in buf[start:end], a memoryview whose bytes are valid UTF-8.

    Integers come as int, numbers with a fraction or exponent as the nearest float, at every precision alike: from 1e39 on as
    inf, below 1e-45 as 0.
    Raises BadJSON for anything else than exactly one value nested at most 10 deep.
    """
    return _reader.whole(buf, start, end)
