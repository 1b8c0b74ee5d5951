"""A session on a serial line, which has no begin and no end: nobody sees a client come or go there."""

import asyncio
import time

from micropython import const
from secnode import pace, requests
from secnode.outbox import BROKEN, FREE, STREAMING
from secnode.session import Session

_ASKS = const(5)  # bytes of *IDN?
_STILL = const(30)  # ms without a byte after which the line counts as quiet
_STUCK = const(10000)  # the same where a line has begun and not ended
_SUSPECT = const(200)  # ms after a stop of the whole board in which requests may lack bytes


class SerialSession(Session):
    """Whoever is at the other end, and after every start, is answered `error_closed` until it says `*IDN?`.

    Silence, however long, ends nothing.
    """

    is_serial = True

    def __init__(self, node):
        Session.__init__(self, node)
        self._wake = asyncio.Event()

    def serve(self, stream, first=b""):
        """As of any session. `stream` has `share`, `busy` and `readable`, too."""
        self.closed = True
        self._most_unasked = stream.share  # a reply must not wait for many updates
        self._begun = None  # ticks when the request that is coming in began
        self._cut = None  # ticks until which one that begins may lack bytes
        self._came = time.ticks_ms()  # ticks of the last byte
        return Session.serve(self, stream, first)

    def is_quiet(self):
        """Whether nothing comes in just now, so that the board may stop for a moment without missing any of it."""
        if self.phase == FREE:
            return True
        if self._is_asked() or self.stream.readable():
            return False
        # a line that does not go on is noise, or somebody who types slowly
        return time.ticks_diff(time.ticks_ms(), self._came) >= (_STILL if self._begun is None else _STUCK)

    def cut(self):
        """The board has stopped for a moment: what came meanwhile lacks bytes, and is refused."""
        if self.phase != FREE and (self._begun is not None or self.stream.readable()):
            self._cut = time.ticks_add(time.ticks_ms(), _SUSPECT)

    def _keep_recent(self, now):
        Session._keep_recent(self, now)
        self._came = pace.recent(self._came, now)
        if self._begun is not None:
            self._begun = pace.recent(self._begun, now)
        if self._cut is not None:
            self._cut = pace.recent(self._cut, now)

    def _before_reading(self, stream, begin, fill):
        # of `fill` bytes, those from `begin` on are a line that has not ended
        if not fill:
            self._begun = None
        elif begin:
            self._begun = self._came
        # the next request can hardly come before the answer has left
        self._heard = time.ticks_add(time.ticks_ms(), stream.busy())

    def _after_reading(self):
        self._came = time.ticks_ms()
        if self._begun is None:
            self._begun = self._came

    def _line(self, begin, end, too_long):
        damaged = self._cut is not None and time.ticks_diff(self._cut, self._begun) > 0  # type: ignore - it has begun
        if not damaged:
            self._cut = None
        # before it may stand what an earlier client did not end, or noise
        if self.buf.find(b"*IDN?", max(end - _ASKS, begin), end) >= 0:
            self.closed = False
            self.begin = max(end - _ASKS, begin)
            self.space = self.spec = self.stop = self.data = self.end = end
            return requests.handle(self)
        if self.closed:
            self.node.encoder.word(b"error_closed")
            return self.reply()
        if damaged:
            return self._refuse(begin, end, "the line may lack bytes: flash was written meanwhile")
        return Session._line(self, begin, end, too_long)

    def pushed(self):
        """Send what push() has left."""
        self._have_written()  # the writing task keeps it here until it is on the line: no second one gets before an answer

    async def _reply_later(self, line, a, before):
        # answers stay whole: between two of them there is a turn for an update
        while self._waiting and len(line) > len(self._out) - self._waiting:
            if self.phase != BROKEN:
                self.phase = STREAMING
            await self._progress()
        await Session._reply_later(self, line, a, before)
