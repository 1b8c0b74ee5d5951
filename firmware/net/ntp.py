"""Sets the board's clock by NTP (RFC 5905, as a simple client), while everything else goes on."""

import os
from time import ticks_diff, ticks_ms

from micropython import const
from net import dns, udp
from secnode import log, pace

_PORT = const(123)
_TIMEOUT = const(2000)  # ms; a later answer would be a bad one
_FIRST = const(8000)  # ms from one try to the next, doubled each time, up to
_EVERY = const(3600000)
_SINCE_1900 = 2208988800


async def ask(host):
    """What an NTP server (numeric address) says: (seconds since 1970, ms), now. None where it says nothing that can be used."""
    question = bytearray(48)
    question[0] = 0x23  # version 4, client
    question[40:] = os.urandom(8)  # comes back: nobody who does not see it can answer
    answer = bytearray(48)
    asked = ticks_ms()
    if await udp.ask(host, _PORT, question, answer, _TIMEOUT) < 48:
        return None
    passed = ticks_diff(ticks_ms(), asked)
    # a server's answer, of a server that knows the time and is willing to tell it
    if answer[0] & 7 != 4 or answer[0] >> 6 == 3 or not 0 < answer[1] < 16 or answer[24:32] != question[40:]:
        return None
    if not any(answer[40:48]):
        return None  # 0 means that it does not know
    received, received_ms = _time(answer, 32)
    sent, ms = _time(answer, 40)
    # half of what the way there and back took; nothing that a server says makes that longer than it was
    ms += max(passed - max((sent - received) * 1000 + ms - received_ms, 0), 0) // 2
    return sent + ms // 1000, ms % 1000


async def _up(links):
    while True:
        for link in links:
            if link.up.is_set():
                return link
        await pace.sleep_ms(1000)


def _time(answer, pos):
    seconds = int.from_bytes(answer[pos : pos + 4], "big") - _SINCE_1900
    if seconds < 0:
        seconds += 1 << 32  # it wraps in 2036
    return seconds, (answer[pos + 4] << 8 | answer[pos + 5]) * 1000 >> 16


async def run(links, set_clock):
    """A task that sets the clock once an hour, by the `time_server` (a name or numeric address) of `links` (net.link.Link).

    The first of them that is up says which DNS server there is. `set_clock(seconds since 1970, ms)` is drivers.rtc.set_clock.
    """
    server = links[0].time_server
    pause = _FIRST
    told = None
    while True:
        try:
            link = await _up(links)
            address = server if udp.is_address(server) else await dns.lookup(link.dns, server)
            now = await ask(address) if address else None
            if now:
                await set_clock(*now)
            good = now is not None
            if good is not told:
                told = good
                log.info("", "NTP: the clock is set by %s" if good else "NTP: no time from %s", server)
        except Exception as e:
            good = False
            log.traceback("", e)  # e.g. no memory: the next time may be better
        await pace.sleep_ms(_EVERY if good else pause)
        pause = _FIRST if good else min(pause * 2, _EVERY)
