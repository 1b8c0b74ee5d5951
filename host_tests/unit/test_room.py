"""What is written to lwIP finds room there, whatever is acknowledged and when (firmware/transport/room.py)."""

import importlib.util
import random
import sys
import types

import pytest

from tools import paths

HEAP = 8000  # as MicroPython builds it for port rp2
SEGMENTS = 32
MSS = 800
HEADERS = 98  # bytes beside the data of what begins a segment, and of what is added to one
ADDED = 24


class Lwip:
    """Its memory as tcp_write() fills it at worst: what waits is never sent, so that each small piece is one more buffer."""

    def __init__(self):
        self.pieces = []  # [whose, bytes taken, bytes left in it for more]

    def fits(self, n):
        return self.free() >= n + HEADERS

    def free(self):
        return HEAP - sum(taken for _, taken, _ in self.pieces)

    def write(self, client, n, collects):
        mine = [piece for piece in self.pieces if piece[0] is client]
        if mine:
            used = min(n, mine[-1][2])
            mine[-1][2] -= used
            n -= used
        while n > 0:
            # what is collected takes a whole segment, but for the first one
            size = MSS if collects and mine else n
            self.pieces.append([client, size + (ADDED if mine and not collects else HEADERS), size - n])
            n -= size
        assert self.free() >= 0
        assert len(self.pieces) <= SEGMENTS


class Client:
    unasked = 0
    collects = False

    def collect(self, on):
        self.collects = on


@pytest.fixture
def of_room(monkeypatch):
    """The class Room."""
    monkeypatch.setitem(sys.modules, "micropython", types.SimpleNamespace(const=int))
    spec = importlib.util.spec_from_file_location("room", paths.FIRMWARE / "transport" / "room.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Room


def test_what_is_written_finds_room(of_room):
    for seed in range(300):
        chance = random.Random(seed)
        lwip = Lwip()
        room = of_room(lwip.fits)
        clients = [Client() for _ in range(chance.choice((1, 2, 3)))]
        longest = chance.choice((20, 100, 512, 1024))
        written = 0
        for _ in range(400):
            client = chance.choice(clients)
            n = room.of(client, chance.randint(12, longest))
            if n:
                lwip.write(client, n, client.collects)
                written += n
            if seed % 2 and chance.random() < 0.2 and lwip.pieces:
                lwip.pieces.pop(0)
        assert written > 500


def test_who_asks_is_served_beside_two_who_take_nothing(of_room):
    lwip = Lwip()
    room = of_room(lwip.fits)
    deaf = Client(), Client()
    for _ in range(200):
        for client in deaf:
            n = room.of(client, 512)
            if n:
                lwip.write(client, n, client.collects)
    other = Client()
    for _ in range(100):
        other.unasked = 0
        assert room.of(other, 300) == 300
        lwip.write(other, 300, other.collects)
        lwip.pieces = [piece for piece in lwip.pieces if piece[0] is not other]
