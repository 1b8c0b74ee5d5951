"""One client: its line buffer, what it activated, what still has to be sent.

All that a client can make the node keep is here, and allocated at start. Two tasks belong to a client: one reads requests
and answers them one after the other, the other one writes what the connection did not take at once.

What comes and goes all the time allocates nothing: lines are looked at where they lie in the buffer, and coroutines are made
only where somebody has to wait. While requests come in quick succession the connection is asked for the next one over and
over, since to be woken by it asyncio allocates some 100 bytes.

An update that finds no room leaves its bit in `_pending`, and the then current value is sent later: nothing queues.
Bits set while a request is carried out are in `_urgent` too: those side effects leave before the reply does.
Where both want more room than there is, an update and a reply take turns.
"""

import asyncio
import json
import time

from micropython import const
from secnode import log, message, pace
from secnode.errors import ProtocolError

LINE = const(1024)  # bytes of the longest request, without its line end
_KEEP = const(128)  # of a longer one: enough to repeat its action and specifier
_ASKS = const(5)  # bytes of *IDN?
_OUT = const(512)
_PIECES = const(8)  # of a description that are sent before others get their turn
_STILL = const(30)  # ms without a byte after which a serial line counts as quiet
_STUCK = const(10000)  # the same where a line has begun and not ended
_SUSPECT = const(200)  # ms after a stop of the whole board in which a serial line's requests may lack bytes
_SPIN = const(5)  # ms after a request in which the next one is looked for all the time,
_WATCH = const(100)  # and in which it is every ms
_ROOM = const(2)  # ms after which it is looked whether something was sent
_LINGER = const(2000)  # ms for the last replies to leave when the client has ended
_LOOKS = const(30)  # of 10 ms: for so long what a client goes on to send is thrown away, until it was quiet for
_CALM = const(5)  # of them
STALL = const(20000)  # ms without any progress in sending before the client is given up
IDLE = const(600000)  # ms without a request and without anything to send before it is; frappy pings after 5 s
QUIET = const(60000)  # ms without a request after which an inactive client may lose its place to another one
SILENT = const(10000)  # the same for one that never sent a request

# whose turn it is where there is not enough room
_FREE = const(0)
_UPDATE = const(1)  # an owed update waits for room
_UPDATE_REPLY = const(2)  # and a reply behind it
_REPLY = const(3)  # the update has left: now the reply


def _clear(buf):
    # without a slice: also where there is no memory
    for i in range(len(buf)):
        buf[i] = 0


_NOTHING = ()  # where None means that all is done


class Session:
    """A place for one client. What `serve` gives runs it from the connection's begin to its end; then the next one may come.

    `idle`: ms of silence on both sides after which the client counts as lost. 0 for a serial line: nobody sees a client come
    or go there. Whoever it is, and after every start, it is answered `error_closed` until it says `*IDN?`; and silence,
    however long, ends nothing.
    """

    readonly = ""  # where the client may neither change nor do anything: the reason, a text for it
    # of serial lines; here they take no room in the others' places
    line = closed = False
    _share = _OUT  # bytes of updates that may wait at once: a reply must not wait for many of them
    _begun = None  # ticks when the request that is coming in began
    _cut = None  # ticks until which one that begins may lack bytes
    _came = 0  # ticks of the last byte

    def __init__(self, node, idle=IDLE):
        self.node = node
        self._idle = idle
        if not idle:
            self.line = True
        self.stream = None
        self.buf = bytearray(LINE + 2)
        self.view = memoryview(self.buf)
        self._out = bytearray(_OUT)
        self._out_view = memoryview(self._out)
        # something to send, for a task that waits for that all the time
        self._wake = None if idle else asyncio.Event()
        self._writer = None  # the task that writes; where a connection takes most at once only while something waits
        self.active = bytearray(len(node.modules))
        self._levels = bytearray(len(node.modules) + 1)  # of logging; the last one is the node's own
        self._dropped = 0  # log messages that found no room
        self._none = node.none_owed  # compared with it: any() looks at each byte, and took longer the more modules there are
        self._pending = bytearray(self._none)
        self._urgent = bytearray(self._none)
        self._turn = -1  # the parameter that was sent last of those owed

    # ---- from connect to disconnect

    def serve(self, stream, first=b""):
        """Gives the coroutine that serves a client until it ends or is given up; the place is taken from now on.

        `stream` is an asyncio stream with `readinto`. Where it has `put` and `take`: `take(buf, view, pos)` reads what is there
        into buf[pos:] (`view` is a memoryview of it) and gives the number of bytes, 0 at the end, None where there is nothing;
        `put(buf, n)` writes what can be written at once of the first n bytes, and gives their number. `first` is what was read
        of it already, at most 1024 bytes.
        """
        serving = self._serve(stream, first)  # first: where there is no memory for it, the place stays free
        self._tail = 0  # how much of _out waits to be sent
        self._whole = True  # False while a line is in _out in part only: nothing may be put between
        self._request = False
        self._hold = False  # the reading task is at work, and will send what there is
        self._sending = False
        self._broken = False
        self._direct = hasattr(stream, "put")  # whether it takes and gives at once
        # where in the buffer the present request has its parts
        self.begin = self.space = self.spec = self.stop = self.data = self.end = 0
        if self.line:
            self.closed = True
            self._share = stream.share
            self._begun = self._cut = None
            self._came = time.ticks_ms()
        self._turns = _FREE
        # whether a line came that says something; None where it was none of SECoP, which ends a TCP connection
        self._spoke = self.line
        self._heard = self._since = time.ticks_ms()  # the last line; the last begin of sending
        self._task = None
        self.fresh()
        self.stream = stream
        return serving

    async def _serve(self, stream, first):
        try:
            self._task = asyncio.current_task()
            self.view[: len(first)] = first
            await self._read(stream, len(first))
            deadline = time.ticks_add(time.ticks_ms(), _LINGER)
            pause = 0
            while self._tail and not self._broken and time.ticks_diff(deadline, time.ticks_ms()) > 0:
                await asyncio.sleep_ms(pause)
                pause = min(pause + 1, 10)
        except OSError as e:
            # the client went away in the middle of something; there is nobody left to tell
            log.debug("", "a client went away: %s", e)
        finally:
            if self._writer:
                self._writer.cancel()
                self._writer = None
            try:
                self.fresh()
                stream.close()
                await stream.wait_closed()
            finally:  # also where there is no memory for that
                self.stream = self._task = None  # a task keeps what ended it

    def fresh(self):
        """As after connecting: nothing is active, nothing waits (identification.rst)."""
        _clear(self.active)
        _clear(self._levels)
        _clear(self._pending)
        _clear(self._urgent)
        self._dropped = 0

    def end_if_lost(self):
        """Give up a client that has not taken anything for too long, or that there was nothing to hear of or to say to.

        To be called about once a second, also since ticks come round.
        """
        if self.stream is None or self._broken:
            return
        now = time.ticks_ms()
        self._heard = pace.recent(self._heard, now)
        self._since = pace.recent(self._since, now)
        if not self._writer and not self._hold:
            self._send()  # where there was no memory for it
        if self.line:
            self._came = pace.recent(self._came, now)
            if self._begun is not None:
                self._begun = pace.recent(self._begun, now)
            if self._cut is not None:
                self._cut = pace.recent(self._cut, now)
            return
        quiet = time.ticks_diff(now, self._since)
        if self._sending:
            if quiet > STALL:
                log.info("", "a client took nothing for %d s: closed", STALL // 1000)
                self.give_up()
        elif self._idle and not self._request and min(quiet, time.ticks_diff(now, self._heard)) > self._idle:
            log.info("", "a client was silent for %d s: closed", self._idle // 1000)
            self.give_up()

    def spare(self):
        """For how many ms the place could have been another client's. Below 0: it could not."""
        if self.stream is None or self._broken or self._request or self._tail or any(self.active) or any(self._levels):
            return -1
        return time.ticks_diff(time.ticks_ms(), self._heard) - (QUIET if self._spoke else SILENT)

    def is_quiet(self):
        """Whether nothing comes in just now, so that the board may stop for a moment without missing any of it."""
        if self.stream is None:
            return True
        if self._request or self.stream.readable():
            return False
        # a line that does not go on is noise, or somebody who types slowly
        return time.ticks_diff(time.ticks_ms(), self._came) >= (_STILL if self._begun is None else _STUCK)

    def cut(self):
        """The board has stopped for a moment: what came meanwhile lacks bytes, and is refused."""
        if self.stream is not None and (self._begun is not None or self.stream.readable()):
            self._cut = time.ticks_add(time.ticks_ms(), _SUSPECT)

    def give_up(self):
        """End the connection, whatever still waits to be sent."""
        # who wants to send hears of it; a driver that is at work on a request is not torn out of it
        self._broken = True
        if self._task and not self._request and not self._hold and self._task is not asyncio.current_task():
            self._task.cancel()

    # ---- what comes in

    async def _read(self, stream, fill):
        begin = search = 0
        too_long = False
        while True:
            self._hold = True
            end = self.buf.find(b"\n", search, fill)
            while end >= 0:
                self._request = True
                try:
                    answer = self._line(begin, end - 1 if end > begin and self.buf[end - 1] == 13 else end, too_long)
                    if answer is not None:
                        self._hold = False
                        self._send()
                        await answer  # type: ignore - all but None can be
                except Exception as e:
                    answer = self.node.failed(self, e)
                    if answer is not None:
                        self._hold = False
                        await answer
                if self._spoke is None:
                    return await self._turn_away(stream)
                too_long = False
                self._hold = True
                self._request = False
                self._heard = time.ticks_ms()
                begin = search = end + 1
                end = self.buf.find(b"\n", search, fill)
                # what was asked at once is answered at once
                if end < 0:
                    self._send()
                # others get their turn, however much one client sends
                await asyncio.sleep_ms(0)
            self._send()
            self._hold = False
            if self._broken:
                return
            if begin:
                if begin < fill:
                    self.view[: fill - begin] = self.view[begin:fill]
                fill -= begin
            elif too_long or fill == len(self.buf):
                if not self._spoke:
                    # nobody waits for its end
                    answer = self._line(0, fill, True)
                    if answer is not None:
                        await answer  # type: ignore - all but None can be
                    return await self._turn_away(stream)
                too_long = True
                # its begin, to repeat it, and its end, to see whether it asks who is there
                self.view[_KEEP : _KEEP + _ASKS] = self.view[fill - _ASKS : fill]
                fill = _KEEP + _ASKS
            if not begin:
                # others get their turn, however long it takes until a line ends
                await asyncio.sleep_ms(0)
            if self.line:
                if not fill:
                    self._begun = None
                elif begin:
                    self._begun = self._came
                # the next request can hardly come before the answer has left
                self._heard = time.ticks_add(time.ticks_ms(), stream.busy())
            n = stream.take(self.buf, self.view, fill) if self._direct else None
            while n is None:  # nothing came after all
                quiet = time.ticks_diff(time.ticks_ms(), self._heard)
                # not while something is sent: whoever is woken comes sooner than who looks every ms
                if self._direct and quiet < _WATCH and not self._sending:
                    await asyncio.sleep_ms(0 if quiet < _SPIN else 1)
                    n = stream.take(self.buf, self.view, fill)
                else:
                    n = await stream.readinto(self.view[fill:])
            if not n:
                return
            if self.line:
                self._came = time.ticks_ms()
                if self._begun is None:
                    self._begun = self._came
            begin = 0
            search = fill
            fill += n

    async def _turn_away(self, stream):
        """End a connection that was told why: not with bytes unread, or the client's network may drop the words."""
        self._hold = self._request = False
        self._send()
        looks = quiet = 0
        while self._direct and looks < _LOOKS and quiet < _CALM:
            n = stream.take(self.buf, self.view, 0)
            if n == 0:
                return
            quiet = 0 if n else quiet + 1
            looks += 1
            await asyncio.sleep_ms(10)

    def _line(self, begin, end, too_long):
        # gives what has to be awaited, or None
        if self.line:
            answer = self._serial(begin, end)
            if answer is not _NOTHING:
                return answer
        buf = self.buf
        first = not self._spoke
        if first and begin < end:
            self._spoke = True
        if too_long or end - begin > LINE:
            if first:
                self._spoke = None
            return self._refuse(begin, begin + _KEEP, "the line is longer than %d bytes" % LINE)
        if first and message.is_foreign(buf, begin, end):
            self._spoke = None
            return self._refuse(begin, end, "this is a SEC node: it speaks SECoP, neither HTTP nor TLS; nothing was executed")
        # where in the buffer: action, specifier, data
        self.begin = begin
        self.end = end
        space = buf.find(b" ", begin, end)
        self.space = space = end if space < 0 else space
        self.spec = spec = space + 1 if space < end else end
        space = buf.find(b" ", spec, end)
        self.stop = space = end if space < 0 else space
        self.data = space + 1 if space < end else end
        return self.node.handle(self)

    def words(self, begin, end):
        """A part of the present request, as bytes."""
        return bytes(self.view[begin:end])

    def _serial(self, begin, end):
        """What a serial line answers other than a connection that has a begin and an end; mostly _NOTHING."""
        damaged = self._cut is not None and time.ticks_diff(self._cut, self._begun) > 0  # type: ignore - it has begun
        if not damaged:
            self._cut = None
        # before it may stand what an earlier client did not end, or noise
        if self.buf.find(b"*IDN?", max(end - _ASKS, begin), end) >= 0:
            self.closed = False
            self.begin = max(end - _ASKS, begin)
            self.space = self.spec = self.stop = self.data = self.end = end
            return self.node.handle(self)
        if self.closed:
            self.node.encoder.word(b"error_closed")
            return self.reply()
        if damaged:
            return self._refuse(begin, end, "the line may lack bytes: flash was written meanwhile")
        return _NOTHING

    def _refuse(self, begin, end, text):
        # the specifier is repeated where it is sure that it was seen to its end
        words = bytes(self.view[begin : min(end, begin + _KEEP)]).split(b" ")
        whole = len(words) > (2 if end - begin >= _KEEP else 1)
        return self.error(words[0], words[1] if whole else b"", ProtocolError(text))

    # ---- what goes out

    def reply(self):
        """Send the line in the node's encoder as the answer to the present request, its side effects first.

        Gives None, or what has to be awaited where there is no room for it.
        """
        encoder = self.node.encoder
        n = encoder.length
        try:
            if n > _OUT - self._tail:
                self._send()
            if self._broken:
                raise OSError("sending failed")
            if self._turns or n > _OUT - self._tail or self._urgent != self._none:
                return self._reply_later(encoder.line())
            self._tail += encoder.copy(self._out, self._out_view, self._tail)
        finally:
            encoder.length = 0
        if not self._hold:
            self._send()
        return None

    async def _reply_later(self, line):
        # a serial line keeps answers whole: between two of them there is a turn for an update
        while self.line and self._tail and len(line) > _OUT - self._tail:
            self._request = False
            await self._progress()
        await self._effects()
        await self._part(line)
        self._turns = _FREE

    async def reply_file(self, begin, file, length, end):
        """Send as a reply: bytes, then the first `length` bytes of a file, then bytes that end the line."""
        self._request = False
        if self._turns or self._urgent != self._none:
            await self._effects()
        while len(begin) > _OUT - self._tail:
            await self._progress()
        self._add(begin)
        self._whole = False
        pos = turn = 0
        while pos < length:
            n = min(length - pos, _OUT - self._tail)
            if n:
                if not turn:
                    file.seek(pos)  # others may have read from it meanwhile
                # a slice costs 32 bytes: none where the whole buffer is free
                if file.readinto(self._out if n == _OUT else self._out_view[self._tail : self._tail + n]) != n:
                    raise OSError("the description became shorter")  # no answer is better than a wrong one
                pos += n
                self._tail += n
            if self._tail == _OUT:
                self._send()
                # others get their turn, but not after every piece: that took twice as long
                turn = (turn + 1) % _PIECES
                if not turn:
                    await asyncio.sleep_ms(0)
                while self._tail == _OUT:
                    turn = 0
                    await self._progress()
        self._add(end)  # there is room: every turn ends so
        self._whole = True
        self._send()
        self._turns = _FREE

    def error(self, action, specifier, error):
        """Answer with an error, the action and specifier repeated as they came."""
        encoder = self.node.encoder
        encoder.begin(b"error_" + message.printable(action) + b" ", message.printable(specifier))
        encoder.error(error)
        return self.reply()

    def _add(self, data):
        # a few bytes to _out, where there is room for them
        for c in data:
            self._out[self._tail] = c
            self._tail += 1

    async def _part(self, line):
        # a whole line, in as many pieces as it takes
        line = memoryview(line)
        pos = 0
        while pos < len(line):
            n = min(len(line) - pos, _OUT - self._tail)
            self._out_view[self._tail : self._tail + n] = line[pos : pos + n]
            self._tail += n
            pos += n
            self._whole = pos == len(line)
            self._send()
            while self._tail == _OUT and not self._whole:
                await self._progress()

    async def _effects(self):
        self._request = False  # what comes from now on is no side effect: it must not hold the reply back
        while self._urgent != self._none:
            self._go_on()
            await self._progress()
        while self._turns == _UPDATE or self._turns == _UPDATE_REPLY:
            self._turns = _UPDATE_REPLY
            await self._progress()

    async def _progress(self):
        # looked for rather than waited for: an Event would be 64 bytes for each place
        if not self._broken:
            await asyncio.sleep_ms(_ROOM)
        if self._broken:
            raise OSError("sending failed")

    def _send(self):
        """Send what waits, as far as the connection takes it at once. The rest is up to the writing task."""
        n = self._tail
        if n and self._direct and not self._sending:
            try:
                n = self.stream.put(self._out, n)  # type: ignore - there is one
            except OSError as e:
                log.debug("", "a client went away: %s", e)
                self.give_up()
                return
            self._since = time.ticks_ms()
            self._sent(n)
        if self._tail or self._pending != self._none:
            self._go_on()

    def _go_on(self):
        """Have the writing task send what waits."""
        if self._writer is None:
            try:
                self._writer = asyncio.create_task(self._write(self.stream))
            except MemoryError:
                return  # end_if_lost tries again
        if self._wake:
            self._wake.set()

    def _sent(self, n):
        self._tail -= n
        if self._tail:
            self._out_view[: self._tail] = self._out_view[n : n + self._tail]

    def push(self, accessible):
        """Take the update in the node's encoder, now or, with the then current value, when there is room.

        Sends nothing, since others may have to get that line, too: pushed() does.
        """
        if self._pending == self._none and self._fits(self.node.encoder.length):
            try:
                self._tail += self.node.encoder.copy(self._out, self._out_view, self._tail)
                return
            except MemoryError:
                pass  # later
        self.owe(accessible, self._request)

    def pushed(self):
        """Send what push() has left."""
        if self.line or self._pending != self._none:
            self._go_on()  # the writing task keeps it here until it is on the line: no second one gets before an answer
        elif not self._hold:
            self._send()

    def _fits(self, n):
        # whether a line of n bytes, which answers nothing, may be sent at once
        end = self._tail + n
        return self._whole and end <= _OUT and (end <= self._share or not self._tail)

    def set_level(self, module, level):
        """Which log messages to send: of one module, or with None of all and the node's own."""
        for i in range(len(self._levels)) if module is None else (module.index,):
            self._levels[i] = level

    def max_level(self):
        """The highest level of logging that the client asked for."""
        return max(self._levels)

    def push_log(self, level, module, text):
        """Send a log message where it was asked for and finds room; the next one tells how many did not."""
        if level > self._levels[-1 if module is None else module.index]:
            return
        if self._dropped:
            text = "(%d messages before this one were dropped) %s" % (self._dropped, text)
        # in bytes of its own: whoever logs may be about to send what is in the node's encoder
        line = ("log %s:%s %s\n" % (module.name if module else ".", log.NAMES[level], json.dumps(text))).encode()
        if self._fits(len(line)) and self._pending == self._none:
            self._out_view[self._tail : self._tail + len(line)] = line
            self._tail += len(line)
            self._dropped = 0
            self.pushed()
        else:
            self._dropped += 1

    def owe(self, accessible, urgent):
        """Note that the value of a parameter has to be sent; before the reply, if it is urgent."""
        i, bit = accessible.index >> 3, 1 << (accessible.index & 7)
        self._pending[i] |= bit
        if urgent:
            self._urgent[i] |= bit

    def forget(self, accessible):
        """The value of a parameter need not be sent any more."""
        i, bit = accessible.index >> 3, 1 << (accessible.index & 7)
        self._pending[i] &= ~bit
        self._urgent[i] &= ~bit

    def _next_owed(self):
        # side effects in the order of the parameters, status before target; the others beginning behind the last one, so that
        # frequent updates can't keep them from a slow client
        urgent = self._urgent != self._none
        bits = self._urgent if urgent else self._pending
        if bits != self._none:
            parameters = self.node.parameters
            turn = -1 if urgent else self._turn
            for _ in range(len(parameters)):
                turn = (turn + 1) % len(parameters)
                if bits[turn >> 3] >> (turn & 7) & 1:
                    if not urgent:
                        self._turn = turn
                    return parameters[turn]
        return None

    def _fill(self):
        # put owed updates into _out; gives the one that is longer than _out altogether
        while self._whole and self._turns != _REPLY:
            line = None
            accessible = self._next_owed()
            if accessible is not None:
                self.node.encode_update(accessible)
                encoder = self.node.encoder
                try:
                    if self._fits(encoder.length):
                        self._tail += encoder.copy(self._out, self._out_view, self._tail)
                    elif not self._tail:
                        line = encoder.line()
                    else:
                        if not self._turns:
                            self._turns = _UPDATE
                        return None
                finally:
                    encoder.length = 0
                self.forget(accessible)
            self._turns = _REPLY if self._turns == _UPDATE_REPLY else _FREE
            if accessible is None or line:
                return line
        return None

    async def _write(self, stream):
        try:
            while True:
                long_line = self._fill()
                n = self._tail
                if not long_line and not n:
                    if not self._wake:
                        self._writer = None
                        return
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                self._since = time.ticks_ms()
                self._sending = True
                stream.write(long_line or self._out_view[:n])
                await stream.drain()
                self._sending = False
                self._sent(0 if long_line else n)
        except Exception as e:
            if not isinstance(e, OSError):
                log.traceback("", e)
            self.give_up()
