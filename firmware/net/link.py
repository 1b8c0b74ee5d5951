"""The written contract of a connection to a network, and what all of them have in common: net/wifi.py, net/ethernet.py.

A connection counts as up when it can be used, and as down when nothing is heard any more, even where the board calls itself
connected. What is wrong is told on the console, once.
"""

import asyncio

import network
from micropython import const
from net import dns, udp
from secnode import log, pace

_PAUSE = const(1000)  # ms between two tries, doubled each time, up to Link.longest
_PROBE = const(20)  # s from one look whether anything gets through to the next
_DEAF = const(3)  # such looks in vain before it connects again, twice as many each time, up to
_DEAFEST = const(48)


class Link:
    """A connection that is held for ever by its task run(). Making it may take a second: do it before anything heats.

    `settings` is where the sections of `section` and "ntp" are found (docs/network.md). `name` is the host name where they have
    none. Others read `up` (an asyncio.Event), `address` of this board and `dns` of the DNS server (numeric, "" at first),
    `name` and `time_server`.
    """

    section = ""  # of settings.json
    kind = ""  # for people
    look = 10  # s from one look at the address to the next
    longest = 30000  # ms between two tries

    def __init__(self, settings, name):
        self.up = asyncio.Event()
        self.address = ""
        self.dns = ""
        self.time_server = settings.text("ntp", "server", "pool.ntp.org", 0, 253)
        self.name = _label(settings.text(self.section, "hostname", name, 1, 32))
        network.hostname(self.name)
        self._told = None
        self._patience = 0  # looks in vain before it connects again; 0 as long as the DNS server never answered

    # ---- what a kind of connection brings

    def begin(self):
        """Begin anew: what was, ends. Returns at once."""

    async def connect(self):
        """One try, until the connection can be used; gives what went wrong, or None."""
        raise NotImplementedError

    def lost(self):
        """How the connection was lost, or None while it is there. Returns at once."""
        raise NotImplementedError

    def addresses(self):
        """(address of this board, address of the DNS server), numeric; "0.0.0.0" where there is none. Returns at once."""
        raise NotImplementedError

    # ----

    async def run(self, clients, announce):
        """Connect, for ever. `clients` (transport.tcp.Server) has alive(), whether a client is surely there, and end_all().

        `announce()` is called whenever the board has a new address.
        """
        pause = _PAUSE
        while True:
            try:
                self.begin()
                await pace.sleep_ms(pause)
                why = await self.connect()
                if not why:
                    pause = _PAUSE // 2
                    self._greet(announce)
                    why = await self._watch(clients, announce)
                    clients.end_all()
                self._tell(why)
            except Exception as e:
                log.traceback("", e)  # e.g. no memory, or the radio: the next try may be better
            self.up.clear()
            pause = min(pause * 2, self.longest)

    def _tell(self, why):
        # what is wrong for an hour is told once
        if why != self._told:
            self._told = why
            log.error("", "%s: %s", self.kind, why)

    def _greet(self, announce):
        self.address, self.dns = self.addresses()
        self._told = None
        self.up.set()
        log.info("", "%s is up: %s, %s.local", self.kind, self.address, self.name)
        announce()

    async def _watch(self, clients, announce):
        """Until the connection is lost; gives how."""
        seconds = silent = 0
        while True:
            await pace.sleep_ms(1000)
            why = self.lost()
            if why:
                return why
            seconds += 1
            if seconds % self.look == 0:
                address, self.dns = self.addresses()
                if address == "0.0.0.0":
                    return "the address is lost"
                if address != self.address:
                    # who is connected spoke to the old one
                    clients.end_all()
                    self._greet(announce)
            if seconds % _PROBE == 0:
                silent += 1
                if await self._is_heard():
                    silent = 0
                    self._patience = _DEAF
                # a DNS server may be off while all else is well
                elif silent >= self._patience > 0 and not clients.alive():
                    self._patience = min(silent * 2, _DEAFEST)
                    return "connected, but nothing gets through any more"

    async def _is_heard(self):
        return udp.is_address(self.dns) and await dns.lookup(self.dns, self.time_server) is not None


def _label(text):
    """A host name: what is no letter, digit or hyphen becomes one."""
    text = "".join([c if c in "0123456789abcdefghijklmnopqrstuvwxyz" else "-" for c in text.lower()])
    return text[:32].strip("-") or "secnode"
