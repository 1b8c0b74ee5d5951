"""SECoP over WebSocket (SECoP's RFC-107): each message a text frame. How one begins is web.py's.

Not by MicroPython's C module `websocket`: that waits until all is written, however long the other end takes.
"""

from micropython import const
from transport.tcp import Connection

_TEXT = const(0x81)  # a whole message
_CLOSE = const(0x88)
_PONG = const(0x8A)
_SHORT = const(125)  # bytes of a frame with the shortest header, and of the longest one that is no text
_LONG = const(0xFFFF)
_MOST = const(0xFFFFFF)  # bytes of a frame: more is no line of SECoP
_BAD = const(1002)  # why a connection is closed
_NO_TEXT = const(1003)
_TOO_BIG = const(1009)


class WebSocket(Connection):
    """A connection that begins with the first frame, on the socket `s`; a Stream of lines for `session`.

    What came is decoded where it lies: a line is shorter than the frame that brought it.
    """

    framed = 9  # the longest header, in place of the line's end

    def __init__(self, s, session):
        super().__init__(s)
        self._session = session
        self._head = bytearray(14)  # of the frame that comes in
        self._got = 0  # bytes of it
        self._mask = 0  # where in it the mask is; 0 until it is complete
        self._left = 0  # bytes of the frame that are still to come
        self._turn = 0  # which byte of the mask is the next one's
        self._open = False  # whether a message has begun and not ended
        self._last = 0  # the last byte of it
        self._due = False  # a line's end that had no room
        self._over = 0  # why no more is read
        self._control = None  # a frame to answer with
        self._size = 0  # of its payload
        self._owed = False  # whether it waits to be sent

    # ---- what goes out

    def head(self, buf, pos, n):
        """Put the header of a text frame of n bytes into buf[pos:]; gives its length."""
        buf[pos] = _TEXT
        if n <= _SHORT:
            buf[pos + 1] = n
            return 2
        size = 2 if n <= _LONG else 8
        buf[pos + 1] = 126 if size == 2 else 127
        for i in range(size):
            buf[pos + 1 + size - i] = n & 255
            n >>= 8
        return 2 + size

    def frame(self, line):
        """The text frame of a line with its end, as bytes."""
        data = bytearray(self.framed + 1)
        n = self.head(data, 0, len(line) - 1)
        return bytes(data[:n]) + line[:-1]

    # ---- what comes in

    def take(self, buf, view, pos):
        """Read what is there into buf[pos:], as lines; gives the number of bytes, 0 at the end, None where there is nothing."""
        if self._owed and not self._over:
            self._answer()
        if self._due:
            self._due = False
            buf[pos] = 10
            return 1
        if self._over:
            return self._end()
        n = Connection.take(self, buf, view, pos)
        return self._lines(buf, pos, n) if n else n

    async def readinto(self, buf):  # type: ignore - asyncio's own gives no None, by its stub
        if self._due or self._over:
            return self.take(buf, buf, 0)
        n = await Connection.readinto(self, buf)  # type: ignore - asyncio's own
        return self._lines(buf, 0, n) if n else n

    def _lines(self, buf, pos, n):
        """Make lines of the n bytes in buf[pos:] that came; gives their length as take() does."""
        head = self._head
        source = target = pos
        end = pos + n
        while source < end:
            if not self._mask:
                head[self._got] = buf[source]
                source += 1
                self._got += 1
                if self._due:
                    self._due = False
                    buf[target] = 10
                    target += 1
                self._begin_frame()
                if self._over:
                    break
            size = min(self._left, end - source)
            mask = self._mask
            if size:
                turn = self._turn
                if head[0] & 8:
                    control = self._control
                    for i in range(2 + self._size - self._left, 2 + self._size - self._left + size):
                        control[i] = buf[source] ^ head[mask + (turn & 3)]  # type: ignore - it is there
                        source += 1
                        turn += 1
                else:
                    stop = source + size
                    while source < stop:
                        buf[target] = buf[source] ^ head[mask + (turn & 3)]
                        source += 1
                        target += 1
                        turn += 1
                    self._last = buf[target - 1]
                self._turn = turn & 3
                self._left -= size
            if mask and not self._left:
                self._mask = self._got = 0
                if head[0] & 8:
                    self._had_control()
                    if self._over:
                        break
                elif head[0] & 0x80:
                    self._open = False
                    if self._last != 10:
                        if target < source:
                            buf[target] = 10
                            target += 1
                        else:
                            self._due = True
        if target > pos:
            return target - pos
        return self._end() if self._over else None

    def _begin_frame(self):
        # a byte of a header has come
        head, got = self._head, self._got
        if got < 2:
            return
        size = head[1] & 0x7F
        if got == 2:
            kind = head[0] & 15
            control = kind & 8
            if head[0] & 0x70 or not head[1] & 0x80 or kind > 10 or (control and (size > _SHORT or not head[0] & 0x80)):
                self._over = _BAD
            elif kind == 2:
                self._over = _NO_TEXT
            elif 2 < kind < 8 or (not control and (kind == 1) == self._open):
                self._over = _BAD
            return
        more = 0 if size <= _SHORT else 2 if size == 126 else 8
        if got < 6 + more:
            return
        if more:
            size = 0
            for i in range(2, 2 + more):
                if size >= _MOST >> 8:
                    self._over = _TOO_BIG
                    return
                size = size << 8 | head[i]
        self._mask = 2 + more
        self._left = size
        self._turn = 0
        if head[0] & 8:
            if self._control is None:
                self._control = bytearray(2 + _SHORT)
            self._size = size
            self._owed = False  # of several the last one is answered
        elif head[0] & 15:
            self._open = True
            self._last = 0

    def _had_control(self):
        kind = self._head[0] & 15
        control = self._control
        if kind == 9:
            control[0] = _PONG  # type: ignore - it is there
            control[1] = self._size  # type: ignore
            self._owed = True
            self._answer()
        elif kind == 8:
            self._over = control[2] << 8 | control[3] if self._size >= 2 else 1000  # type: ignore

    def _answer(self):
        if self._session.insert(memoryview(self._control)[: 2 + self._size]):  # type: ignore - it is there
            self._owed = False

    def _end(self):
        """Say good-bye, once."""
        if self._session:
            self._session.insert(bytes((_CLOSE, 2, self._over >> 8, self._over & 255)))
            self._session = None
        return 0
