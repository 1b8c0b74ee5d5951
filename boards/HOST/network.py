"""MicroPython's `network` for the simulated board: one access point, "HOST" with the password "secnode-host", and its faults.

It answers in control time (pace.py), with the status codes of an RP2040 or, by `behave_as("esp32")`, of an ESP32. Where it
is imported, the board's TCP and net.udp go through the air: what is sent while nothing gets through waits, or is lost.
"""

import asyncio
import os
import struct
import time

from net import udp
from secnode import pace

SSID = "HOST"
PASSWORD = "secnode-host"

# what can be wrong, and what it does
FAULTS = {
    "ap_gone": "the access point is off",
    "ap_deaf": "the board calls itself connected, and nothing gets through",
    "ap_flapping": "each connection is lost after 2 s",
    "ap_password": "the access point has another password",
    "dhcp_silent": "nobody gives an address",
    "dhcp_renewed": "the board gets another address",
    "dns_silent": "the DNS server is off",
    "ntp_silent": "the NTP server is off",
}

_NAMES = (
    "STAT_IDLE",
    "STAT_CONNECTING",
    "_NO_IP",
    "STAT_GOT_IP",
    "STAT_CONNECT_FAIL",
    "STAT_NO_AP_FOUND",
    "STAT_WRONG_PASSWORD",
)
_CODES = {
    "rp2": dict(zip(_NAMES, (0, 1, 2, 3, -1, -2, -3))),
    "esp32": dict(zip(_NAMES, (1000, 1001, 1001, 1010, 203, 201, 202))),
}
STAT_IDLE = STAT_CONNECTING = _NO_IP = STAT_GOT_IP = STAT_CONNECT_FAIL = STAT_NO_AP_FOUND = STAT_WRONG_PASSWORD = 0
_NEVER = -1  # of an ESP32's reconnects: no limit

_JOIN, _DHCP, _TRY = 1000, 2000, 2500  # ms after connect()
_FLAP = 2000
_NOTICE = 6000  # ms until a board notices that the access point is gone
_DNS = "192.0.2.1"
NTP_ADDRESS = "192.0.2.123"


def behave_as(port):
    """Have the status codes of "rp2" or "esp32"."""
    globals().update(_CODES[port])
    air.port = port


class Air:
    """The surroundings of the board."""

    port = "rp2"

    def __init__(self):
        self.broken = "none"
        self.since = 0  # ticks
        self.address = 2  # the last number
        self.wlan = None
        self.names = []  # host name and country, as they were when the radio was switched on

    def fault(self, name):
        """Break a part, or with "none" mend it. Raises KeyError for a name that is not in FAULTS."""
        if name != "none":
            FAULTS[name]
        now = pace.ticks_ms()
        if self.wlan is not None:
            self.wlan.begin_anew(now)
        self.since = now
        self.broken = name
        self.address += name == "dhcp_renewed"

    def through(self):
        """Whether something sent would arrive."""
        return self.broken not in ("ap_gone", "ap_deaf") and self.wlan is not None and self.wlan.isconnected()


air = Air()
behave_as("rp2")
_hostname = "PicoW"
_country = "XX"


def hostname(name=None):
    global _hostname
    if name is None:
        return _hostname
    if len(name) > 32:
        raise ValueError
    _hostname = name


def country(code=None):
    global _country
    if code is None:
        return _country
    if len(code) != 2:
        raise ValueError
    _country = code


class WLAN:
    """The one interface, as a station."""

    PM_NONE = 0x10
    IF_STA = 0

    def __init__(self, interface=IF_STA):
        air.wlan = self
        self._on = False
        self._begin = None  # of connecting, in ticks
        self._ssid = self._key = None
        self._reconnects = _NEVER
        self._reason = 0  # why the last try failed; an ESP32's stays until there is an address
        self.settings = {}

    def active(self, on=None):
        if on is None:
            return self._on
        self._on = on
        air.names = [_hostname, _country]

    def config(self, **settings):
        if "reconnects" in settings:
            if air.port == "rp2":
                raise ValueError("unknown config param")
            self._reconnects = settings["reconnects"]
        self.settings.update(settings)

    def connect(self, ssid, key=None):
        if not self._on:
            raise OSError(12289)
        self._ssid, self._key = ssid, key
        self._begin = pace.ticks_ms()

    def begin_anew(self, now):
        """What was not connected meets other surroundings."""
        if self._begin is not None and not self.isconnected():
            self._begin = now

    def disconnect(self):
        self._begin = None

    def scan(self):
        """What is in reach: name, BSSID, channel, signal in dBm, security, whether it is hidden."""
        return [] if air.broken == "ap_gone" else [(SSID.encode(), b"\2\0\0\0\0\1", 6, -40, 3, 0)]

    def isconnected(self):
        return self.status() == STAT_GOT_IP

    def status(self):
        found = self._found()
        if found == STAT_GOT_IP:
            self._reason = 0
        elif air.port == "esp32" and self._reason in (STAT_NO_AP_FOUND, STAT_WRONG_PASSWORD):
            return self._reason
        return found

    def _found(self):
        if self._begin is None:
            return STAT_IDLE
        now = pace.ticks_ms()
        passed = pace.ticks_diff(now, self._begin)
        if air.broken == "ap_gone":
            if pace.ticks_diff(air.since, self._begin) > _DHCP:  # it was connected
                return STAT_GOT_IP if pace.ticks_diff(now, air.since) < _NOTICE else self._failed(passed, STAT_NO_AP_FOUND)
            return self._failed(passed, STAT_NO_AP_FOUND)
        if self._ssid != SSID:
            return self._failed(passed, STAT_NO_AP_FOUND)
        if self._key != PASSWORD or air.broken == "ap_password" and pace.ticks_diff(air.since, self._begin) <= 0:
            # an ESP32 says rather this
            return self._failed(passed, 15 if air.port == "esp32" else STAT_WRONG_PASSWORD)
        if passed < _JOIN:
            return STAT_CONNECTING
        if passed < _DHCP or air.broken == "dhcp_silent" and pace.ticks_diff(air.since, self._begin) <= 0:
            return _NO_IP
        if air.broken == "ap_flapping" and passed > _DHCP + _FLAP:
            return self._failed(passed, STAT_CONNECT_FAIL)
        return STAT_GOT_IP

    def _failed(self, passed, status):
        if passed >= _TRY:
            self._reason = status
        # an ESP32 tries again by itself
        tries = 1 if air.port == "rp2" else 1 + self._reconnects
        return STAT_CONNECTING if passed < _TRY * tries or not tries else status

    def ifconfig(self):
        if not self.isconnected():
            return "0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0"
        return "192.0.2.%d" % air.address, "255.255.255.0", "192.0.2.1", _DNS


# ---- the air


async def _ask(host, port, question, answer, timeout):
    """In place of udp.ask: a DNS and an NTP server, with the PC's time or what SECNODE_NTP (HOST:PORT) says."""
    found = b""
    if air.through():
        if port == 53 and host == _DNS and air.broken != "dns_silent":
            numbers = bytes([int(part) for part in NTP_ADDRESS.split(".")])
            found = bytes(question[:2]) + b"\x81\x80\0\1\0\1\0\0\0\0" + bytes(question[12:])
            found += b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + numbers
        elif port == 123 and host == NTP_ADDRESS and air.broken != "ntp_silent":
            server = os.getenv("SECNODE_NTP")
            if server:
                host, port = server.split(":")
                return await _real_ask(host, int(port), question, answer, timeout)
            found = _ntp(question)
    if not found:
        await pace.sleep_ms(timeout)
    answer[: len(found)] = found
    return len(found)


def _ntp(question):
    now = time.time_ns()
    stamp = struct.pack(">II", now // 1000000000 + 2208988800, (now % 1000000000 << 32) // 1000000000)
    return b"\x24\x02\0\0" + bytes(20) + bytes(question[40:48]) + stamp + stamp


_real_ask, udp.ask = udp.ask, _ask


class _Stream:
    """An asyncio stream through the air."""

    def __init__(self, stream):
        self._stream = stream
        self._waiting = b""
        self.get_extra_info = stream.get_extra_info
        self.close, self.wait_closed = stream.close, stream.wait_closed

    async def readinto(self, buf):
        n = await self._stream.readinto(buf)
        await _until_through()
        return n

    def write(self, buf):
        self._waiting += bytes(buf)

    async def drain(self):
        await _until_through()
        self._stream.write(self._waiting)
        self._waiting = b""
        await self._stream.drain()


async def _until_through():
    # where a node switches no radio on, its board is on the PC's network
    while air.wlan is not None and not air.through():
        await asyncio.sleep_ms(10)


async def _serve(client, *args):
    async def through_the_air(stream, _):
        await _until_through()
        stream = _Stream(stream)
        await client(stream, stream)

    return await _start_server(through_the_air, *args)


_start_server, asyncio.start_server = asyncio.start_server, _serve
