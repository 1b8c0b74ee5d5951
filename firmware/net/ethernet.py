"""Stays connected to a wired network: cable pulled and put back, with and without a DHCP server, with another address."""

import network
from micropython import const
from net import udp
from net.link import Link
from secnode import log, pace

_LOOK = const(500)  # ms from one look at the link to the next
_TRY = const(10)  # s that a DHCP server has for an address


class Ethernet(Link):
    """The board's connection to a wired network (see Link) by `nic`, a network.WIZNET5K or network.LAN.

    Nothing here waits for an answer: `ifconfig("dhcp")` would, for 10 s, while the watchdog has 8. Making it switches `nic` on,
    which takes a W5500 0.4 s. Raises OSError where that fails.
    """

    section = "ethernet"
    kind = "Ethernet"
    look = 1
    longest = 1000  # ms: a cable that is put back is seen at once

    def __init__(self, settings, name, nic):
        super().__init__(settings, name)
        self._nic = nic
        self._fixed = None  # (address, mask), or None for DHCP
        self._gateway = settings.text("ethernet", "gateway", "", 0, 15)
        self._server = settings.text("ethernet", "dns", "", 0, 15)
        address = settings.text("ethernet", "address", "", 0, 18)
        if address:
            self._fixed = _parse(address)
            if not self._fixed or not all([udp.is_address(text) for text in (self._gateway, self._server) if text]):
                self._fixed = None
                log.error("", "Ethernet: address, gateway or dns in settings.json is none: a DHCP server is asked")
        nic.active(True)

    def begin(self):
        nic = self._nic
        if not self._fixed:
            if hasattr(network, "ETH_GOT_IP"):
                nic.ipconfig(dhcp4=False)  # an ESP32 goes on with the question it has, and pauses for up to a minute
            nic.ipconfig(dhcp4=True)
            return
        nic.ipconfig(dhcp4=False)
        nic.ipconfig(addr4=self._fixed)
        if self._gateway:
            nic.ipconfig(gw4=self._gateway)
        if self._server:
            network.ipconfig(dns=self._server)

    async def connect(self):
        linked = self._is_linked()
        waited = 0
        while waited < _TRY * 1000:
            if self._nic.isconnected() and self.addresses()[0] != "0.0.0.0":
                return None
            await pace.sleep_ms(_LOOK)
            waited += _LOOK
            was, linked = linked, self._is_linked()
            if linked and not was:
                self.begin()  # a W5500's DHCP does not see that, and pauses for up to a minute
                waited = 0
        return self._missing()

    def lost(self):
        return None if self._nic.isconnected() else self._missing()

    def addresses(self):
        return self._nic.ipconfig("addr4")[0], network.ipconfig("dns")

    def _missing(self):
        if not self._is_linked():
            return "no link: the cable, or what is at its other end"
        return "linked, but nobody gives an address: a DHCP server, or ethernet.address"

    def _is_linked(self):
        status = self._nic.status()
        if hasattr(network, "ETH_GOT_IP"):  # ESP32
            return status in (network.ETH_CONNECTED, network.ETH_GOT_IP)  # type: ignore - of an ESP32
        return status > 0


def _parse(text):
    """("192.168.1.7", "255.255.255.0") of "192.168.1.7/24"; None where it is no such text."""
    address, _, bits = text.partition("/")
    if not udp.is_address(address) or not bits.isdigit() or len(bits) > 2 or not 8 <= int(bits) <= 30:
        return None
    mask = (1 << 32) - (1 << 32 - int(bits))
    return address, "%d.%d.%d.%d" % (mask >> 24, mask >> 16 & 255, mask >> 8 & 255, mask & 255)
