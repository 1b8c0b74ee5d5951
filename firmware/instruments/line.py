"""An instrument that answers each line with a line, as most with a serial port do."""

import asyncio
import time

from instruments import forms
from micropython import const
from secnode import errors, log

_AGAIN = const(400)  # ms after which an instrument that was lost is looked for again; a poll in between fails at once
_NOISE = const(4)  # so many time-outs: what never is silent for as long as one of them is no instrument


class LineDevice:
    """An instrument at a Wire. It asks one question at a time, and gives an answer to that very one, or an error.

    `send_end` and `end` are the bytes that end a request and an answer. `identify` is the request for what the instrument is,
    `identity` what the answer has to begin with: asked at the start and after each loss. `timeout` (ms) is how long an answer
    may take to be there, `retries` how often a request is sent again, `pause` (ms) what the instrument wants between two.
    With `echo` it says each request back before it answers. `prefix` goes before each request, e.g. an address.

    After an answer that did not come, or made no sense, the wire has to be silent for a `timeout`, and `identify` has to be
    answered: what comes meanwhile belonged to an earlier request, and is thrown away.

    An answer is looked at as it is put together; a request makes some 370 B of garbage on a board, and keeps nothing.
    """

    sets = False  # whether a module sets something at it

    def __init__(
        self, wire, identify=None, identity="", send_end=b"\r\n", end=b"\r\n", timeout=500, retries=2, pause=0, echo=False,
        prefix="",
    ):  # fmt: skip
        if not send_end or not end:
            raise ValueError("a request and an answer have to end by something")
        if identify and not identity:
            raise ValueError("identify needs an identity: what the answer begins with")
        self.wire = wire
        self.identify = identify
        self.identity = identity
        self.send_end = send_end
        self.end = end
        self.timeout = timeout
        self.retries = retries
        self.pause = pause
        self.echo = echo
        self.prefix = prefix
        self.called = identity or "an instrument"  # in the log
        self.trouble = None  # why it is lost, in words
        self._other = None  # what answered in its place
        self._said = b""  # what it answered to identify
        self._tried = 0  # when it was last looked for
        self._doubt = True  # an answer of before may still come, or nobody knows who is there
        self._quiet = 0  # ms of silence until it can't

    def ask(self, request, form="%s", urgent=False, known=()):
        """Send a request; gives the answer by a form (forms.py), a str as it is. `urgent` goes before all that is not.

        An answer of another form that is in `known` is given as it is. To be awaited. Raises CommunicationFailed where there is
        none that makes sense, HardwareError where another instrument answers.
        """
        return self._serve(request, form, urgent, known)

    def tell(self, request, urgent=True):
        """Send a request that has no answer. Nobody knows then whether it arrived: ask what came of it. To be awaited."""
        return self._serve(request, None, urgent, ())

    async def exchange(self, request):
        """Send a request and read its answer into wire.buffer; what has another dialogue than a line each way overrides this.

        Raises CommunicationFailed. Late answers, retries and whose turn it is are none of its business.
        """
        wire = self.wire
        ms = 0
        if self.pause or self.echo or wire.direction:
            await self.send(request)
        else:  # nothing has to be waited for: a coroutine less
            wire.begin()
            data = (self.prefix + request if self.prefix else request).encode() + self.send_end
            ms = wire.write(data)
            while ms < 0:
                await asyncio.sleep_ms(2)
                ms = wire.write(data)
            wire.last = time.ticks_ms()
        if await wire.read_line(self.end, self.timeout + ms) < 0:
            raise errors.CommunicationFailed(
                "half an answer to %s: %s" % (request, wire.said()) if wire.length else "no answer to %s" % request
            )

    async def send(self, request):
        """Send a request, after the pause, and take its echo. Raises CommunicationFailed where that is not the request."""
        wire = self.wire
        left = self.pause - time.ticks_diff(time.ticks_ms(), wire.last)
        if 0 < left <= self.pause:
            await asyncio.sleep_ms(left)
        data = (self.prefix + request).encode()
        await wire.send(data + self.send_end)
        wire.last = time.ticks_ms()
        if self.echo and (await wire.read_line(self.send_end, self.timeout) < 0 or wire.buffer[: wire.length] != data):
            raise errors.CommunicationFailed("no echo of %s" % request)

    async def _serve(self, request, form, urgent, known):
        wire = self.wire
        number = wire.queue(urgent)
        mine = False
        try:
            while not wire.turn(number):
                await asyncio.sleep_ms(2)
            mine = True
            tries = 1 + self.retries
            if self.trouble:
                if 0 <= time.ticks_diff(time.ticks_ms(), self._tried) < _AGAIN:
                    raise errors.CommunicationFailed(self.trouble)
                tries = 1
            while True:
                tries -= 1
                try:
                    if self._doubt or not wire.opened():
                        await self._find()
                    # until it is answered; whoever asks may be cancelled
                    self._doubt = True
                    self._quiet = self.timeout
                    if form is None:
                        await self.send(request)
                        value = None
                    else:
                        await self.exchange(request)
                        if self._is_late(request):
                            await self._late(request)
                        value = self._parsed(request, form, known)
                except errors.SECoPError as e:
                    if isinstance(e, errors.HardwareError) or tries <= 0:
                        self._lose(e.text)
                        raise
                else:
                    self._doubt = False
                    if self.trouble:
                        self.trouble = None
                        log.info("", "%s answers again", self.called)
                    if isinstance(value, errors.SECoPError):
                        raise value  # an answer as well
                    return value
        finally:
            wire.leave(number, mine)

    async def _late(self, request):
        # what identify was answered with, once more: the answer to the request comes after it
        while self._is_late(request):
            if await self.wire.read_line(self.end, self.timeout) < 0:
                raise errors.CommunicationFailed("no answer to %s" % request)

    def _is_late(self, request):
        # only what it said word for word: an answer may begin like a short identity
        said = self._said
        wire = self.wire
        if not said or request == self.identify or wire.length != len(said):
            return False
        for i in range(len(said)):
            if wire.buffer[i] != said[i]:
                return False
        return True

    def _parsed(self, request, form, known):
        wire = self.wire
        try:
            for i in range(wire.length):
                if not 32 <= wire.buffer[i] < 127 and wire.buffer[i] != 9:
                    raise ValueError
            return forms.parsed(form, wire.buffer, wire.length)
        except ValueError:
            said = wire.said()
            if said in known:
                return said
            raise errors.CommunicationFailed("the answer to %s makes no sense: %s" % (request, said))

    def _is_identity(self):
        # without making anything of it
        wire = self.wire
        if wire.length < len(self.identity):
            return False
        i = 0
        for c in self.identity:
            if wire.buffer[i] != ord(c):
                return False
            i += 1
        return True

    async def _find(self):
        # be sure that there is a connection, that no answer of before is under way, and who is there
        if not self.wire.opened():
            await self.wire.open(self.timeout)
        if self._quiet and not await self.wire.silence(self._quiet, _NOISE * self._quiet):
            raise errors.CommunicationFailed("the line is never silent")
        self._quiet = self.timeout
        if self.identify:
            await self.recognise()

    async def recognise(self):
        """Ask who is there. Raises HardwareError if it is another instrument, CommunicationFailed if nobody answers."""
        await self.exchange(self.identify)
        other = None
        while not self._is_identity():
            other = self.wire.said()
            if await self.wire.read_line(self.end, self.timeout) < 0:
                # once it may have been an answer of before, and that of now is lost
                again = other == self._other
                self._other = other
                kind = errors.HardwareError if again else errors.CommunicationFailed
                text = "another instrument answers to %s: %s instead of %s"
                raise kind(text % (self.identify, other, self.identity))
        self._other = None
        said = bytes(self.wire.buffer[: self.wire.length])
        if said != self._said:
            self._said = said

    def _lose(self, text):
        if not self.trouble:
            log.error("", "%s: %s", self.called, text)
        self.trouble = text
        self._tried = time.ticks_ms()
