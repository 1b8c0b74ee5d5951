"""What goes out to one client: a buffer, a bit for each update that is owed, whose turn it is, and the task that writes.

All of it is allocated at start. An update that finds no room leaves its bit in `_owed`, and the then current value is sent
later: nothing queues. Bits set while a request is carried out are in `_urgent` too: those side effects leave before the reply
does. Where both want more room than there is, an update and a reply take turns.
"""

import asyncio
import json
import time

from micropython import const
from secnode import log, updates

_OUT = const(512)
_PIECES = const(8)  # of a description that are sent before others get their turn
_ROOM = const(2)  # ms after which it is looked whether something was sent

# the phase a session is in
FREE = const(0)  # nobody is there
READING = const(1)  # nothing is to be done until something comes
SORTING = const(2)  # lines are looked for in what came; the reading task sends what there is when it is through
ANSWERING = const(3)  # a request is carried out, as before
AWAITING = const(4)  # a request waits for its driver, and what is to be sent leaves at once
STREAMING = const(5)  # a reply leaves piece by piece: what comes up meanwhile is no side effect of the request
BROKEN = const(6)  # given up: nothing is sent any more, and the place becomes free

# whom the next room in the buffer is for, where there is not enough of it
_ANYBODY = const(0)
_UPDATE = const(1)  # an owed update waits for room
_UPDATE_THEN_REPLY = const(2)  # and a reply behind it
_REPLY = const(3)  # the update has left: now the reply


def clear(buf):
    """Fill with zeros, without a slice: also where there is no memory."""
    for i in range(len(buf)):
        buf[i] = 0


class Outbox:
    """The part of a session that sends. `phase` is the session's; the reading task alone leaves SORTING and ANSWERING."""

    phase = FREE
    _most_unasked = _OUT  # bytes of updates that may wait at once
    _wake = None  # an asyncio.Event by which the writing task is kept; None where it ends when all is sent

    def __init__(self, node):
        self.node = node
        self.stream = None
        self._out = bytearray(_OUT)
        self._out_view = memoryview(self._out)
        self._reader = self._writer = None  # the tasks that read, and answer; and that write
        self.active = bytearray(len(node.modules))
        self.levels = bytearray(len(node.modules) + 1)  # of logging; the last one is the node's own
        self._dropped = 0  # log messages that found no room
        self._none = node.none_owed  # compared with it: any() looks at each byte, and took longer the more modules there are
        self._owed = bytearray(self._none)
        self._urgent = bytearray(self._none)
        self._last_owed = -1  # the parameter that was sent last of those owed

    def _begin_sending(self):
        self._waiting = 0  # how much of _out waits to be sent
        self._whole = True  # False while a line is in _out in part only: nothing may be put between
        self._writing = False  # the writing task has something that the connection did not take yet
        self._room_for = _ANYBODY
        self._since = time.ticks_ms()  # the last begin of sending
        self.fresh()

    def fresh(self):
        """As after connecting: nothing is active, nothing waits (identification.rst)."""
        clear(self.active)
        clear(self.levels)
        clear(self._owed)
        clear(self._urgent)
        self._dropped = 0

    def give_up(self):
        """End the connection, whatever still waits to be sent."""
        # who wants to send hears of it; a driver that is at work on a request is not torn out of it
        phase, self.phase = self.phase, BROKEN
        if (phase == READING or phase == STREAMING) and self._reader and self._reader is not asyncio.current_task():
            self._reader.cancel()

    # ---- replies

    def reply(self, accessible=None):
        """Send the line in the node's encoder as the answer to the present request, its side effects first.

        Gives None, or what has to be awaited where there is no room for it. `accessible` is whose value it has, if any's.
        """
        encoder = self.node.encoder
        n = encoder.length + self.stream.framed  # type: ignore - somebody is there
        try:
            if n > _OUT - self._waiting:
                self._send()
            if self.phase == BROKEN:
                raise OSError("sending failed")
            if self._room_for or n > _OUT - self._waiting or self._urgent != self._none:
                return self._reply_later(encoder.line(self.stream), accessible, accessible and updates.state(accessible))
            self._waiting += encoder.copy(self._out, self._out_view, self._waiting, self.stream)
        finally:
            encoder.length = 0
        if self.phase != SORTING and self.phase != ANSWERING:
            self._send()
        return None

    async def _reply_later(self, line, a, before):
        await self._send_effects()
        await self._put_long(line)
        self._room_for = _ANYBODY
        if a and self.active[a.module.index] and before != updates.state(a):
            self.owe(a, False)  # an update with a newer value may have gone before: that is to be the last word
            self._have_written()

    async def reply_file(self, begin, file, length, end):
        """Send as a reply: bytes, then the first `length` bytes of a file, then bytes that end the line."""
        if self.phase != BROKEN:
            self.phase = STREAMING
        if self._room_for or self._urgent != self._none:
            await self._send_effects()
        while len(begin) + self.stream.framed >= _OUT - self._waiting:  # type: ignore - somebody is there
            await self._progress()
        if self.stream.framed:  # type: ignore
            self._waiting += self.stream.head(self._out, self._waiting, len(begin) + length)  # type: ignore
            end = b""
        self._put_short(begin)
        self._whole = False
        pos = pieces = 0
        while pos < length:
            n = min(length - pos, _OUT - self._waiting)
            if n:
                if not pieces:
                    file.seek(pos)  # others may have read from it meanwhile
                # a slice costs 32 bytes: none where the whole buffer is free
                if file.readinto(self._out if n == _OUT else self._out_view[self._waiting : self._waiting + n]) != n:
                    raise OSError("the description became shorter")  # no answer is better than a wrong one
                pos += n
                self._waiting += n
            if self._waiting == _OUT:
                self._send()
                # others get their turn, but not after every piece: that took twice as long
                pieces = (pieces + 1) % _PIECES
                if not pieces:
                    await asyncio.sleep_ms(0)
                while self._waiting == _OUT:
                    pieces = 0
                    await self._progress()
        self._put_short(end)  # there is room: every turn ends so
        self._whole = True
        self._send()
        self._room_for = _ANYBODY

    def _put_short(self, data):
        # a few bytes, where there is room for them
        for c in data:
            self._out[self._waiting] = c
            self._waiting += 1

    async def _put_long(self, line):  # in as many pieces as it takes
        line, pos = memoryview(line), 0
        while pos < len(line):
            n = min(len(line) - pos, _OUT - self._waiting)
            self._out_view[self._waiting : self._waiting + n] = line[pos : pos + n]
            self._waiting += n
            pos += n
            self._whole = pos == len(line)
            self._send()
            while self._waiting == _OUT and not self._whole:
                await self._progress()

    async def _send_effects(self):
        if self.phase != BROKEN:
            self.phase = STREAMING  # what comes from now on must not hold the reply back
        while self._urgent != self._none:
            self._have_written()
            await self._progress()
        while self._room_for == _UPDATE or self._room_for == _UPDATE_THEN_REPLY:
            self._room_for = _UPDATE_THEN_REPLY
            await self._progress()

    async def _progress(self):
        # looked for rather than waited for: an Event would be 64 bytes for each place
        if self.phase != BROKEN:
            await asyncio.sleep_ms(_ROOM)
        if self.phase == BROKEN:
            raise OSError("sending failed")

    # ---- updates and log messages

    def push(self, accessible):
        """Take the update in the node's encoder, now or, with the then current value, when there is room.

        Sends nothing, since others may have to get that line, too: pushed() does.
        """
        if self._owed == self._none and self._fits(self.node.encoder.length):
            try:
                self._waiting += self.node.encoder.copy(self._out, self._out_view, self._waiting, self.stream)
                return
            except MemoryError:
                pass  # later
        self.owe(accessible, self.phase == ANSWERING or self.phase == AWAITING)

    def pushed(self):
        """Send what push() has left."""
        if self._owed != self._none:
            self._have_written()
        elif self.phase != SORTING and self.phase != ANSWERING:
            self._send()

    def _fits(self, n):
        # whether a line of n bytes, which answers nothing, may be sent at once
        end = self._waiting + n + self.stream.framed  # type: ignore - somebody is there
        return self._whole and end <= _OUT and (end <= self._most_unasked or not self._waiting)

    def push_log(self, level, module, text):
        """Send a log message where it was asked for and finds room; the next one tells how many did not."""
        if level > self.levels[-1 if module is None else module.index]:
            return
        if self._dropped:
            text = "(%d messages before this one were dropped) %s" % (self._dropped, text)
        # in bytes of its own: whoever logs may be about to send what is in the node's encoder
        line = ("log %s:%s %s\n" % (module.name if module else ".", log.NAMES[level], json.dumps(text))).encode()
        fits = self._owed == self._none and self._fits(len(line))
        if self.stream.framed:  # type: ignore - somebody is there
            line = self.stream.frame(line)  # type: ignore
        self._dropped = 0 if fits and self.insert(line) else self._dropped + 1

    def insert(self, data):
        """Send bytes between two lines; gives whether there was room."""
        if not self._whole or self._waiting + len(data) > _OUT:
            return False
        self._out_view[self._waiting : self._waiting + len(data)] = data
        self._waiting += len(data)
        self.pushed()
        return True

    def owe(self, accessible, urgent):
        """Note that the value of a parameter has to be sent; before the reply, if it is urgent."""
        i, bit = accessible.index >> 3, 1 << (accessible.index & 7)
        self._owed[i] |= bit
        if urgent:
            self._urgent[i] |= bit

    def forget(self, accessible):
        """The value of a parameter need not be sent any more."""
        i, bit = accessible.index >> 3, 1 << (accessible.index & 7)
        self._owed[i] &= ~bit
        self._urgent[i] &= ~bit

    def _next_owed(self):
        # side effects in the order of the parameters, status before target; the others beginning behind the last one, so that
        # frequent updates can't keep them from a slow client
        urgent = self._urgent != self._none
        bits = self._urgent if urgent else self._owed
        if bits != self._none:
            parameters = self.node.parameters
            i = -1 if urgent else self._last_owed
            for _ in range(len(parameters)):
                i = (i + 1) % len(parameters)
                if bits[i >> 3] >> (i & 7) & 1:
                    if not urgent:
                        self._last_owed = i
                    return parameters[i]
        return None

    # ---- writing

    def _send(self):
        """Send what waits, as far as the connection takes it at once. The rest is up to the writing task."""
        n = self._waiting
        if n and self.stream.at_once and not self._writing and self.phase != BROKEN:  # type: ignore - somebody is there
            try:
                n = self.stream.put(self._out, n)  # type: ignore
            except OSError as e:
                log.debug("", "a client went away: %s", e)
                self.give_up()
                return
            self._since = time.ticks_ms()
            self._sent(n)
        if self._waiting or self._owed != self._none:
            self._have_written()

    def _have_written(self):
        """Have the writing task send what waits."""
        if self._writer is None:
            try:
                self._writer = asyncio.create_task(self._write(self.stream))
            except MemoryError:
                return  # the session tries again within a second
        if self._wake:
            self._wake.set()

    def _sent(self, n):
        self._waiting -= n
        if self._waiting:
            try:
                self._out_view[: self._waiting] = self._out_view[n : n + self._waiting]
            except MemoryError:
                for i in range(self._waiting):
                    self._out[i] = self._out[n + i]

    def _put_owed(self):
        # put owed updates into _out; gives the one that is longer than _out altogether
        while self._whole and self._room_for != _REPLY:
            line = None
            accessible = self._next_owed()
            if accessible is not None:
                encoder = self.node.encoder
                updates.encode(encoder, accessible)
                try:
                    if self._fits(encoder.length):
                        self._waiting += encoder.copy(self._out, self._out_view, self._waiting, self.stream)
                    elif not self._waiting:
                        line = encoder.line(self.stream)
                    else:
                        if not self._room_for:
                            self._room_for = _UPDATE
                        return None
                finally:
                    encoder.length = 0
                self.forget(accessible)
            self._room_for = _REPLY if self._room_for == _UPDATE_THEN_REPLY else _ANYBODY
            if accessible is None or line:
                return line
        return None

    async def _write(self, stream):
        try:
            while True:
                long_line = self._put_owed()
                n = self._waiting
                if not long_line and not n:
                    if not self._wake:
                        self._writer = None
                        return
                    self._wake.clear()
                    await self._wake.wait()  # type: ignore - it is one here
                    continue
                self._since = time.ticks_ms()
                self._writing = True
                stream.write(long_line or self._out_view[:n])
                await stream.drain()
                self._writing = False
                self._sent(0 if long_line else n)
        except Exception as e:
            if not isinstance(e, OSError):
                log.traceback("", e)
            self.give_up()
