"""The surroundings of the simulated board's networks: what may be wrong with them, and what gets through.

Where this is imported, the board's TCP and net.udp go through it: what is sent while nothing gets through waits, or is lost.
"""

import asyncio
import os
import struct
import time

from net import udp
from secnode import pace
from transport import tcp

# what can be wrong, and what it does
FAULTS = {
    "ap_gone": "the access point is off",
    "ap_deaf": "the board calls itself connected, and nothing gets through",
    "ap_flapping": "each connection is lost after 2 s",
    "ap_password": "the access point has another password",
    "cable_pulled": "the network cable is pulled out",
    "switch_deaf": "the switch keeps the link up, and nothing gets through",
    "dhcp_silent": "nobody gives an address",
    "dhcp_renewed": "the board gets another address",
    "dns_silent": "the DNS server is off",
    "ntp_silent": "the NTP server is off",
}

DNS = "192.0.2.1"
NTP_ADDRESS = "192.0.2.123"


class Air:
    """What the board's interfaces have around them."""

    port = "rp2"  # or "esp32": whose status codes they have, and whose habits

    def __init__(self):
        self.broken = os.getenv("SECNODE_NETWORK_FAULT") or "none"  # at power on
        self.since = 0  # ticks
        self.address = 2  # the last number
        self.wlan = None
        self.lan = None
        self.dns = "0.0.0.0"  # of the DNS server, as the board knows it
        self.names = []  # host name and country, as they were when the radio was switched on

    def fault(self, name):
        """Break a part, or with "none" mend it. Raises KeyError for a name that is not in FAULTS."""
        if name != "none":
            FAULTS[name]
        now = pace.ticks_ms()
        for nic in self._nics():
            nic.changes(now)
        self.since = now
        self.broken = name
        self.address += name == "dhcp_renewed"
        for nic in self._nics():
            nic.changed(now)

    def _nics(self):
        return [nic for nic in (self.wlan, self.lan) if nic is not None]

    def through(self):
        """Whether something sent would arrive."""
        return any([nic.carries() for nic in self._nics()])

    def is_lost(self):
        """Where a node switches no interface on, its board is on the PC's network."""
        return bool(self._nics()) and not self.through()


air = Air()


async def _ask(host, port, question, answer, timeout):
    """In place of udp.ask: a DNS and an NTP server, with the PC's time or what SECNODE_NTP (HOST:PORT) says."""
    found = b""
    if air.through():
        if port == 53 and host == DNS and air.broken != "dns_silent":
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


class _Connection(tcp.Connection):
    """A connection through them: all that its socket gives and takes."""

    def take(self, buf, view, pos):
        return None if air.is_lost() else _TcpConnection.take(self, buf, view, pos)

    def put(self, buf, n):
        return 0 if air.is_lost() else _TcpConnection.put(self, buf, n)

    async def readinto(self, buf):
        n = await _TcpConnection.readinto(self, buf)
        await _until_through()
        return n

    def write(self, buf):
        self.out_buf += bytes(buf)

    async def drain(self):
        await _until_through()
        await _TcpConnection.drain(self)


async def _until_through():
    while air.is_lost():
        await asyncio.sleep_ms(10)


async def _serve(client, *args):
    async def through_the_air(stream, _):
        await _until_through()
        await client(stream, stream)

    return await _start_server(through_the_air, *args)


_start_server, asyncio.start_server = asyncio.start_server, _serve
_TcpConnection, tcp.Connection = tcp.Connection, _Connection
