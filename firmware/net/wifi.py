"""Stays connected to a Wi-Fi network, whatever happens to it. Neither the network's name nor its password is ever told."""

import network
from micropython import const
from net.link import Link
from secnode import pace

_TRY = const(60)  # s for a try
_EARLY = const(15)  # s; before, an ESP32 may still give the reason of an earlier failure
_STABLE = const(5)  # s that a connection has to last before it counts
_HANDSHAKE = (15, 204)  # an ESP32's reasons that mean a wrong password as well
_RECONNECTS = const(2)  # an ESP32's own tries; without a limit it never says what is wrong


class Wifi(Link):
    """The board's connection to a Wi-Fi network (see Link). Making it switches the radio on, which may take 2 s.

    Raises OSError where the radio can't be switched on, ValueError for a country that it does not know.
    """

    section = "wifi"
    kind = "Wi-Fi"

    def __init__(self, settings, name):
        self._ssid = settings.text("wifi", "ssid", "", 1, 32)
        self._password = settings.text("wifi", "password", "", 8, 64)
        self._status = 0
        country = settings.text("wifi", "country", "", 2, 2)
        if country:
            network.country(country)
        super().__init__(settings, name)
        self._wlan = wlan = network.WLAN()
        wlan.active(True)
        wlan.config(pm=wlan.PM_NONE)  # asleep it misses what is sent to it
        if network.STAT_IDLE:
            wlan.config(reconnects=_RECONNECTS)  # ESP32

    def begin(self):
        self._wlan.disconnect()

    async def connect(self):
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

    def lost(self):
        return None if self._wlan.isconnected() else "the connection is lost"

    def addresses(self):
        address, _, _, server = self._wlan.ifconfig()
        return address, server
