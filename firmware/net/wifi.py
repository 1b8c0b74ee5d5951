"""Stays connected to a Wi-Fi network, whatever happens to it, and tells on the console what is wrong.

A connection counts as up when it was there for some seconds, and as down when nothing is heard any more, even where the
board calls itself connected. Neither the name of the network nor its password is ever told.
"""

import asyncio

import network
from micropython import const
from net import dns, udp
from secnode import log, pace

_TRY = const(60)  # s for a try
_EARLY = const(15)  # s; before, an ESP32 may still give the reason of an earlier failure
_STABLE = const(5)  # s that a connection has to last before it counts
_PAUSE = const(1000)  # ms between two tries, doubled each time, up to
_LONGEST = const(30000)
_LOOK = const(10)  # s from one look at the address to the next
_PROBE = const(20)  # s from one look whether anything gets through to the next
_DEAF = const(3)  # such looks in vain before it connects again, twice as many each time, up to
_DEAFEST = const(48)
_HANDSHAKE = (15, 204)  # an ESP32's reasons that mean a wrong password as well
_RECONNECTS = const(2)  # an ESP32's own tries; without a limit it never says what is wrong


class Wifi:
    """The board's connection to a network. Making it switches the radio on, which may take 2 s: do it before anything heats.

    `settings` is where "wifi" and "ntp" are found (docs/network.md). `name` is the host name where they have none.
    Raises OSError where the radio can't be switched on, ValueError for a country that it does not know.
    """

    def __init__(self, settings, name):
        self.up = asyncio.Event()
        self.address = ""  # of this board, numeric
        self.dns = ""  # of the DNS server
        self._ssid = settings.text("wifi", "ssid", "", 1, 32)
        self._password = settings.text("wifi", "password", "", 8, 64)
        self.time_server = settings.text("ntp", "server", "pool.ntp.org", 0, 253)
        self._status = 0
        self._told = None
        self._patience = 0  # looks in vain before it connects again; 0 as long as the DNS server never answered
        country = settings.text("wifi", "country", "", 2, 2)
        if country:
            network.country(country)
        self.name = _label(settings.text("wifi", "hostname", name, 1, 32))
        network.hostname(self.name)
        self._wlan = wlan = network.WLAN()
        wlan.active(True)
        wlan.config(pm=wlan.PM_NONE)  # asleep it misses what is sent to it
        if network.STAT_IDLE:
            wlan.config(reconnects=_RECONNECTS)  # ESP32

    async def run(self, clients, announce):
        """Connect, for ever. `clients` (transport.tcp.Server) has alive(), whether a client is surely there, and end_all().

        `announce()` is called whenever the board has a new address.
        """
        pause = _PAUSE
        while True:
            try:
                self._wlan.disconnect()
                await pace.sleep_ms(pause)
                why = await self._connect()
                if not why:
                    pause = _PAUSE // 2
                    self._greet(announce)
                    why = await self._watch(clients, announce)
                    clients.end_all()
                self._tell(why)
            except Exception as e:
                log.traceback("", e)  # e.g. no memory, or the radio: the next try may be better
            self.up.clear()
            pause = min(pause * 2, _LONGEST)

    def _tell(self, why):
        # what is wrong for an hour is told once
        if why != self._told:
            self._told = why
            log.error("", "Wi-Fi: %s", why)

    async def _connect(self):
        """One try; gives what went wrong."""
        wlan = self._wlan
        wlan.connect(self._ssid, self._password or None)
        for second in range(_TRY):
            await pace.sleep_ms(1000)
            self._status = status = wlan.status()
            if wlan.isconnected():
                for _ in range(_STABLE):
                    await pace.sleep_ms(1000)
                    if not wlan.isconnected():
                        return "connected, and lost again within %d s" % _STABLE
                return None
            if second >= _EARLY and status < network.STAT_IDLE:
                if status == network.STAT_WRONG_PASSWORD or status in _HANDSHAKE:
                    return "the access point refuses the password"
                if status == network.STAT_NO_AP_FOUND:
                    return "no access point of this name is in reach"
                return "the access point can't be joined (status %d)" % status
        return "no connection within %d s (status %d)" % (_TRY, self._status)

    def _greet(self, announce):
        self.address, _, _, self.dns = self._wlan.ifconfig()
        self._told = None
        self.up.set()
        log.info("", "Wi-Fi is up: %s, %s.local", self.address, self.name)
        announce()

    async def _watch(self, clients, announce):
        """Until the connection is lost; gives how."""
        seconds = silent = 0
        while True:
            await pace.sleep_ms(1000)
            if not self._wlan.isconnected():
                return "the connection is lost"
            seconds += 1
            if seconds % _LOOK == 0:
                address, _, _, self.dns = self._wlan.ifconfig()
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
