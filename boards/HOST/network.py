"""MicroPython's `network` for the simulated board: an access point "HOST", password "secnode-host"; a cable (sim_lan.py).

It answers in control time (pace.py), with the status codes of an RP2040 or, by `behave_as("esp32")`, of an ESP32.
"""

from secnode import pace
from sim_air import DNS, FAULTS, NTP_ADDRESS, air  # noqa: F401 - for who breaks them
from sim_lan import LAN, WIZNET5K  # noqa: F401 - as network.WIZNET5K

SSID = "HOST"
PASSWORD = "secnode-host"

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

_ETHERNET = {"ETH_CONNECTED": 3, "ETH_GOT_IP": 5}  # an ESP32's
PHY_LAN8720 = 0


def behave_as(port):
    """Have the status codes of "rp2" or "esp32"."""
    globals().update(_CODES[port])
    for name, code in _ETHERNET.items():
        if port == "esp32":
            globals()[name] = code
        else:
            globals().pop(name, None)
    air.port = port


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


def ipconfig(key=None, **settings):
    """`ipconfig("dns")`, or `ipconfig(dns="192.0.2.1")`."""
    if settings:
        for name, value in settings.items():
            if name != "dns":
                raise ValueError("unexpected key")
            air.dns = value
        return
    if key != "dns":
        raise ValueError("unexpected key")
    return air.dns


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

    def changes(self, now):
        """What was not connected meets other surroundings."""
        if self._begin is not None and not self.isconnected():
            self._begin = now

    def changed(self, now):
        pass

    def carries(self):
        return air.broken not in ("ap_gone", "ap_deaf") and self.isconnected()

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
        return "192.0.2.%d" % air.address, "255.255.255.0", "192.0.2.1", DNS
