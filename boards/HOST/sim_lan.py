"""The simulated board's wired interfaces: a W5500 as RP2040 boards have it, and an ESP32's own with a PHY.

Each as its port's C code does it: when a DHCP server is asked, what tells that there is a link, and what blocks.
"""

import time

from secnode import pace
from sim_air import DNS, air

_LINK = 2000  # ms that two ends take to agree
_ANSWER = 500  # ms that a DHCP server takes
_FIRST = 2000  # ms to its next question, doubled each time, up to
_LONGEST = 60000
_NONE = "0.0.0.0"


class _Nic:
    """What both have in common. A link begins `_LINK` after the cable is there and the interface is on."""

    def __init__(self):
        air.lan = self
        self._on = False
        self._since = 0  # ticks: the cable is there, and it is on
        self._next = None  # ticks of the next question to a DHCP server
        self._pause = _FIRST
        self._bound = None  # ticks of its answer
        self._fixed = None
        self._was = False

    def active(self, on=None):
        if on is None:
            return self._on
        if on and not self._on:
            self._since = pace.ticks_ms()
            self._on = True
            self._begin()
        elif not on:
            self._on = False

    def _ask(self, at):
        self._next, self._pause, self._bound = at, _FIRST, None

    def _linked(self, at):
        return self._on and air.broken != "cable_pulled" and pace.ticks_diff(at, self._since) >= _LINK

    def changes(self, now):
        """All until now happened in these surroundings."""
        self._was = self._linked(now)
        self._happened(now)

    def _happened(self, now):
        while self._next is not None and pace.ticks_diff(now, self._next) >= 0:
            if self._linked(self._next) and air.broken != "dhcp_silent":
                self._bound = pace.ticks_add(self._next, _ANSWER)
                air.dns = DNS
                self._next = None
            else:
                self._next = pace.ticks_add(self._next, self._pause)
                self._pause = min(self._pause * 2, _LONGEST)

    def _address(self):
        if self._fixed:
            return self._fixed[0]
        now = pace.ticks_ms()
        self._happened(now)
        if self._bound is None or pace.ticks_diff(now, self._bound) < 0:
            return _NONE
        return "192.0.2.%d" % air.address

    def isconnected(self):
        return self._linked(pace.ticks_ms()) and self._address() != _NONE

    def carries(self):
        return air.broken != "switch_deaf" and self.isconnected()

    def ipconfig(self, key=None, **settings):
        if key is not None:
            return {
                "addr4": (self._address(), self._fixed[1] if self._fixed else "255.255.255.0"),
                "gw4": "192.0.2.1",
                "dhcp4": not self._fixed,
            }[key]
        for name, value in settings.items():
            if name == "addr4":
                self._fixed, self._next, self._bound = value, None, None
            elif name == "dhcp4" and value:
                self._renew()
            elif name == "dhcp4":
                self._next = self._bound = None
            elif name != "gw4":
                raise ValueError("unexpected key")

    def ifconfig(self, settings=None):
        if settings is None:
            return self._address(), "255.255.255.0", "192.0.2.1", air.dns
        if settings == "dhcp":
            self._wait()
            return
        self._fixed = settings[:2]
        air.dns = settings[3]


class WIZNET5K(_Nic):
    """Its lwIP does not hear of the cable: it asks as soon as it is on, pausing up to a minute; a lease outlasts a cut."""

    agreed = 0b110  # what two ends agree on, as PHYCFGR has it: 100 Mbit/s (2), full duplex (4)

    def __init__(self, spi=None, cs=None, reset=None):
        super().__init__()

    def active(self, on=None):
        if on and not self._on:
            time.sleep_ms(410)  # the chip's reset
        return super().active(on)

    def _begin(self):
        self._ask(self._since)

    def _renew(self):
        now = pace.ticks_ms()
        self._happened(now)
        if self._bound is None:
            self._ask(now)

    def changed(self, now):
        if not self._was:
            self._since = now

    def status(self):
        return 2 if self._linked(pace.ticks_ms()) else 0

    def regs(self):
        """Print the chip's registers, as MicroPython's does: those of all, then those of a socket."""
        common = bytearray(0x50)
        common[0x2E] = 0xB8 | (self.agreed | 1 if self._linked(pace.ticks_ms()) else 0)  # PHYCFGR
        common[0x39] = 4  # VERSIONR
        _dump("Wiz CREG:", common)
        for socket in range(4):
            _dump("Wiz SREG[%d]:" % socket, bytearray(0x30))

    def _wait(self):
        """As its C code: nothing else runs, not even the watchdog's feeder."""
        self._renew()
        for _ in range(100):
            if self._address() != _NONE:
                return
            time.sleep_ms(100)
        raise OSError("timeout waiting for DHCP to get IP address")


def _dump(title, registers):
    print(title, end="")
    for i in range(len(registers)):
        if not i % 16:
            print("\n  %04x:" % i, end="")
        print(" %02x" % registers[i], end="")
    print()


class LAN(_Nic):
    """It asks whenever a link begins, and has no address without one."""

    def __init__(self, id=0, **pins):
        super().__init__()

    def _begin(self):
        if not self._fixed:
            linked, now = pace.ticks_add(self._since, _LINK), pace.ticks_ms()
            self._ask(linked if pace.ticks_diff(linked, now) > 0 else now)

    def _renew(self):
        self._fixed = None
        if self._next is None and self._bound is None and self._on:
            self._begin()

    def changed(self, now):
        if air.broken == "cable_pulled":
            self._next = self._bound = None
        elif not self._was:
            self._since = now
            if self._on:
                self._begin()

    def status(self):
        if not self._on:
            return 0
        if not self._linked(pace.ticks_ms()):
            return 4
        return 5 if self._address() != _NONE else 3

    def _wait(self):
        self._renew()
