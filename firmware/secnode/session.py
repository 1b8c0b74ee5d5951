"""One client: from connecting to its end, and the lines that come in. What goes out is outbox.py's.

All that a client can make the node keep is allocated at start. Two tasks belong to a client: one reads requests and answers
them one after the other, the other one writes what the connection did not take at once.

What comes and goes all the time allocates nothing: lines are looked at where they lie in the buffer, and coroutines are made
only where somebody has to wait. While requests come in quick succession the connection is asked for the next one over and
over, since to be woken by it asyncio allocates some 100 bytes.
"""

import asyncio
import time

from micropython import const
from secnode import errors, log, message, outbox, pace, requests

_LINE = const(1024)  # bytes of the longest request, without its line end
_KEEP = const(128)  # of a longer one: enough to repeat its action and specifier
_ASKS = const(5)  # bytes of *IDN?
_SPIN = const(5)  # ms after a request in which the next one is looked for all the time,
_SPINS = const(100)  # but no more often than this, so that a PC's processor is left to others,
_WATCH = const(100)  # and in which it is every ms
_LINGER = const(2000)  # ms for the last replies to leave when the client has ended
_LOOKS = const(30)  # of 10 ms: for so long what a client goes on to send is thrown away, until it was quiet for
_CALM = const(5)  # of them
_AGAIN = const(10)  # ms until it is tried again what there was no memory for
_STALL = const(20000)  # ms without any progress in sending before the client is given up
_FORGET = const(12000)  # ms more for the others then: lwIP keeps what it had for that one for 10 s, and has no room for theirs
_IDLE = const(600000)  # ms without a request and without anything to send before it is; frappy pings after 5 s
_QUIET = const(60000)  # ms without a request after which an inactive client may lose its place to another one
_SILENT = const(10000)  # the same for one that never sent a request


class Session(outbox.Outbox):
    """A place for one client. What `serve` gives runs it from the connection's begin to its end; then the next one may come."""

    readonly = ""  # where the client may neither change nor do anything: the reason, a text for it
    is_serial = False

    def __init__(self, node):
        outbox.Outbox.__init__(self, node)  # super() would take 32 bytes more
        self.buf = bytearray(_LINE + 2)
        self.view = memoryview(self.buf)

    # ---- from connect to disconnect

    def serve(self, stream, first=b""):
        """Gives the coroutine that serves a client until it ends or is given up; the place is taken from now on.

        `stream` is a transport.stream.Stream. `first` is what was read of it already, at most 1024 bytes.
        """
        serving = self._serve(stream, first)  # first: where there is no memory for it, the place stays free
        # where in the buffer the present request has its parts
        self.begin = self.space = self.spec = self.stop = self.data = self.end = 0
        # whether a line came that says something; None where it was none of SECoP, which ends a TCP connection
        self._spoke = self.is_serial
        self._heard = time.ticks_ms()  # the last line
        self._reader = None
        self._begin_sending()
        self.phase = outbox.READING
        self.stream = stream
        return serving

    async def _serve(self, stream, first):
        try:
            self._reader = asyncio.current_task()
            self.view[: len(first)] = first
            await self._read(stream, len(first))
            deadline = time.ticks_add(time.ticks_ms(), _LINGER)
            pause = 0
            while self._waiting and self.phase != outbox.BROKEN and time.ticks_diff(deadline, time.ticks_ms()) > 0:
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
                if self.stream:  # else somebody else goes on with it
                    stream.close()
                    await stream.wait_closed()
            finally:  # also where there is no memory for that
                self.stream = self._reader = None  # a task keeps what ended it
                self.phase = outbox.FREE

    def end_if_lost(self):
        """Give up a client that has not taken anything for too long, or that there was nothing to hear of or to say to.

        To be called about once a second, also since ticks come round.
        """
        if self.phase == outbox.FREE or self.phase == outbox.BROKEN:
            return
        now = time.ticks_ms()
        self._keep_recent(now)
        if not self._writer and self.phase != outbox.SORTING and self.phase != outbox.ANSWERING:
            self._send()  # where there was no memory for it
        if self.is_serial:
            return
        quiet = time.ticks_diff(now, self._since)
        if self._writing:
            if quiet > _STALL:
                log.info("", "a client took nothing for %d s: closed", _STALL // 1000)
                self.give_up()
                _wait_longer(self.node.sessions, now)
        elif not self._is_asked() and min(quiet, time.ticks_diff(now, self._heard)) > _IDLE:
            log.info("", "a client was silent for %d s: closed", _IDLE // 1000)
            self.give_up()

    def _keep_recent(self, now):
        # else these ticks would come round
        self._heard = pace.recent(self._heard, now)
        self._since = pace.recent(self._since, now)

    def _is_asked(self):
        return self.phase == outbox.ANSWERING or self.phase == outbox.AWAITING

    def spare(self):
        """For how many ms the place could have been another client's. Below 0: it could not."""
        if self.phase == outbox.FREE or self.phase == outbox.BROKEN or self._is_asked():
            return -1
        if self._waiting or any(self.active) or any(self.levels):
            return -1
        return time.ticks_diff(time.ticks_ms(), self._heard) - (_QUIET if self._spoke else _SILENT)

    # ---- what comes in

    async def _read(self, stream, fill):
        begin = search = 0
        too_long = False
        web = None if self.is_serial or stream.framed else self.node.web
        while True:
            if self.phase != outbox.BROKEN:
                self.phase = outbox.SORTING
            end = self.buf.find(b"\n", search, fill)
            while end >= 0:
                if web and web(stream, self.readonly, self.buf, fill):
                    self.stream = None
                    return
                web = None  # a connection's first line alone
                if self.phase != outbox.BROKEN:
                    self.phase = outbox.ANSWERING
                try:
                    answer = self._line(begin, end - 1 if end > begin and self.buf[end - 1] == 13 else end, too_long)
                    if answer is not None:
                        if self.phase != outbox.BROKEN:
                            self.phase = outbox.AWAITING
                        self._send()
                        await answer  # type: ignore - all but None can be
                except Exception as e:
                    answer = requests.failed(self, e)
                    if answer is not None:
                        if self.phase == outbox.ANSWERING:
                            self.phase = outbox.AWAITING
                        await answer
                if self._spoke is None:
                    return await self._turn_away(stream)
                too_long = False
                if self.phase != outbox.BROKEN:
                    self.phase = outbox.SORTING
                self._heard = time.ticks_ms()
                begin = search = end + 1
                end = self.buf.find(b"\n", search, fill)
                # what was asked at once is answered at once
                if end < 0:
                    self._send()
                # others get their turn, however much one client sends
                await asyncio.sleep_ms(0)
            self._send()
            if self.phase == outbox.BROKEN:
                return
            self.phase = outbox.READING
            if begin:
                if begin < fill:
                    try:
                        self.view[: fill - begin] = self.view[begin:fill]
                    except MemoryError:
                        for i in range(begin, fill):
                            self.buf[i - begin] = self.buf[i]
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
            if self.is_serial:
                self._before_reading(stream, begin, fill)  # type: ignore - of SerialSession
            n = None
            try:
                if stream.at_once:
                    n = stream.take(self.buf, self.view, fill)
            except MemoryError:
                pass  # later
            looks = 0
            while n is None:  # nothing came after all
                quiet = time.ticks_diff(time.ticks_ms(), self._heard)
                try:
                    # not while something is sent: whoever is woken comes sooner than who looks every ms
                    if stream.at_once and quiet < _WATCH and not self._writing:
                        looks += 1
                        await asyncio.sleep_ms(0 if quiet < _SPIN and looks < _SPINS else 1)
                        n = stream.take(self.buf, self.view, fill)
                    else:
                        n = await stream.readinto(self.view[fill:])
                except MemoryError:  # others have it: later
                    await asyncio.sleep_ms(_AGAIN)
            if not n:
                return
            if self.is_serial:
                self._after_reading()  # type: ignore
            begin = 0
            search = fill
            fill += n

    async def _turn_away(self, stream):
        """End a connection that was told why: not with bytes unread, or the client's network may drop the words."""
        if self.phase != outbox.BROKEN:
            self.phase = outbox.READING
        self._send()
        looks = quiet = 0
        while stream.at_once and looks < _LOOKS and quiet < _CALM:
            n = stream.take(self.buf, self.view, 0)
            if n == 0:
                return
            quiet = 0 if n else quiet + 1
            looks += 1
            await asyncio.sleep_ms(10)

    def _line(self, begin, end, too_long):
        # gives what has to be awaited, or None
        buf = self.buf
        first = not self._spoke
        if first and begin < end:
            self._spoke = True
        if too_long or end - begin > _LINE:
            if first:
                self._spoke = None
            return self._refuse(begin, begin + _KEEP, "the line is longer than %d bytes" % _LINE)
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
        return requests.handle(self)

    def words(self, begin, end):
        """A part of the present request, as bytes."""
        return bytes(self.view[begin:end])

    def _refuse(self, begin, end, text):
        # the specifier is repeated where it is sure that it was seen to its end
        words = bytes(self.view[begin : min(end, begin + _KEEP)]).split(b" ")
        whole = len(words) > (2 if end - begin >= _KEEP else 1)
        return requests.error(self, words[0], words[1] if whole else b"", errors.ProtocolError(text))


def _wait_longer(sessions, now):
    # what was for the one that was closed may be all that holds the others up
    for session in sessions:
        if session.phase != outbox.FREE and session._writing and time.ticks_diff(now, session._since) > _STALL - _FORGET:
            session._since = time.ticks_add(now, _FORGET - _STALL)
