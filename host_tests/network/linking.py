"""net/ and discovery over the simulated radio, answering questions at either level (see ../properties/driver.py).

Control time is virtual: it goes on when somebody sleeps, and an hour is over at once.
"""

import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/properties")
sys.path.append(sys.argv[1] + "/../boards/HOST")

import asyncio

import driver  # puts the firmware on the path
from coded import to_bytes, to_hex

import network
import sim_air
from modules import timekeeper
from net import dns, ethernet, link, ntp, udp, wifi
from secnode import log, pace
from settings import Settings
from transport import discovery


class Over(BaseException):
    """The end of a trial; nothing catches it."""


class Time:
    """Stands in for `pace`: events are [s, name of a fault or function], the trial ends at `seconds`."""

    def __init__(self, events, seconds):
        self.now = 0
        self.events = events
        self.end = seconds * 1000
        pace.ticks_ms, pace.sleep_ms = self.ticks_ms, self.sleep_ms

    def ticks_ms(self):
        return self.now

    async def sleep_ms(self, ms):
        self.now += ms
        self.happen()
        if self.now >= self.end:
            raise Over()
        await asyncio.sleep_ms(0)

    def happen(self):
        while self.events and self.events[0][0] * 1000 <= self.now:
            what = self.events.pop(0)[1]
            if callable(what):
                what()
            else:
                network.air.fault(what)


class Kept(Settings):
    """settings.json without a file."""

    def __init__(self, sections):
        self.sections = sections


class Clients:
    """The TCP server, as the connection sees it."""

    def __init__(self, told):
        self.told = told
        self.there = False

    def alive(self):
        return self.there

    def end_all(self):
        self.told("clients ended")


def connection(port, sections, events, seconds, name="test", client=False):
    """What a board says and does while events ([s, fault]) happen.

    Gives [[s, what], ...], what the radio was told, [ssid, key] of the last try, and [host name, country] as it got them.
    """
    network.air.__init__()
    network.behave_as(port)
    said = []
    time = Time(events, seconds)

    def told(text):
        said.append([round(time.now / 1000), text])

    log.sinks[:] = [lambda level, module, text: told(log.NAMES[level] + " " + text)]
    clients = Clients(told)
    clients.there = client
    hold(wifi.Wifi(Kept(sections), name), clients, told)
    wlan = network.air.wlan
    return said, wlan.settings, [wlan._ssid, wlan._key], network.air.names


def hold(link, clients, told):
    try:
        asyncio.run(link.run(clients, lambda: told("announced " + link.address)))
    except Over:
        told("up" if link.up.is_set() else "down")


def cable(port, sections, events, seconds, client=False):
    """As connection(), with a cable: what is said."""
    network.air.__init__()
    network.behave_as(port)
    said = []
    time = Time(events, seconds)

    def told(text):
        said.append([round(time.now / 1000), text])

    log.sinks[:] = [lambda level, module, text: told(log.NAMES[level] + " " + text)]
    clients = Clients(told)
    clients.there = client
    nic = network.LAN(0) if port == "esp32" else network.WIZNET5K()
    hold(ethernet.Ethernet(Kept(sections), "test", nic), clients, told)
    return said


def label(text):
    return link._label(text)


# ---- questions over UDP


class Asked:
    """In place of udp.ask: gives what `answers` makes of a question; counts."""

    def __init__(self, answer):
        self.answer = answer
        self.hosts = []
        self.real, udp.ask = udp.ask, self.ask

    async def ask(self, host, port, question, answer, timeout):
        self.hosts.append(host)
        found = self.answer(bytes(question))[: len(answer)]
        answer[: len(found)] = found
        return len(found)

    def over(self):
        udp.ask = self.real


def lookup(name, answer):
    """[question, what lookup makes of an answer (hex; its first two bytes are the question's)]."""
    questions = []

    def give(question):
        questions.append(to_hex(question))
        return question[:2] + to_bytes(answer)[2:] if answer else b""

    asked = Asked(give)
    try:
        return [asyncio.run(dns.lookup("192.0.2.1", name)), questions]
    finally:
        asked.over()


def ask_time(answer, nonce=True):
    """What NTP makes of an answer (hex), bytes 24 to 31 of which become the question's."""

    def give(question):
        packet = to_bytes(answer)
        return packet[:24] + question[40:48] + packet[32:] if nonce and len(packet) > 32 else packet

    asked = Asked(give)
    try:
        return asyncio.run(ntp.ask("192.0.2.123"))
    finally:
        asked.over()


class Link:
    dns = "192.0.2.1"

    def __init__(self, server):
        self.time_server = server
        self.up = asyncio.Event()
        self.up.set()


def keep_time(server, faults, seconds):
    """[[s, time that the clock was set to, in s], ...], what was logged, and who was asked."""
    network.air.__init__()
    network.behave_as("rp2")
    said = []
    log.sinks[:] = [lambda level, module, text: said.append(text)]
    time = Time([], 1000000)
    # a link that was up all the time
    wlan = network.WLAN()
    wlan.active(True)
    wlan.connect(network.SSID, network.PASSWORD)
    time.now = 10000
    time.events, time.end = faults, seconds * 1000
    time.happen()
    found = []
    hosts = []

    async def set_clock(seconds, ms):
        found.append([round(time.now / 1000), seconds])

    async def ask(host, *args):
        hosts.append(host)
        return await real(host, *args)

    real, udp.ask = udp.ask, ask
    try:
        asyncio.run(ntp.run([Link(server)], set_clock))
    except Over:
        return found, said, hosts
    finally:
        udp.ask = real


def ask(host, port, question, size, timeout):
    """[answer (hex), how often something else could run meanwhile] over the real network."""
    turns = 0

    async def count():
        nonlocal turns
        while True:
            await asyncio.sleep_ms(10)
            turns += 1

    async def both():
        other = asyncio.create_task(count())
        answer = bytearray(size)
        n = await sim_air._real_ask(host, port, to_bytes(question), answer, timeout)
        other.cancel()
        return to_hex(answer[:n]), turns

    return asyncio.run(both())


def parse_time(text):
    return timekeeper._parse(text)


def is_address(text):
    return udp.is_address(text)


def is_question(data):
    """Whether a datagram (hex) is answered by discovery."""
    return discovery._is_question(to_bytes(data))


OPERATIONS = (connection, cable, label, lookup, ask_time, keep_time, ask, parse_time, is_address, is_question)

if __name__ == "__main__":
    driver.serve({operation.__name__: operation for operation in OPERATIONS})
